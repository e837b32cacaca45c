"""Notebooks as Python: the code cells as one text, each on lines of its own, parsed cell by cell.

    one = joined(["import torch", "%matplotlib inline\\nnet = Net()"])
    one.cell_of(4), one.line_in_cell(4)  # 1, 2: the second cell, `net = Net()`
    source = parse_cells("train.ipynb", one.text)

The text holds the cells as they are written, with a line between them that no Python file has.  So it can be edited
like any other text, and tells by itself which cell is which.  What IPython understands beyond Python (`%time`, `!pip`,
`obj?`) is made plain Python of the same length for the parser alone: every offset stays.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from archlint.source.magics import blank, neutralised, parses
from archlint.text import Cells, LineIndex

if TYPE_CHECKING:
    from archlint.source.model import Source
    from archlint.source.parse import Memo

MARK = "\0"
"""Stands on the line between two cells.  Python refuses it anywhere, and so does `joined`."""

BETWEEN = f"\n{MARK}\n"


@dataclass(slots=True)
class Joined:
    """Code cells as one text; lines count from 1, cells from 0."""

    text: str
    first_lines: list[int] = field(default_factory=list)

    def cell_of(self, line: int) -> int:
        """The cell that holds a line of the text; the line between two belongs to the first."""
        return max(bisect_right(self.first_lines, line) - 1, 0)

    def line_in_cell(self, line: int) -> int:
        """The line as it is counted in its cell."""
        return line - self.first_lines[self.cell_of(line)] + 1 if self.first_lines else line

    def line_of(self, cell: int, line: int) -> int:
        """The line of the text that is line `line` of a cell."""
        return self.first_lines[cell] + line - 1


def joined(cells: Sequence[str]) -> Joined:
    """The cells as one text.  A NUL, which no Python has, is replaced by U+FFFD."""
    plain = [cell.replace(MARK, "\ufffd") for cell in cells]
    lines, line = [], 1
    for cell in plain:
        lines.append(line)
        line += cell.count("\n") + 2
    return Joined(BETWEEN.join(plain), lines)


def cells_of(text: str) -> list[str]:
    """The cells of a joined text, also after edits that took a line end next to the line between two of them."""
    return [text[start:end] for start, end in _places(text)]


def _places(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each cell."""
    start = 0
    while True:
        mark = text.find(MARK, start)
        if mark < 0:
            yield start, len(text)
            return
        yield start, max(mark - text.startswith("\n", mark - 1), start)
        start = mark + 1 + text.startswith("\n", mark + 1)


def runnable(text: str) -> str:
    """The joined text as one Python file, every offset kept; a cell that does not parse is blank."""
    parts, done = [], 0
    for start, end in _places(text):
        code = neutralised(text[start:end])
        parts += [text[done:start].replace(MARK, " "), code if parses(code) else blank(code)]
        done = end
    return "".join(parts)


def places(text: str) -> tuple[int, ...]:
    """The line on which each cell of a joined text begins."""
    lines = LineIndex(text)
    return tuple(lines.line_of(start) for start, _ in _places(text))


def parse_cells(
    path: str, text: str, cells: Cells | None = None, memo: Memo | None = None, language: str = ""
) -> Source:
    """Parse a joined text; a cell that does not parse costs no other.  Never raises.

    language: that of the kernel if it is not Python: then nothing is parsed, and the source says so.
    """
    from archlint.source import comments
    from archlint.source.model import Source
    from archlint.source.parse import parse

    source = Source(path, text, LineIndex(text, cells))
    if language:
        source.note = f"skipped: the language of the notebook is {language}"
        return source
    for start, end in _places(text):
        part = parse(path, neutralised(text[start:end]), memo)
        source.chunks += [replace(chunk, base=chunk.base + start, spans={}) for chunk in part.chunks]
        source.problems += [replace(p, start=p.start + start, end=p.end + start) for p in part.problems]
        source.comments += [replace(c, start=c.start + start, end=c.end + start) for c in part.comments]
    source.directives = comments.directives(source.comments, source.lines)
    return source
