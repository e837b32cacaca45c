"""A row of terminal cells: knows how wide a character is, so that a marker stands under what it marks."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache

TAB = "    "

COLORS = {
    "error": "1;31",
    "warning": "1;33",
    "info": "1;36",
    "good": "1;32",
    "bold": "1",
    "dim": "2",
    "frame": "1;34",
    "secondary": "1;34",
    "help": "1;36",
}


@dataclass(slots=True)
class Row:
    """Cells and the colour of each; a wide character fills its cell and leaves the next one empty."""

    cells: list[str] = field(default_factory=list)
    colors: list[str] = field(default_factory=list)

    def put(self, column: int, text: str, color: str = "", *, under: bool = False) -> int:
        """Write text at a column and return the column after it; `under` leaves what is there already."""
        for shown in text:
            size = width(shown)
            if size == 0:  # a combining mark belongs to the character before it
                if 0 < column <= len(self.cells):
                    self.cells[column - 1 - (not self.cells[column - 1])] += shown
                continue
            missing = column + size - len(self.cells)
            self.cells += [" "] * missing
            self.colors += [""] * missing
            if not under or self.cells[column] == " ":
                self.cells[column : column + size] = [shown, *[""] * (size - 1)]
                self.colors[column : column + size] = [color] * size
            column += size
        return column

    def paint(self, color: bool) -> str:
        """The row as text, with colours or without."""
        if not color:
            return "".join(self.cells).rstrip()
        parts: list[str] = []
        current = ""
        for cell, wanted in zip(self.cells, self.colors):
            if wanted != current and cell.strip():
                parts.append(("\x1b[0m" if current else "") + (f"\x1b[{COLORS[wanted]}m" if wanted else ""))
                current = wanted
            parts.append(cell)
        return "".join(parts).rstrip() + ("\x1b[0m" if current else "")


@lru_cache(maxsize=4096)
def width(character: str) -> int:
    """Cells a character takes: 0 for combining marks, 2 for East Asian wide ones."""
    if character.isascii():
        return 1
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def text_width(text: str) -> int:
    """Cells a text takes."""
    return sum(map(width, text))


@lru_cache(maxsize=4096)
def visible(character: str) -> str:
    """The character as it may go to a terminal: no escape sequences, no change of writing direction."""
    if character == "\t":
        return TAB
    code = ord(character)
    if code < 32:
        return chr(0x2400 + code)
    if code == 127 or 0x80 <= code < 0xA0 or 0xD800 <= code < 0xE000:
        return "\N{REPLACEMENT CHARACTER}"
    if character in "\u061c\u200e\u200f\u2028\u2029" or 0x202A <= code <= 0x202E or 0x2066 <= code <= 0x2069:
        return "\N{REPLACEMENT CHARACTER}"
    return character


def clean(text: str) -> str:
    """A text as one line that may go to a terminal."""
    return "".join(map(visible, " ".join(text.split("\n")))) if text else ""
