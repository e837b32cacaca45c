"""What came out of the calls and layers that a page spells out: one place may stand for many applications."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from archlint.server.analysis import Analysis

if TYPE_CHECKING:
    from archlint.dims import Size
    from archlint.graph import Node
    from archlint.model import Model
    from archlint.text import Span
    from archlint.values import Tensor

Kind: TypeAlias = Literal["call", "module", "definition"]
SILENT = ("input", "join", "variable")
ASSIGNED = re.compile(r"[\w\])]\s*(?::[^=\n]+)?=\s*$")
DEFINED = re.compile(r"@|class\b|(?:async\s+)?def\b")
MADE = re.compile(r"(?:\w+\.)*_*[A-Z]\w*\s*\(")

SPREAD = "…"


@dataclass(slots=True)
class Place:
    """A call in the page: of a layer or function, of a module of the user's, or the definition of a layer that is
    applied without being named.  nodes: each application that ended here, with its model, in order of evaluation.
    """

    start: int
    end: int
    kind: Kind
    nodes: list[tuple[Model, Node]] = field(default_factory=list)

    @property
    def several(self) -> bool:
        """Do applications in several models, or several in one, stand here?"""
        return len(self.nodes) > 1


def places(analysis: Analysis) -> list[Place]:
    """Every place of the page that gives a tensor, in order of the text."""
    found: dict[tuple[int, int, Kind], Place] = {}

    def add(span: Span, kind: Kind, model: Model, node: Node) -> None:
        key = (span.start, span.end, kind)
        place = found.get(key)
        if place is None:
            place = found[key] = Place(span.start, span.end, kind)
        place.nodes.append((model, node))

    for model in analysis.models:
        for span, node in _ends(model, analysis.path):
            if not _is_no_call(model, span, analysis.page.text):
                add(span, "module", model, node)
        ends = _last_at(model)
        for node in model.nodes:
            if node.family in SILENT:
                continue
            if node.span.path == analysis.path and ends.get(node.id, True):
                add(node.span, "call", model, node)
            made = node.made_at
            if made is not None and made.path == analysis.path and made != node.span and _unnamed(made, analysis):
                add(made, "definition", model, node)
    called = {(p.start, p.end) for p in found.values() if p.kind == "call"}
    kept = [p for p in found.values() if p.kind != "module" or (p.start, p.end) not in called]
    return sorted(kept, key=lambda p: (p.start, -p.end))


def _is_no_call(model: Model, span: Span, text: str) -> bool:
    """Is it where a model is defined or made, which nobody calls: `class Net`, `model = ResNet(block, layers)`?"""
    if DEFINED.match(text, span.start):
        return True
    return model.framework == "torch" and bool(MADE.match(text, span.start)) and ")(" not in text[span.start : span.end]


def _last_at(model: Model) -> dict[int, bool]:
    """By node, is it what its place gives?  Of `slim.conv2d(…)` that is its activation, of a Sequential the last."""
    found: dict[int, bool] = {}
    before: Node | None = None
    for node in model.nodes:
        if node.family in SILENT:
            continue
        fed = before is not None and any(t.node == before.id for t in node.inputs)
        if before is not None and fed and before.span == node.span and before.calls == node.calls:
            found[before.id] = not _next_in_chain(before, node)
        found[node.id] = True
        before = node
    return found


def _next_in_chain(one: Node, other: Node) -> bool:
    """Does the second go on where the first ends, within one call?  In `for b in blocks: x = b(x)` each is a call."""
    return not one.names


def _ends(model: Model, path: str) -> Iterator[tuple[Span, Node]]:
    """Calls of the user's own modules and functions in the page, each with what it gives, if that is one tensor."""
    nodes = model.nodes
    consumers = {node.id: [c.id for c in model.graph.consumers(node.id)] for node in nodes}
    open_calls: list[tuple[Span, list[Node]]] = []
    for node in [n for n in nodes if n.family not in SILENT]:
        depth = 0
        while depth < min(len(open_calls), len(node.calls)) and open_calls[depth][0] == node.calls[depth]:
            depth += 1
        yield from _closed(open_calls[depth:], consumers, path)
        del open_calls[depth:]
        open_calls += [(span, []) for span in node.calls[depth:]]
        for _, members in open_calls:
            members.append(node)
    yield from _closed(open_calls, consumers, path)


