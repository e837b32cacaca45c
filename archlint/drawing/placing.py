"""Coordinates: members of a group side by side in their rows, straight wires where there is room for them.

`page/placing.js` does the same on a page where modules are folded and unfolded; a test holds them together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from archlint.drawing.rows import Cell, Rows, Wire

GAP = 22
"""Least distance between neighbours in a row."""
ROW_GAP = 26
"""Between two rows."""
LANE = 8
"""Width of a wire's lane."""
HEAD, HEAD_GAP, FOOT, SIDE = 24, 18, 4, 16
"""Room for the name of a group and below it, below its last row, and beside its members."""
FOLD = 16
"""Room for the button that folds a group, beside its name."""
ROUNDS = 12
BETWEEN_BOXES, ON_A_LANE, TO_A_LANE = 16.0, 2.0, 0.25
"""How much two cells want to stand below each other: boxes, parts of a lane, a box and the lane beside it."""


@dataclass(frozen=True, slots=True)
class Size:
    """Of a box or a folded group; room and depth: with the shapes that are written below it."""

    width: float
    height: float
    room: float
    depth: float


@dataclass(slots=True)
class Piece:
    """A group with its members placed: cells by row, as (middle, top); wires in and out by their middles.

    All from the left and the upper edge of the group.
    """

    width: float
    height: float
    middles: list[list[float]] = field(default_factory=list)
    tops: list[float] = field(default_factory=list)
    heights: list[float] = field(default_factory=list)
    ins: dict[Wire, float] = field(default_factory=dict)
    outs: dict[Wire, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stroke:
    """A part of a wire, from one point straight or curved down to the next; `ends` at a box."""

    wire: Wire
    x: float
    y: float
    to_x: float
    to_y: float
    ends: bool


@dataclass(slots=True)
class Sheet:
    """Everything with its place: (left, top, width, height) of what is drawn, and the wires."""

    width: float = 0
    height: float = 0
    boxes: dict[int, tuple[float, float, float, float]] = field(default_factory=dict)
    frames: dict[int, tuple[float, float, float, float]] = field(default_factory=dict)
    strokes: list[Stroke] = field(default_factory=list)


def place(root: int, rows: Mapping[int, Rows], sizes: Mapping[int, Size], closed: frozenset[int]) -> Sheet:
    """Place the group `root` and all that is seen in it.  sizes: of every box and folded group."""
    pieces: dict[int, Piece] = {}
    _piece(root, rows, sizes, closed, pieces)
    sheet = Sheet(pieces[root].width, pieces[root].height)
    _put(root, 0.0, 0.0, rows, sizes, pieces, sheet)
    return sheet


def _piece(
    number: int,
    rows: Mapping[int, Rows],
    sizes: Mapping[int, Size],
    closed: frozenset[int],
    pieces: dict[int, Piece],
) -> None:
    own = rows[number]
    for row in own.cells:
        for cell in row:
            if cell.item in rows and cell.item is not None and cell.item not in closed:
                _piece(cell.item, rows, sizes, closed, pieces)
    middles = _middles(own, sizes, pieces)
    edges = [
        (x - _room(cell, sizes, pieces) / 2, x + _room(cell, sizes, pieces) / 2)
        for row, xs in zip(own.cells, middles)
        for cell, x in zip(row, xs)
    ]
    left, right = min((e[0] for e in edges), default=0.0), max((e[1] for e in edges), default=0.0)
    spare = max(0.0, sizes[number].width + FOLD - (right - left + 2 * SIDE)) / 2 if number in sizes else 0.0
    left, right = left - spare, right + spare  # the name above has room
    piece = Piece(right - left + 2 * SIDE, 0.0, [[x - left + SIDE for x in xs] for xs in middles])
    y = 0.0
    last = len(own.cells) - 1
    for at, row in enumerate(own.cells):
        height = max((_height(cell, sizes, pieces) for cell in row if cell.item is not None), default=0.0)
        piece.tops.append(y)
        piece.heights.append(HEAD if at == 0 else FOOT if at == last else height)
        y += piece.heights[-1] + (HEAD_GAP if at == 0 else ROW_GAP if at < last else 0.0)
    piece.height = y
    piece.ins = {c.wire: x for c, x in zip(own.cells[0], piece.middles[0]) if c.wire is not None}
    piece.outs = {c.wire: x for c, x in zip(own.cells[last], piece.middles[last]) if c.wire is not None}
    pieces[number] = piece


def _room(cell: Cell, sizes: Mapping[int, Size], pieces: Mapping[int, Piece]) -> float:
    if cell.item is None:
        return LANE
    return pieces[cell.item].width if cell.item in pieces else sizes[cell.item].room


def _height(cell: Cell, sizes: Mapping[int, Size], pieces: Mapping[int, Piece]) -> float:
    if cell.item is None:
        return 0.0
    return pieces[cell.item].height if cell.item in pieces else sizes[cell.item].depth


def _port(cell: Cell, wire: Wire, pieces: Mapping[int, Piece], *, out: bool) -> float:
    """Where a wire meets a cell, from the middle of the cell."""
    piece = pieces.get(cell.item) if cell.item is not None else None
    if piece is None:
        return 0.0
    found = (piece.outs if out else piece.ins).get(wire)
    return 0.0 if found is None else found - piece.width / 2


def _middles(own: Rows, sizes: Mapping[int, Size], pieces: Mapping[int, Piece]) -> list[list[float]]:
    """Where the cells of each row stand, after rounds down and up in which each follows what it is linked to."""
    rooms = [[_room(cell, sizes, pieces) for cell in row] for row in own.cells]
    least = [[(a + b) / 2 + GAP for a, b in pairwise(row)] for row in rooms]
    middles = [settled([0.0] * len(row), [1.0] * len(row), gaps) for row, gaps in zip(rooms, least)]
    pulls = _pulls(own, pieces)
    count = len(own.cells)
    for turn in range(ROUNDS):
        down = turn % 2 == 0
        both = turn >= ROUNDS - 2
        for row in range(count) if down else range(count - 1, -1, -1):
            wanted, weights = list(middles[row]), [0.01] * len(middles[row])
            for at, found in enumerate(pulls[row]):
                used = [pull for pull in found if both or (pull[0] < row) == down]
                total = sum(pull[3] for pull in used)
                if total:
                    wanted[at] = sum(pull[3] * (middles[pull[0]][pull[1]] + pull[2]) for pull in used) / total
                    weights[at] = total
            middles[row] = settled(wanted, weights, least[row])
    return middles


def _pulls(own: Rows, pieces: Mapping[int, Piece]) -> list[list[list[tuple[int, int, float, float]]]]:
    """For each cell what it is linked to: row, place, how far from there it wants to be, and how much."""
    pulls: list[list[list[tuple[int, int, float, float]]]] = [[[] for _ in row] for row in own.cells]
    for row, links in enumerate(own.links):
        for link in links:
            above, below = own.cells[row][link.above], own.cells[row + 1][link.below]
            shift = _port(above, link.wire, pieces, out=True) - _port(below, link.wire, pieces, out=False)
            weight = _weight(above, below, port=row in (0, len(own.links) - 1))
            pulls[row][link.above].append((row + 1, link.below, -shift, weight))
            pulls[row + 1][link.below].append((row, link.above, shift, weight))
    return pulls


def _weight(above: Cell, below: Cell, *, port: bool) -> float:
    """Where a wire enters or leaves the group (`port`), it belongs to the box that it goes to or comes from."""
    lanes = (above.item is None) + (below.item is None)
    if port:
        return TO_A_LANE if lanes == 2 else BETWEEN_BOXES
    return (BETWEEN_BOXES, TO_A_LANE, ON_A_LANE)[lanes]


def settled(wanted: Sequence[float], weights: Sequence[float], least: Sequence[float]) -> list[float]:
    """The places nearest to the wanted ones, by weighted squares, that keep the order and the least distances.

    Pool adjacent violators: where neighbours would come too close, they move as one from there on.
    """
    shifts = [0.0]
    for gap in least:
        shifts.append(shifts[-1] + gap)
    blocks: list[list[float]] = []  # [weighted sum, weight, how many]
    for want, weight, shift in zip(wanted, weights, shifts):
        blocks.append([(want - shift) * weight, weight, 1])
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] > blocks[-1][0] / blocks[-1][1]:
            total, more, number = blocks.pop()
            blocks[-1] = [blocks[-1][0] + total, blocks[-1][1] + more, blocks[-1][2] + number]
    means = [total / weight for total, weight, number in blocks for _ in range(int(number))]
    return [mean + shift for mean, shift in zip(means, shifts)]


