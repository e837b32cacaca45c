"""Texts as a client counts in them: lines as LSP ends them, columns in UTF-16 units unless another is agreed on."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from lsprotocol import types

_END = re.compile(r"\r\n|\r|\n")

UNITS = {
    types.PositionEncodingKind.Utf8: 1,
    types.PositionEncodingKind.Utf16: 2,
    types.PositionEncodingKind.Utf32: 4,
}
"""Bytes of the unit that an encoding counts columns in."""


@dataclass(slots=True)
class Text:
    """One text.  unit: bytes of what its client counts columns in; offsets are code points, as everywhere else."""

    text: str
    unit: int = 2
    starts: list[int] = field(init=False, repr=False)
    plain: bool = field(init=False)

    def __post_init__(self) -> None:
        self.starts = [0, *(match.end() for match in _END.finditer(self.text))]
        self.plain = self.unit == 4 or self.text.isascii()

    def position(self, offset: int) -> types.Position:
        """The client's position of a code point."""
        line = bisect_right(self.starts, offset) - 1
        start = self.starts[line]
        column = offset - start
        return types.Position(line, column if self.plain else self._units(self.text[start:offset]))

    def offset(self, position: types.Position) -> int:
        """The code point at a client's position; one behind the end of a line or of the text is that end."""
        if position.line >= len(self.starts):
            return len(self.text)
        start, end = self.starts[position.line], self._line_end(position.line)
        if self.plain:
            return min(start + position.character, end)
        units = 0
        for at in range(start, end):
            if units >= position.character:
                return at
            units += self._units(self.text[at])
        return end

    def range(self, start: int, end: int) -> types.Range:
        """The client's range of [start, end)."""
        return types.Range(self.position(start), self.position(max(start, end)))

    def edited(self, changes: Sequence[types.TextDocumentContentChangeEvent]) -> Text:
        """The text after changes, each of which counts in what the one before has left."""
        text = self
        for change in changes:
            if isinstance(change, types.TextDocumentContentChangePartial):
                start, end = text.offset(change.range.start), text.offset(change.range.end)
                text = Text(text.text[:start] + change.text + text.text[max(start, end) :], self.unit)
            else:
                text = Text(change.text, self.unit)
        return text

    def _line_end(self, line: int) -> int:
        """Where a line ends, without its line break."""
        end = self.starts[line + 1] if line + 1 < len(self.starts) else len(self.text)
        while end > self.starts[line] and self.text[end - 1] in "\r\n":
            end -= 1
        return end

    def _units(self, text: str) -> int:
        if text.isascii():
            return len(text)
        if self.unit == 1:
            return len(text.encode("utf-8", "surrogatepass"))
        return len(text) + sum(character > "\uffff" for character in text)
