"""Source lines with marked spans and their labels: several on a line, over several lines.

 5 | model.add(LSTM(32, return_sequences=True))
   |           ------------------------------- (N, 50, 32) produced here
 ...
 9 |   net = nn.Sequential(
   |  _______^
10 | |     nn.Linear(8, 4),
11 | | )
   | |_^ expects (N, 8)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from archlint.report.cells import Row, clean, visible, width
from archlint.text import LineIndex, Span

WIDTH = 140
"""Longest source line that is shown whole, in characters."""

FOLD = 5
"""A span over more lines than this is shown by its first two lines and its last."""

CUT = "..."


@dataclass(frozen=True, slots=True)
class Mark:
    """A marked span: lines from 1, columns from 0 in code points, `end` exclusive on its line."""

    first: int
    start: int
    last: int
    end: int
    label: str
    color: str
    sign: str

    @classmethod
    def of(cls, span: Span, label: str, index: LineIndex, color: str, sign: str) -> Mark:
        """The mark of a span; a span that reaches past the end of the text is cut there."""
        begin = min(span.start, len(index.text))
        finish = min(max(span.end, begin), len(index.text))
        while finish > begin + 1 and index.text[finish - 1] in "\r\n":
            finish -= 1
        first, last = index.line_of(begin), index.line_of(max(finish - 1, begin))
        start = begin - index.starts[first - 1]
        end = max(finish - 1, begin) - index.starts[last - 1] + (finish > begin)
        return cls(first, start, last, end, clean(label), color, sign)


def frame(number_width: int, number: str = "") -> Row:
    """`12 |`, the left border of every row."""
    row = Row()
    row.put(0, f"{number:>{number_width}} |", "frame")
    return row


def snippet(index: LineIndex, marks: Sequence[Mark], number_width: int) -> Iterator[Row]:
    """The rows that show all marks of one file."""
    lanes = _lanes([mark for mark in marks if mark.last > mark.first])
    depth = max((lane for _, lane in lanes), default=-1) + 1
    shown = _shown(marks, len(index.starts))
    previous = shown[0]
    left = number_width + 3
    for number in shown:
        if number > previous + 1:
            gap = Row()
            gap.put(0, CUT, "frame")
            _bars(gap, [(m, lane) for m, lane in lanes if m.first <= previous and m.last >= number], left)
            yield gap
        previous = number
        yield from _line(index, number, marks, lanes, depth, number_width)


def _shown(marks: Sequence[Mark], lines: int) -> list[int]:
    """Numbers of the lines to print; a gap of one line is filled."""
    wanted: set[int] = set()
    for mark in marks:
        if mark.last - mark.first < FOLD:
            wanted.update(range(mark.first, mark.last + 1))
        else:
            wanted |= {mark.first, mark.first + 1, mark.last}
    return sorted(wanted | {n + 1 for n in wanted if n + 2 in wanted and n + 1 <= lines})


def _lanes(marks: list[Mark]) -> list[tuple[Mark, int]]:
    """A column left of the source for each span over several lines; the longer one stands further left."""
    placed: list[tuple[Mark, int]] = []
    for mark in sorted(marks, key=lambda m: (m.first, -m.last)):
        taken = {lane for other, lane in placed if other.last >= mark.first}
        placed.append((mark, next(n for n in range(len(placed) + 1) if n not in taken)))
    return placed


def _bars(row: Row, lanes: Sequence[tuple[Mark, int]], left: int) -> None:
    for mark, lane in lanes:
        row.put(left + 2 * lane, "|", mark.color)


class _Line:
    """One source line as it is printed: clipped around its marks, each code point at its column."""

    def __init__(self, text: str, marks: Sequence[Mark], number: int, left: int) -> None:
        first, last = _window(len(text), *_edges(marks, number))
        self.first = first
        self.text = (CUT if first else "") + "".join(map(visible, text[first:last])) + (CUT if last < len(text) else "")
        self.columns = [left + len(CUT) * (first > 0)]
        for character in text[first:last]:
            self.columns.append(self.columns[-1] + sum(map(width, visible(character))))

    def column(self, code_point: int) -> int:
        """The column of a code point; one that is cut off stands at the dots."""
        if code_point < self.first:
            return self.columns[0] - len(CUT)
        return self.columns[min(code_point - self.first, len(self.columns) - 1)]


def _edges(marks: Sequence[Mark], number: int) -> tuple[int, int]:
    """The columns of a line that must be seen: all its marks if they fit, else the primary one or the first."""
    here = sorted((m for m in marks if number in (m.first, m.last)), key=lambda m: m.sign != "^")
    ends = [(m.start if m.first == number else 0, m.end if m.last == number else m.start + 1) for m in here]
    start, end = min((e[0] for e in ends), default=0), max((e[1] for e in ends), default=0)
    return (start, end) if end - start < WIDTH - 8 or not ends else ends[0]


def _window(length: int, start: int, end: int) -> tuple[int, int]:
    """The part of a long line to print: all of [start, end) if it fits, with its surroundings."""
    if length <= WIDTH:
        return 0, length
    first = max(start - max((WIDTH - (end - start)) // 2, 4), 0)
    last = min(first + WIDTH, length)
    return max(min(first, last - WIDTH), 0), last


def _line(
    index: LineIndex, number: int, marks: Sequence[Mark], lanes: list[tuple[Mark, int]], depth: int, number_width: int
) -> Iterator[Row]:
    """A source line and the rows of marks below it."""
    left = number_width + 3
    text = index.line_text(number)
    line = _Line(text, marks, number, left + 2 * depth)
    indent = len(text) - len(text.lstrip())
    open_lanes = [(m, lane) for m, lane in lanes if m.first < number <= m.last]
    source = frame(number_width, str(index.counted(number)))
    source.put(left + 2 * depth, line.text)
    _bars(source, open_lanes, left)
    starting = [(m, lane) for m, lane in lanes if m.first == number]
    for mark, lane in [s for s in starting if s[0].start <= indent]:
        source.put(left + 2 * lane, "/", mark.color)
        open_lanes.append((mark, lane))
    yield source

    def below() -> Row:
        row = frame(number_width)
        _bars(row, open_lanes, left)
        return row

    single = [m for m in marks if m.first == m.last == number]
    for row in _marks(single, line):
        base = below()
        for column, (cell, color) in enumerate(zip(row.cells, row.colors)):
            if cell.strip():
                base.put(column, cell, color)
        yield base
    for mark, lane in [s for s in starting if s[0].start > indent]:
        row = below()
        _arm(row, left + 2 * lane + 1, line.column(mark.start), mark)
        yield row
        open_lanes.append((mark, lane))
    for mark, lane in sorted((s for s in open_lanes if s[0].last == number), key=lambda s: -s[1]):
        row = below()
        column = _arm(row, left + 2 * lane + 1, line.column(max(mark.end - 1, 0)), mark)
        row.put(column + 1, mark.label, mark.color)
        yield row
        open_lanes.remove((mark, lane))


def _arm(row: Row, start: int, end: int, mark: Mark) -> int:
    """`_____^` from a lane to a column."""
    row.put(start, "_" * (end - start), mark.color, under=True)
    return row.put(end, mark.sign, mark.color)


def _marks(marks: Sequence[Mark], line: _Line) -> Iterator[Row]:
    """The markers of one line, the last one's label beside it, the other labels hanging below."""
    if not marks:
        return
    ordered = sorted(marks, key=lambda m: (m.start, m.end, m.sign == "^"))
    markers = Row()
    drawn = sorted(ordered, key=lambda m: (m.start - m.end, m.sign == "^"))  # smaller ones on top
    for mark in drawn:
        _draw(markers, mark, line)
    if "^" not in markers.cells:  # smaller ones cover all of the primary span
        for mark in drawn:
            if mark.sign == "^":
                _draw(markers, mark, line)
    hanging = [m for m in ordered if m.label]
    last = ordered[-1]
    if last.label and last.end >= max(m.end for m in ordered):
        markers.put(len(markers.cells) + 1, last.label, last.color)
        hanging.remove(last)
    yield markers
    if hanging:
        yield _pipes(hanging, line)
    while hanging:
        mark = hanging.pop()
        row = _pipes([m for m in hanging if m.start < mark.start], line)
        row.put(line.column(mark.start), mark.label, mark.color)
        yield row


def _draw(row: Row, mark: Mark, line: _Line) -> None:
    start = line.column(mark.start)
    row.put(start, mark.sign * max(line.column(mark.end) - start, 1), mark.color)


def _pipes(marks: Sequence[Mark], line: _Line) -> Row:
    row = Row()
    for mark in marks:
        row.put(line.column(mark.start), "|", mark.color)
    return row
