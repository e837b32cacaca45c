"""One parsed file: its chunks, what could not be parsed, its comments."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from archlint.source import ir
from archlint.text import LineIndex, Span, line_shown


@dataclass(slots=True)
class Chunk:
    """One top-level statement with its decorators and leading comments.

    `base` is the chunk's offset in its file; offsets in `body` are relative to it.
    """

    path: str
    base: int
    text: str
    body: list[ir.Stmt]
    spans: dict[tuple[int, int], Span] = field(default_factory=dict, repr=False, compare=False)
    """Those that were asked for, each made once."""
    derived: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)
    """What was worked out of the statement alone, by what it is: an editor asks again after every key."""

    def span(self, start: int, end: int) -> Span:
        """Where a part of the chunk stands in its file."""
        found = self.spans.get((start, end))
        if found is None:
            found = self.spans[start, end] = Span(self.path, self.base + start, self.base + end)
        return found


@dataclass(frozen=True, slots=True)
class SyntaxProblem:
    """A place that does not parse, as offsets in the file.  ours: it may well be Python that archlint cannot read."""

    message: str
    start: int
    end: int
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment: its text with the `#`, its offsets, and whether code stands before it on its line."""

    text: str
    start: int
    end: int
    trailing: bool


@dataclass(frozen=True, slots=True)
class Directive:
    """A `# archlint: …` or `# noqa: ARC…` comment, parsed.

    `kind`: `ignore`, `file-ignore`, `disable`, `enable`, `noqa`, `input`, `skip-model` or `bad`; `codes` are what is
    listed in the brackets (empty: all); `value` is the text after `=` (`(N, 3, 32, 32)`), or the message for `bad`.
    `until`, of `disable`: for each code the line of the `enable` that ends it; 0 where none does.
    """

    kind: str
    codes: tuple[str, ...]
    value: str
    line: int
    start: int
    end: int
    trailing: bool
    until: tuple[int, ...] = ()


@dataclass(slots=True)
class Source:
    """A file after parsing.  Parsing never fails: what does not parse is in `problems`.

    note: why nothing was parsed at all, for the user.
    """

    path: str
    text: str
    lines: LineIndex
    chunks: list[Chunk] = field(default_factory=list)
    problems: list[SyntaxProblem] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    directives: list[Directive] = field(default_factory=list)
    note: str = ""

    def place(self, offset: int) -> str:
        """`net.py:7`, in a notebook `net.ipynb:cell 3:7`."""
        at = self.lines.position(offset)
        return f"{self.path}:{line_shown(at.line, at.cell)}"
