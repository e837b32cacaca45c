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
    """A place in a file as people count: line and column from 1, column in code points."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text of `span` by `text`; an empty span inserts."""

    span: Span
    text: str


@dataclass(slots=True)
class LineIndex:
    """Offsets of line starts of one text; finds the line and column of an offset by bisection."""

    text: str
    starts: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.starts = [0]
        find = self.text.find
        at = find("\n")
        while at >= 0:
            self.starts.append(at + 1)
            at = find("\n", at + 1)

    def position(self, offset: int) -> Position:
        """Line and column (both from 1) of a code-point offset."""
        line = bisect_right(self.starts, offset)
        return Position(line, offset - self.starts[line - 1] + 1)

    def line_of(self, offset: int) -> int:
        """Line number, from 1."""
        return bisect_right(self.starts, offset)

    def line_text(self, line: int) -> str:
        """Text of line number `line` (from 1) without its end-of-line characters."""
        start = self.starts[line - 1]
        end = self.starts[line] if line < len(self.starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")