def _closed(
    calls: list[tuple[Span, list[Node]]], consumers: dict[int, list[int]], path: str
) -> Iterator[tuple[Span, Node]]:
    for span, members in calls:
        own = {node.id for node in members}
        ends = [n for n in members if any(c not in own for c in consumers[n.id]) or not consumers[n.id]]
        if span.path == path and len(ends) == 1:
            yield span, ends[0]


def _unnamed(made: Span, analysis: Analysis) -> bool:
    """Is a layer made where nothing names it: `nn.Sequential(nn.Conv2d(…))`, `model.add(Dense(10))`?"""
    text = analysis.page.text
    line = text.rfind("\n", 0, made.start) + 1
    return not ASSIGNED.search(text, max(line, made.start - 200), made.start)


def label(place: Place, most: int) -> str:
    """The shape in at most so many characters; of several that differ, what is common, and from where to where."""
    shapes = [_sizes(node.output) for _, node in place.nodes]
    known = list(dict.fromkeys(shape for shape in shapes if shape is not None))
    if not known or len(known) != len(set(shapes)):
        return ""
    models = {id(model) for model, _ in place.nodes}
    if len(known) == 1:
        sizes = known[0]
    elif len({len(shape) for shape in known}) == 1:
        sizes = tuple(_spread(list(column), ordered=len(models) == 1) for column in zip(*known))
    else:
        return _short(f"{_joined(known[0])} {SPREAD} {_joined(known[-1])}", most, whole=True)
    return _fitted(sizes, most)


def _fitted(sizes: tuple[str, ...], most: int) -> str:
    """A shape; of one that is too long, the axes in the middle are left out."""
    text = _joined(sizes)
    kept = len(sizes) - 1
    while len(text) > most and kept > 1:
        kept -= 1
        text = _joined((*sizes[:kept], SPREAD, sizes[-1]))
    return _short(text, most)


def _short(text: str, most: int, *, whole: bool = False) -> str:
    if len(text) <= most:
        return text
    return "" if whole else text[: max(most - 1, 1)] + SPREAD


def _joined(sizes: Iterable[str]) -> str:
    listed = list(sizes)
    return f"({', '.join(listed)}{',' * (len(listed) == 1)})"


def _spread(column: list[str], *, ordered: bool) -> str:
    """`64…512`: from the first to the last, over models from the least to the greatest; of expressions `…` alone."""
    found = list(dict.fromkeys(column))
    if len(found) == 1:
        return found[0]
    numbers = [int(size) for size in found if size.isdigit()]
    if len(numbers) < len(found) or (ordered and column[0] == column[-1]):
        return SPREAD
    return f"{column[0]}{SPREAD}{column[-1]}" if ordered else f"{min(numbers)}{SPREAD}{max(numbers)}"


def _sizes(tensor: Tensor) -> tuple[str, ...] | None:
    """The sizes as they are shown; None where nothing is known."""
    if tensor.shape is not None:
        return tuple(size_text(size) for size in tensor.shape)
    return None if tensor.last is None else ("...", size_text(tensor.last))


def size_text(size: Size) -> str:
    """`H/2`, as people write it; whole numbers are meant."""
    from archlint.dims import show

    return show(size).replace("//", "/")


def shape_text(tensor: Tensor) -> str:
    """`(N, 64, H/2, W/2)`, or `?`."""
    sizes = _sizes(tensor)
    return "?" if sizes is None else _joined(sizes)
