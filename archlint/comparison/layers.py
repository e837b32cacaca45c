"""Which layers of two models correspond, and how they differ."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import TypeAlias

from archlint.drawing.picture import Box, Picture
from archlint.facts.table import Count

FIRST, SECOND = re.compile(r"(.)([A-Z][a-z]+)"), re.compile(r"([a-z])([A-Z])")
"""How Keras makes `conv2d` and `batch_normalization` of the names of classes."""

Pair: TypeAlias = tuple[Box, Box]


@dataclass(frozen=True, slots=True)
class LayerChange:
    """A layer that is in both.  arguments: (name, before, after), None for one that is not stated.

    renamed: the path before, where it is another.  takes: what it is applied to, before and after, if that is not the
    same any more.  Shapes and parameters are those of both, also where they are equal.
    """

    path: str
    op: str
    op_before: str
    line: int | None
    arguments: tuple[tuple[str, str | None, str | None], ...]
    params: tuple[Count, Count]
    shapes: tuple[str, str]
    renamed: str = ""
    takes: tuple[str, str] | None = None

    @property
    def own(self) -> bool:
        """Did the layer itself change, and not only what reaches it?"""
        return bool(self.arguments) or self.op != self.op_before or self.takes is not None


@dataclass(frozen=True, slots=True)
class LayerRow:
    """A layer, or a whole module, that is in one of the two only.  layers: how many calls it stands for."""

    path: str
    op: str
    line: int | None
    params: Count
    shape: str
    arguments: str = ""
    layers: int = 1


@dataclass(slots=True)
class LayerChanges:
    """changed: by their own definition; follow: whose shapes or parameters follow from that; renamed: (from, to)."""

    added: list[LayerRow] = field(default_factory=list)
    removed: list[LayerRow] = field(default_factory=list)
    changed: list[LayerChange] = field(default_factory=list)
    follow: list[LayerChange] = field(default_factory=list)
    renamed: list[tuple[str, str]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed or self.follow or self.renamed)


def compare_layers(old: Picture, new: Picture) -> LayerChanges:
    """What became of the layers of a model."""
    before, after = _layers(old), _layers(new)
    pairs = paired(before, after)
    there = {b.number: a for a, b in pairs}
    kept = {a.number for a, _ in pairs}
    found = LayerChanges(
        added=_rows(new, [box for box in after if box.number not in there]),
        removed=_rows(old, [box for box in before if box.number not in kept]),
    )
    match = {a.number: b.number for a, b in pairs}
    for a, b in sorted(pairs, key=lambda pair: pair[1].number):
        change = _change(a, b, _rewired(a, b, old, new, match))
        if change.own:
            found.changed.append(change)
        elif change.params[0] != change.params[1] or change.shapes[0] != change.shapes[1]:
            found.follow.append(change)
        if change.renamed:
            found.renamed.append((change.renamed, b.path))
    return found


def _layers(picture: Picture) -> list[Box]:
    return [box for box in picture.boxes if box.kind in ("layer", "variable")]


def paired(before: Sequence[Box], after: Sequence[Box]) -> list[Pair]:
    """The layers that correspond: equal ones in order, then those of one path, then renamed ones, then by operation.

    Names that Keras makes up (`conv2d_3`) count layers, and say nothing of which one it is.
    """
    pairs = _in_order(before, after, lambda box: (_name(box), box.op_name, box.arguments))
    left, right = _rest(before, after, pairs)
    pairs += _by_path(left, right)
    left, right = _rest(before, after, pairs)
    pairs += _in_order(
        [box for box in left if _name(box)], [box for box in right if _name(box)],
        lambda box: (box.op_name, box.arguments, box.params, box.path.rpartition(".")[2]),
    )  # fmt: skip
    pairs += _between(
        before, after, pairs, lambda box: (box.op_name, box.arguments, box.params) if _name(box) else None
    )
    return pairs + _between(before, after, pairs, lambda box: None if _name(box) else box.op_name)


def _between(
    before: Sequence[Box], after: Sequence[Box], pairs: Sequence[Pair], token: Callable[[Box], object]
) -> list[Pair]:
    """Pairs of equal tokens between the same neighbours that are paired already; None is no token."""
    left, right = _rest(before, after, pairs)
    passed = _gaps(before, [a for a, _ in pairs]), _gaps(after, [b for _, b in pairs])
    sides = [[box for box in side if token(box) is not None] for side in (left, right)]
    tokens: list[list[object]] = [[(gaps[box.number], token(box)) for box in side] for gaps, side in zip(passed, sides)]
    return _runs(sides[0], sides[1], tokens[0], tokens[1])


def _in_order(before: Sequence[Box], after: Sequence[Box], token: Callable[[Box], object]) -> list[Pair]:
    """Pairs of equal tokens, by the longest common runs."""
    return _runs(before, after, [*map(token, before)], [*map(token, after)])


def _runs(before: Sequence[Box], after: Sequence[Box], left: list[object], right: list[object]) -> list[Pair]:
    matcher: SequenceMatcher[object] = SequenceMatcher(None, left, right, autojunk=False)
    return [
        (before[block.a + step], after[block.b + step])
        for block in matcher.get_matching_blocks()
        for step in range(block.size)
    ]


def _rest(before: Sequence[Box], after: Sequence[Box], pairs: Iterable[Pair]) -> tuple[list[Box], list[Box]]:
    left, right = set(), set()
    for a, b in pairs:
        left.add(a.number)
        right.add(b.number)
    return [box for box in before if box.number not in left], [box for box in after if box.number not in right]


def _by_path(before: Iterable[Box], after: Iterable[Box]) -> list[Pair]:
    """Pairs of one path, the first call with the first."""
    waiting: dict[str, list[Box]] = {}
    for box in after:
        if _name(box):
            waiting.setdefault(box.path, []).append(box)
    found = []
    for box in before:
        same = waiting.get(box.path) if _name(box) else None
        if same:
            found.append((box, same.pop(0)))
    return found


def _gaps(boxes: Sequence[Box], known: Sequence[Box]) -> dict[int, int]:
    """For each box how many of those that are paired come before it."""
    numbers = {box.number for box in known}
    found, passed = {}, 0
    for box in boxes:
        passed += box.number in numbers
        found[box.number] = passed
    return found


def _name(box: Box) -> str:
    """The path of a layer, "" for one that the framework made up from its class and a number."""
    own = re.split(r"[./]", box.path)[-1]
    made_up = SECOND.sub(r"\1_\2", FIRST.sub(r"\1_\2", box.op)).lower()
    return "" if re.fullmatch(rf"{re.escape(made_up)}(_\d+)?", own) and "_" not in box.path[: -len(own)] else box.path


def _change(a: Box, b: Box, takes: tuple[str, str] | None) -> LayerChange:
    stated = dict(a.arguments), dict(b.arguments)
    names = dict.fromkeys((*stated[0], *stated[1]))
    return LayerChange(
        path=b.path,
        op=b.op,
        op_before=a.op,
        line=None if b.place is None else b.place.line,
        arguments=tuple((n, stated[0].get(n), stated[1].get(n)) for n in names if stated[0].get(n) != stated[1].get(n)),
        params=(a.params, b.params),
        shapes=(a.shape, b.shape),
        renamed=a.path if _name(a) != _name(b) and a.path != b.path else "",
        takes=takes,
    )


def _rewired(a: Box, b: Box, old: Picture, new: Picture, match: dict[int, int]) -> tuple[str, str] | None:
    """What a layer takes before and after, if all of it is in both models and it is not the same."""
    before, after = old.edges_to(a.number), new.edges_to(b.number)
    expected = [match.get(edge.source, -1 if old.boxes[edge.source].kind != "input" else -2) for edge in before]
    there = [edge.source if new.boxes[edge.source].kind != "input" else -2 for edge in after]
    if -1 in expected or not set(there) <= {*match.values(), -2} or expected == there:
        return None
    return _sources(old, a), _sources(new, b)


def _sources(picture: Picture, box: Box) -> str:
    taken = [picture.boxes[edge.source] for edge in picture.edges_to(box.number)]
    return ", ".join(one.path or one.op.removeprefix("operator") for one in taken) or "nothing"


def _rows(picture: Picture, boxes: Sequence[Box]) -> list[LayerRow]:
    """Rows for layers; a module of which all layers are among them is one row."""
    numbers = {box.number for box in boxes}
    done: set[int] = set()
    rows = []
    for box in boxes:
        if box.number in done:
            continue
        whole = _whole_module(picture, box, numbers)
        if whole is None:
            rows.append(_row(box))
            continue
        group = picture.group(whole)
        inner = list(picture.inside(whole))
        done.update(one.number for one in inner)
        line = inner[0].place.line if inner[0].place is not None else None
        name = group.class_name or "module"
        rows.append(LayerRow(group.path, name, line, group.params, "  ".join(group.shapes), "", len(inner)))
    return rows


def _whole_module(picture: Picture, box: Box, numbers: set[int]) -> int | None:
    """The outermost module (no row of equal ones) around a box that is in one of the two models only."""
    found = None
    for group in picture.ancestors(box.number):
        if group == picture.root or not all(one.number in numbers for one in picture.inside(group)):
            break
        if "…" not in picture.group(group).label:
            found = group
    return found


def _row(box: Box) -> LayerRow:
    arguments = ", ".join(f"{name}={text}" for name, text in box.arguments)
    line = None if box.place is None else box.place.line
    return LayerRow(box.path, box.op.removeprefix("operator"), line, box.params, box.shape, arguments)
