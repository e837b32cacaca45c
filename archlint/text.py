"""Where something stands in a file: spans in code points, line and column look-up, text edits."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of code points in one file."""

    path: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a file as people count: line and column from 1, column in code points.

    cell: in a notebook, the number of the cell (from 1, every kind of cell counted) that the line is counted in.
    """

    line: int
    column: int
    cell: int | None = None

    @property
    def shown(self) -> str:
        """`7:11`, in a notebook `cell 3:7:11`: what stands behind the path."""
        return f"{line_shown(self.line, self.cell)}:{self.column}"


def line_shown(line: int, cell: int | None) -> str:
    """`7`, in a notebook `cell 3:7`."""
    return str(line) if cell is None else f"cell {cell}:{line}"


def line_named(line: int, cell: int | None) -> str:
    """The same in a sentence: `line 7`, `cell 3:7`."""
    return line_shown(line, cell) if cell is not None else f"line {line}"


@dataclass(frozen=True, slots=True)
class Cells:
    """Where the code cells of a notebook stand in the one text that is made of them.

    numbers: of each in the notebook, from 1.  first_lines: the line of that text on which each begins.  data: the
    notebook as it is in its file.
    """

    numbers: tuple[int, ...]
    first_lines: tuple[int, ...]
    data: str = field(repr=False)

    def holding(self, line: int) -> int:
        """Which of the code cells (from 0) holds a line of the text."""
        return max(bisect_right(self.first_lines, line) - 1, 0)


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text of `span` by `text`; an empty span inserts."""

    span: Span
    text: str


@dataclass(slots=True)
class LineIndex:
    """Offsets of line starts of one text; finds the line and column of an offset by bisection.

    Lines are those of the text.  Only `position` counts within cells, where the text is that of a notebook.
    """

    text: str
    cells: Cells | None = None
    starts: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.starts = [0]
        find = self.text.find
        at = find("\n")
        while at >= 0:
            self.starts.append(at + 1)
            at = find("\n", at + 1)

    def position(self, offset: int) -> Position:
        """Line and column (both from 1) of a code-point offset, for people: in a notebook those in its cell."""
        line = bisect_right(self.starts, offset)
        column = offset - self.starts[line - 1] + 1
        if self.cells is None or not self.cells.numbers:
            return Position(line, column)
        cell = self.cells.holding(line)
        return Position(line - self.cells.first_lines[cell] + 1, column, self.cells.numbers[cell])

    def line_of(self, offset: int) -> int:
        """Line number, from 1."""
        return bisect_right(self.starts, offset)

    def cell_of(self, offset: int) -> int | None:
        """The number of the notebook's cell that holds an offset; None in a file that is no notebook."""
        return self.position(offset).cell

    def counted(self, line: int) -> int:
        """The number that people know a line of the text by: in a notebook it is counted in its cell."""
        return self.position(self.starts[line - 1]).line

    def line_text(self, line: int) -> str:
        """Text of line number `line` (from 1) without its end-of-line characters."""
        start = self.starts[line - 1]
        end = self.starts[line] if line < len(self.starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")
