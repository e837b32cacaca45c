"""`summarize`: every fact of a model in one table."""

from __future__ import annotations

from collections.abc import Iterable

from archlint.dims import Dim, Size, add, show_shape
from archlint.facts.batch import Batch, batch_axis
from archlint.facts.layer_counts import layer_counts
from archlint.facts.macs import macs, total_macs
from archlint.facts.memory import ADAM_COPIES, Memory, activation_memory
from archlint.facts.neurons import neurons
from archlint.facts.parameters import Owned, Parameters, parameters
from archlint.facts.receptive_field import Sight, receptive_fields
from archlint.facts.solver import accepted_sizes, minimum_sizes
from archlint.facts.table import Count, FieldRow, InputRow, LayerCount, MemoryRow, Row, Summary, Totals
from archlint.graph import Node
from archlint.model import Model
from archlint.text import Position, Span, line_named
from archlint.values import Tensor, Unknown

__all__ = ["Count", "FieldRow", "InputRow", "LayerCount", "MemoryRow", "Row", "Summary", "Totals", "summarize"]

FLOAT_BYTES = 4
READABLE = 80
"""Characters of the longest expression that is worth printing."""


def summarize(model: Model, batch: int | None = None) -> Summary:
    """The table of a model; memory totals are given for `batch` samples (1 if none is named)."""
    owned = parameters(model)
    memory = activation_memory(model)
    always = (node.output.shape or () for node in model.nodes if not node.branch)
    sizes = [size for shape in always for size in shape if isinstance(size, Dim)]
    return Summary(
        model=model.name,
        framework=model.framework,
        path=model.span.path,
        line=line_of(model, model.span),
        cell=cell_of(model, model.span),
        entry=model.entry,
        inputs=tuple(_input_rows(model)),
        rows=tuple(_rows(model, memory)),
        totals=_totals(model, owned),
        memory=_memory_row(memory, owned, 1 if batch is None else batch),
        counts=layer_counts(model),
        least_input={name: least for name, least in minimum_sizes(sizes).items() if least > 1},
        accepts=_accepts(model, sizes),
        understood=model.understood,
        complete=model.complete,
        stops=tuple(dict.fromkeys(_stop_text(s) for s in model.stops)),
    )


def count(size: Size) -> Count:
    """A size as plain data: a number, the text of an expression, or None (also for one too long to read)."""
    if size is None or isinstance(size, int):
        return size
    text = str(size)
    return text if len(text) <= READABLE else None


def number(size: Size) -> int | None:
    """A size that is a known number."""
    return size if isinstance(size, int) else None


def dims(x: Tensor) -> tuple[Count, ...] | None:
    """A shape as plain data."""
    return None if x.shape is None else tuple(count(s) for s in x.shape)


def line_of(model: Model, span: Span) -> int | None:
    """Line of a span in the model's own file, in a notebook that in its cell."""
    at = _position(model, span)
    return None if at is None else at.line


def cell_of(model: Model, span: Span) -> int | None:
    """Number of the cell, where the model's own file is a notebook."""
    at = _position(model, span)
    return None if at is None else at.cell


def _position(model: Model, span: Span) -> Position | None:
    file = model.file
    return file.lines.position(span.start) if file is not None and file.path == span.path else None


def shape_text(x: Tensor) -> str:
    """`(N, 64, H//2, W//2)`, or `(..., 10)` where only the last axis is known."""
    return f"(..., {x.last})" if x.shape is None and x.last is not None else show_shape(x.shape)


def _stop_text(stop: Unknown) -> str:
    return f"{stop.why}: {stop.about}" if stop.about else stop.why


def _input_rows(model: Model) -> Iterable[InputRow]:
    for one in model.inputs:
        tensor = model.graph[one.node].output
        line, cell = line_of(model, one.span), cell_of(model, one.span)
        yield InputRow(one.name, shape_text(tensor), dims(tensor), one.source, line, cell)