def _put(
    number: int,
    left: float,
    top: float,
    rows: Mapping[int, Rows],
    sizes: Mapping[int, Size],
    pieces: Mapping[int, Piece],
    sheet: Sheet,
) -> None:
    piece, own = pieces[number], rows[number]
    sheet.frames[number] = (left, top, piece.width, piece.height)
    for row, cells in enumerate(own.cells):
        for at, cell in enumerate(cells):
            x, y = left + piece.middles[row][at], top + piece.tops[row]
            if cell.item is None:
                if cell.wire is not None:
                    sheet.strokes.append(Stroke(cell.wire, x, y, x, y + piece.heights[row], False))
            elif cell.item in pieces:
                _put(cell.item, x - pieces[cell.item].width / 2, y, rows, sizes, pieces, sheet)
            else:
                size = sizes[cell.item]
                sheet.boxes[cell.item] = (x - size.width / 2, y, size.width, size.height)
        for link in own.links[row] if row < len(own.links) else ():
            above, below = cells[link.above], own.cells[row + 1][link.below]
            tall = piece.heights[row] if above.item is None else _height(above, sizes, pieces)
            sheet.strokes.append(
                Stroke(
                    link.wire,
                    left + piece.middles[row][link.above] + _port(above, link.wire, pieces, out=True),
                    top + piece.tops[row] + tall,
                    left + piece.middles[row + 1][link.below] + _port(below, link.wire, pieces, out=False),
                    top + piece.tops[row + 1],
                    below.item is not None and below.item not in pieces,
                )
            )
