"""`compose`: a model and its findings as a picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from archlint.diagnostic import Diagnostic
from archlint.dims import Dim, Size, add
from archlint.drawing.attach import attached
from archlint.drawing.homes import homes, in_order
from archlint.drawing.nesting import nest
from archlint.drawing.picture import Box, Edge, Kind, Mark, Picture, Place
from archlint.facts.batch import batch_axis
from archlint.facts.layer_counts import first_applications
from archlint.facts.macs import macs
from archlint.facts.summary import count, dims, summarize
from archlint.facts.table import Count, Row
from archlint.graph import Node
from archlint.model import Model
from archlint.text import LineIndex, Span, line_shown
from archlint.values import External, Tensor

LONGEST_ARGUMENT, LONGEST_SIZE = 60, 60
UNKNOWN = "?"
WEIGHTED = ("conv", "conv_transpose", "dense", "recurrent", "embedding", "norm", "attention")
"""Families of layers that are worth telling that they are applied again."""


def compose(model: Model, findings: Sequence[Diagnostic], texts: Mapping[str, LineIndex]) -> Picture:
    """The drawing of a model.  texts: of the files that it and the findings stand in."""
    summary = summarize(model)
    rows = {row.node: row for row in summary.rows}
    wanted = {node.id for node in model.nodes if node.id in rows or node.family in ("input", "join", "variable")}
    seen = [node for node in model.nodes if node.id in wanted - _met_in_vain(model)]
    drawn = in_order(model, seen)
    numbers = {node.id: number for number, node in enumerate(drawn)}
    home = homes(model)
    picture = Picture(
        model=model.name,
        framework=model.framework,
        place=place_of(model.span, texts) or Place(model.span.path, 1, 1, 1),
        entry=model.entry,
        boxes=[_box(numbers[node.id], node, rows.get(node.id), texts) for node in drawn],
        groups=[],
        edges=[edge for node in drawn for edge in _edges(node, model, numbers)],
        marks=[],
        totals=summary.totals,
        understood=summary.understood,
        notes=summary.stops,
    )
    around = [home[node.id] for node in drawn]
    given = _given_back(model, numbers)
    for place, node in enumerate(given):
        tensor, source = model.nodes[node].output, numbers[node]
        number = len(picture.boxes)
        name = "" if len(given) == 1 else f"output {place}"
        shape = _shape(tensor)
        picture.boxes.append(Box(number, "output", "output", "output", "output", name, shape, dims(tensor)))
        picture.edges.append(Edge(source, 0, number, 0, shape))
        around.append(())
    nest(picture, around, {module.path: module.class_name for module in model.modules})
    for found in findings:
        boxes = tuple(numbers[node.id] for node in attached(found, model) if node.id in numbers)
        picture.marks.append(mark_of(found, texts, boxes))
    _total(picture, model, {number: model.nodes[node] for node, number in numbers.items()})
    return picture


def place_of(span: Span, texts: Mapping[str, LineIndex]) -> Place | None:
    """Lines of a span, if the text of its file is at hand."""
    lines = texts.get(span.path)
    if lines is None:
        return None
    offset = min(span.start, len(lines.text))
    start, line = lines.position(offset), lines.line_of(offset)
    end = lines.line_of(max(span.start, min(span.end, len(lines.text)) - 1))
    return Place(span.path, line, start.column, max(line, end), line_shown(start.line, start.cell))


def _box(number: int, node: Node, row: Row | None, texts: Mapping[str, LineIndex]) -> Box:
    kind: Kind = "layer"
    if node.family in ("input", "join", "variable"):
        kind = "input" if node.family == "input" else "join" if node.family == "join" else "variable"
    box = Box(
        number,
        kind,
        "input" if kind == "input" else node.op.rpartition(".")[2],
        node.op,
        node.family,
        _path(node, kind),
        _shape(node.output),
        dims(node.output),
        arguments=tuple(_arguments(node)) if kind == "layer" else (),
        place=place_of(node.span, texts),
        made=None if node.made_at in (None, node.span) else place_of(node.made_at, texts),
        unknown=node.unknown,
        undecided=bool(node.branch),
        repeats=node.repeats,
    )
    if row is None:
        box.params = count(node.out.params)
        return box
    box.params, box.state, box.macs = row.params, row.state, row.macs
    box.shared = row.shared and node.family in WEIGHTED
    box.receptive_field, box.memory = row.receptive_field, row.memory
    return box


def _path(node: Node, kind: Kind) -> str:
    """A tensor that a function makes for itself, as the weights in `F.linear(x, self.w)`, is no `input`."""
    if kind == "input":
        return node.path or (node.names[0][0] if node.names else "")
    return "" if kind == "variable" and node.path == "input" else node.path


def _shape(tensor: Tensor) -> str:
    """`(N, 64, H//2, W//2)`; a size that takes too long to read is `…`."""
    if tensor.shape is None:
        return UNKNOWN if tensor.last is None else f"(..., {_size(tensor.last)})"
    return f"({', '.join(map(_size, tensor.shape))}{',' * (len(tensor.shape) == 1)})"


@lru_cache(maxsize=1 << 14)
def _size(size: Size) -> str:
    text = UNKNOWN if size is None else str(size)
    return text if len(text) <= LONGEST_SIZE else "…"


def _arguments(node: Node) -> Iterator[tuple[str, str]]:
    """What the source states of a layer, as it would be written: `kernel_size` `3`."""
    for name, value in node.args.items():
        if name in node.given:
            text = written(value)
            if text is not None:
                yield name, text if len(text) <= LONGEST_ARGUMENT else f"{text[: LONGEST_ARGUMENT - 1]}…"


def written(value: Any) -> str | None:
    """A value as source would write it; None for what has no short form."""
    match value:
        case None | bool() | int() | float() | str():
            return repr(value)
        case Dim():
            return str(value)
        case External():
            return value.name.rpartition(".")[2]
        case tuple() if len(value) <= 8:
            parts = [written(item) for item in value]
            return None if None in parts else f"({', '.join(filter(None, parts))}{',' * (len(parts) == 1)})"
    return None


def _edges(node: Node, model: Model, numbers: Mapping[int, int]) -> Iterator[Edge]:
    for place, tensor in enumerate(node.inputs):
        source = _producer(tensor, model, numbers)
        if source is not None:
            yield Edge(numbers[source.node], source.slot, numbers[node.id], place, _shape(source))


def _producer(tensor: Tensor, model: Model, numbers: Mapping[int, int]) -> Tensor | None:
    """Where a tensor comes from; calls that only pass it on, as `x.contiguous()`, are not drawn."""
    while tensor.node >= 0 and tensor.node not in numbers:
        inputs = [one for one in model.graph[tensor.node].inputs if one.node >= 0]
        if not inputs:
            return None
        tensor = inputs[0]
    return tensor if tensor.node >= 0 else None


def _given_back(model: Model, numbers: Mapping[int, int]) -> list[int]:
    loose = [] if model.framework == "torch" else model.outputs  # what nothing takes need not be given back
    ends = loose if model.returned is None else sorted(model.returned)
    found = (_producer(model.graph[node].output, model, numbers) for node in ends)
    return list(dict.fromkeys(one.node for one in found if one is not None))


def _met_in_vain(model: Model) -> set[int]:
    """Where branches meet and nothing goes on: names that both arms bind and that are read in them alone."""
    vain: set[int] = set()
    for node in reversed(model.nodes) if model.returned is not None else ():
        taken = node.id in (model.returned or ()) or any(one.id not in vain for one in model.graph.consumers(node.id))
        if node.family == "join" and not taken:
            vain.add(node.id)
    return vain


def mark_of(found: Diagnostic, texts: Mapping[str, LineIndex], boxes: tuple[int, ...] = ()) -> Mark:
    """A finding as a drawing knows it."""
    finding = found.finding
    place = place_of(finding.span, texts)
    return Mark(found.code, found.name, found.severity, finding.message, finding.help, place, boxes)


def _total(picture: Picture, model: Model, nodes: Mapping[int, Node]) -> None:
    """What each group amounts to, and the shapes of what leaves it."""
    batch = batch_axis(model)
    leaving: dict[int, dict[tuple[int, int], str]] = {}
    for edge in picture.edges:
        around = set(picture.ancestors(edge.target))
        for number in picture.ancestors(edge.source):
            if number not in around:
                leaving.setdefault(number, {})[edge.source, edge.slot] = edge.shape
    for group in picture.groups:
        inner = [box for box in picture.inside(group.number) if box.number in nodes]
        drawn = [nodes[box.number] for box in inner]
        group.layers = sum(box.kind == "layer" for box in inner)
        group.params = _sum([node.out.params for node in first_applications(drawn)])
        group.macs = _sum([macs(node, batch) for node in drawn])
        group.shapes = tuple(dict.fromkeys(leaving.get(group.number, {}).values()))


def _sum(sizes: Sequence[Any]) -> Count:
    total: Any = 0
    for size in sizes:
        total = add(total, size)
    return count(total)
