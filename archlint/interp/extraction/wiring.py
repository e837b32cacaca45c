"""What a model is declared to take, and what was built beside it."""

from __future__ import annotations

from typing import Any

from archlint.graph import Node
from archlint.interp.evaluator import Evaluator
from archlint.interp.extraction import data as extract_data
from archlint.interp.python import functions, receivers
from archlint.interp.python.arguments import Arguments
from archlint.interp.tensors import apply
from archlint.model import AsideRecord, GivenInput, Model
from archlint.text import Span
from archlint.values import DictValue, Function, ListValue, Object, Tensor


def functional(ev: Evaluator, model: Model, made: Object, kept: dict[int, int]) -> None:
    """Fill in what `Model(inputs=…, outputs=…)` says, and what stands beside it."""
    model.given_at = made.span
    outputs = made.attrs.get("__outputs__")
    parts = outputs.items if isinstance(outputs, ListValue) else outputs if isinstance(outputs, tuple) else [outputs]
    model.keyed = any(isinstance(part, DictValue) for part in parts or ())
    model.returned, model.given, model.aside = frozenset(model.outputs), _declared(ev, made, kept), _aside(ev, kept)


def _declared(ev: Evaluator, made: Object, kept: dict[int, int]) -> list[GivenInput] | None:
    """The tensors of `Model(inputs=…, outputs=…)`; None if they, or the outputs, are not known for certain."""
    inputs, outputs = _tensors(made.attrs.get("__inputs__")), _tensors(made.attrs.get("__outputs__"))
    if not inputs or not outputs:
        return None
    return [GivenInput(_name(ev, t), _made(ev, t, made.span), kept.get(t.node, -1)) for t in inputs]


def _tensors(value: Any) -> list[Tensor] | None:
    """The tensors of a nest of lists and dicts; None if anything else is in it."""
    if isinstance(value, Tensor):
        return [value]
    parts: Any = value
    if isinstance(value, (ListValue, DictValue)):
        parts = value.items.values() if isinstance(value, DictValue) and value.items is not None else value.items
    if not isinstance(value, (ListValue, DictValue, tuple)) or parts is None:
        return None
    found = [_tensors(part) for part in parts]
    return None if any(one is None for one in found) else [t for one in found if one is not None for t in one]


def _name(ev: Evaluator, tensor: Tensor) -> str:
    """`name=` of the Input, else the variable that holds it."""
    node = ev.node(tensor.node)
    entry = next((e for e in ev.session.entries if e.node == tensor.node), None)
    if entry is not None and entry.name != "input":
        return entry.name
    return node.names[0][0] if node is not None and node.names else "input"


def _made(ev: Evaluator, tensor: Tensor, otherwise: Span) -> Span:
    node = ev.node(tensor.node)
    return node.span if node is not None else otherwise


def _aside(ev: Evaluator, kept: dict[int, int]) -> list[AsideRecord]:
    """Layers that were applied to tensors of a functional model, on the way to no output of any model."""
    ends = [
        tensor.node
        for made in ev.session.objects
        for key in ("__inputs__", "__outputs__", "__output__")
        for tensor in apply.tensors_in(apply.plain(made.attrs.get(key)))
    ]
    used = {n.id for n in extract_data.ancestors(ev, ends)}
    found = []
    for node in ev.session.graph.nodes:
        reads = tuple(kept[t.node] for t in node.inputs if t.node in kept)
        if reads and len(reads) == len(node.inputs) and node.id not in used and _is_layer(node):
            found.append(AsideRecord(node.op, node.path, node.span, reads, _read(ev, node)))
    return found


def _is_layer(node: Node) -> bool:
    return node.layer is not None and node.root is None and not node.branch and node.family not in ("input", "loss")


def _read(ev: Evaluator, node: Node) -> bool:
    return any(t.node == node.id for other in ev.session.graph.nodes for t in other.inputs)


def note_arguments(module: Object, arguments: Arguments) -> None:
    """Write down which parameters of a model's forward are given tensors, by a call that the program spells out."""
    found = functions.method(module, "forward")
    if arguments.guessed or arguments.open or found is None or "__tensors_given__" in module.attrs:
        return
    function: Function = found[0]
    params = [p for p in receivers.params(function) if p.kind in ("posonly", "normal")]
    values = dict(zip((p.name for p in params), arguments.positional)) | arguments.keywords
    chunk = function.chunk
    module.attrs["__tensors_given__"] = [
        GivenInput(p.name, chunk.span(p.start, p.start + len(p.name)), values[p.name].node)
        for p in params
        if isinstance(values.get(p.name), Tensor)
    ]


def given(made: Object, kept: dict[int, int]) -> list[GivenInput] | None:
    """The parameters of a module's forward that were given tensors; None if nobody calls it."""
    noted = made.attrs.get("__tensors_given__")
    return None if noted is None else [GivenInput(g.name, g.span, kept.get(g.node, -1)) for g in noted]