def _rows(model: Model, memory: Memory) -> Iterable[Row]:
    batch = batch_axis(model)
    sights = receptive_fields(model.graph)
    seen: set[int] = set()
    for node in model.nodes:
        shared = node.layer is not None and node.layer in seen
        if node.layer is not None:
            seen.add(node.layer)
        if node.family in ("input", "join", "variable") or _bookkeeping(node):
            continue
        yield _row(model, node, batch, sights[node.id], memory, shared)


def _accepts(model: Model, sizes: list[Dim]) -> str:
    """Input sizes that give the first fully connected layer the features it declares."""
    for node in model.family("dense"):
        declared = node.args.get("in_features")
        features = node.inputs[0].features if node.inputs else None
        if isinstance(declared, int) and isinstance(features, Dim):
            found = accepted_sizes(features, declared, keep=sizes)
            if found is not None:
                return str(found)
    return ""


def _bookkeeping(node: Node) -> bool:
    """Calls that only read a shape or pass a tensor on: `x.size(0)`, `x.contiguous()`."""
    return node.family == "identity" and node.layer is None


def _row(model: Model, node: Node, batch: Batch, sight: Sight, memory: Memory, shared: bool) -> Row:
    own = memory.own[node.id]
    return Row(
        node=node.id,
        path=node.path,
        op=node.op.rpartition(".")[2],
        op_name=node.op,
        family=node.family,
        shape=shape_text(node.output),
        dims=dims(node.output),
        params=0 if shared else count(node.out.params),
        state=0 if shared else count(node.out.state),
        shared=shared,
        neurons=count(neurons(node, batch)),
        macs=count(macs(node, batch)),
        receptive_field=sight.text,
        fields=tuple(
            FieldRow(name, f.size, None if f.jump is None else str(f.jump), f.whole, f.aligned)
            for name, f in sight.fields.items()
        ),
        memory=number(add(own.sample, own.fixed)),
        span=node.span,
        line=line_of(model, node.span),
        cell=cell_of(model, node.span),
        unknown=node.unknown,
    )


def _label(model: Model, layer: Owned) -> str:
    """Path of a layer; where the program gives it none, as in Keras, its class and line."""
    if layer.path and not layer.path.isdigit():
        return layer.path
    name = layer.op.rpartition(".")[2]
    at = None if layer.node is None else _position(model, model.graph[layer.node].span)
    return name if at is None else f"{name} in {line_named(at.line, at.cell)}"


def _totals(model: Model, owned: Parameters) -> Totals:
    largest = owned.largest
    return Totals(
        trainable=count(owned.trainable),
        non_trainable=count(owned.non_trainable),
        params=count(owned.total),
        unapplied=count(owned.unapplied),
        largest=_label(model, largest) if largest else "",
        largest_params=count(largest.trainable) if largest else None,
        largest_share=owned.share(largest) if largest else None,
        macs=count(total_macs(model.graph, batch_axis(model))),
    )


def _memory_row(memory: Memory, owned: Parameters, batch: int) -> MemoryRow:
    weights, trainable = number(owned.total), number(owned.trainable)
    saved, peak = memory.saved.at(batch), memory.peak(batch)
    known = weights is not None and trainable is not None
    return MemoryRow(
        batch=batch,
        outputs_per_sample=memory.outputs.at(1),
        saved_per_sample=memory.saved.at(1),
        peak_per_sample=memory.peak(1),
        outputs=memory.outputs.at(batch),
        saved=saved,
        peak=peak,
        weights=None if weights is None else weights * FLOAT_BYTES,
        training=(
            saved + (weights + (ADAM_COPIES - 1) * trainable) * FLOAT_BYTES
            if known and saved is not None and weights is not None and trainable is not None
            else None
        ),
        inference=None if weights is None or peak is None else peak + weights * FLOAT_BYTES,
        partial=memory.partial,
    )
