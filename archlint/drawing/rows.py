"""Layers of a drawing, after Sugiyama: the members of each group in rows, tensors on lanes past the rows they skip.

The rows of a group do not depend on what is folded in it or beside it, so that a page can fold and unfold modules
without doing this again; only `placing` has to be.  Rows count from 0, where tensors come in, to the last, where they
go out.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from archlint.drawing.picture import Picture

Wire: TypeAlias = tuple[int, int]
"""A tensor by the box and the slot that it comes from."""

SWEEPS = 8


@dataclass(frozen=True, slots=True)
class Cell:
    """A member of the group, or (`item` is None) the place where a wire passes."""

    item: int | None
    wire: Wire | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A wire from a cell of one row to a cell of the next, by their places in the rows."""

    above: int
    below: int
    wire: Wire


@dataclass(slots=True)
class Rows:
    """links[r]: between rows r and r + 1."""

    cells: list[list[Cell]] = field(default_factory=list)
    links: list[list[Link]] = field(default_factory=list)


@dataclass(slots=True)
class _Wired:
    """A wire within one group: from a member, or None from outside; to members, and whether it leaves."""

    source: int | None
    targets: dict[int, None] = field(default_factory=dict)
    leaves: bool = False


def arrange(picture: Picture) -> dict[int, Rows]:
    """The rows of every group, by its number."""
    wired = _wires(picture)
    return {group.number: _arranged(group.members, wired.get(group.number, {})) for group in picture.groups}


def _wires(picture: Picture) -> dict[int, dict[Wire, _Wired]]:
    found: dict[int, dict[Wire, _Wired]] = {}
    for edge in picture.edges:
        wire = (edge.source, edge.slot)
        ups, downs = _path(picture, edge.source), _path(picture, edge.target)
        for group, member in ups.items():
            inner = found.setdefault(group, {}).setdefault(wire, _Wired(member))
            if group in downs:
                inner.targets[downs[group]] = None
            else:
                inner.leaves = True
        for group, member in downs.items():
            if group not in ups:
                found.setdefault(group, {}).setdefault(wire, _Wired(None)).targets[member] = None
    for wires in found.values():
        for one in wires.values():
            if one.source is not None:
                one.targets.pop(one.source, None)
    return found


def _path(picture: Picture, box: int) -> dict[int, int]:
    """For each group around a box, the member of it that holds the box."""
    found, member = {}, box
    for group in picture.ancestors(box):
        found[group] = member
        member = group
    return found


def _arranged(members: Sequence[int], wires: Mapping[Wire, _Wired]) -> Rows:
    row_of = _ranks(members, wires)
    last = max(row_of.values(), default=0) + 1
    rows = Rows([[] for _ in range(last + 1)], [[] for _ in range(last)])
    places: dict[tuple[int, Cell], int] = {}

    def at(row: int, cell: Cell) -> int:
        if (row, cell) not in places:
            places[row, cell] = len(rows.cells[row])
            rows.cells[row].append(cell)
        return places[row, cell]

    for member in members:
        at(row_of[member], Cell(member))
    for wire, one in wires.items():
        top = 0 if one.source is None else row_of[one.source]
        ends = [row_of[target] for target in one.targets] + ([last] if one.leaves else [])
        if not ends:
            continue
        lane = Cell(None, wire)
        above = at(top, lane if one.source is None else Cell(one.source))
        for row in range(top + 1, max(ends) + 1):
            for target in one.targets:
                if row_of[target] == row:
                    rows.links[row - 1].append(Link(above, at(row, Cell(target)), wire))
            if row < max(ends) or one.leaves:
                below = at(row, lane)
                rows.links[row - 1].append(Link(above, below, wire))
                above = below
    return _ordered(rows)


def _ranks(members: Sequence[int], wires: Mapping[Wire, _Wired]) -> dict[int, int]:
    """Rows from 1 by longest path; what takes nothing (a parameter) stands right above what takes it first."""
    takes: dict[int, list[int]] = {member: [] for member in members}
    fed: set[int] = set()
    for one in wires.values():
        for target in one.targets:
            fed.add(target)
            if one.source is not None:
                takes[target].append(one.source)
    row_of: dict[int, int] = {}
    for member in members:  # in order of evaluation, so that what it takes has its row
        row_of[member] = 1 + max((row_of.get(source, 0) for source in takes[member]), default=0)
    for member in members:
        users = [row_of[other] for other in members if member in takes[other]] if member not in fed else []
        if users:
            row_of[member] = max(1, min(users) - 1)
    return row_of


def _ordered(rows: Rows) -> Rows:
    """The rows with as few crossings as sweeps by barycentre find."""
    order = [list(range(len(row))) for row in rows.cells]
    best, fewest = [list(row) for row in order], _crossings(rows, order)
    for sweep in range(SWEEPS):
        if fewest == 0:
            break
        down = sweep % 2 == 0
        for row in range(1, len(order)) if down else range(len(order) - 2, -1, -1):
            _sort(rows, order, row, down=down)
        crossed = _crossings(rows, order)
        if crossed < fewest:
            best, fewest = [list(row) for row in order], crossed
    return _renumbered(rows, best)


def _sort(rows: Rows, order: list[list[int]], row: int, *, down: bool) -> None:
    """Order a row by the mean place of what its cells are linked to in the row before it (`down`) or behind it."""
    other = order[row - 1 if down else row + 1]
    place = {cell: at for at, cell in enumerate(other)}
    linked: dict[int, list[int]] = {}
    for link in rows.links[row - 1 if down else row]:
        mine, theirs = (link.below, link.above) if down else (link.above, link.below)
        linked.setdefault(mine, []).append(place[theirs])
    now = {cell: at * max(len(other), 1) / max(len(order[row]), 1) for at, cell in enumerate(order[row])}
    mean = {cell: sum(found) / len(found) for cell, found in linked.items()}
    order[row].sort(key=lambda cell: mean.get(cell, now[cell]))


def _crossings(rows: Rows, order: list[list[int]]) -> int:
    total = 0
    for row, links in enumerate(rows.links):
        above = {cell: at for at, cell in enumerate(order[row])}
        below = {cell: at for at, cell in enumerate(order[row + 1])}
        seen: list[int] = []
        for _, end in sorted((above[link.above], below[link.below]) for link in links):
            total += len(seen) - bisect_right(seen, end)
            insort(seen, end)
    return total


def _renumbered(rows: Rows, order: list[list[int]]) -> Rows:
    place = [{cell: at for at, cell in enumerate(row)} for row in order]
    return Rows(
        [[cells[cell] for cell in row] for cells, row in zip(rows.cells, order)],
        [
            [Link(place[row][link.above], place[row + 1][link.below], link.wire) for link in links]
            for row, links in enumerate(rows.links)
        ],
    )
