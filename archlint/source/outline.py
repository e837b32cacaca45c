"""What a file's top-level statements bind, told from their first lines; each is parsed when it is asked for.

A file that is only imported is mostly left alone: of `modeling_utils.py`, one class is wanted and not the other
hundred statements.  What may be left until somebody asks for its name is told with care, from words alone:

    def f(): …       class C: …      left alone, whatever it is that they mention
    SIZES = (1, 2)                   left alone, unless a statement that is not left alone may change what it reads
    FOUND = {}; FOUND["a"] = 1       an item that is set: not left alone, and so is all that mentions FOUND
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from archlint.source import chunk as chunks
from archlint.source.model import Chunk
from archlint.source.parse import lowered, parse

_NAMED = re.compile(r"(?:async[ \t]+def|def|class)[ \t]+(\w+)")
_DECORATED = re.compile(r"^@[ \t]*([\w.]+)", re.MULTILINE)
_DEFINED = re.compile(r"^(?:async[ \t]+def|def|class)[ \t]+(\w+)", re.MULTILINE)
_ASSIGNED = re.compile(r"(\w+)[ \t]*(?::[^=\n]*)?=(?!=)(?![ \t]*[\w.]+[ \t]*=(?!=))")
_IMPORT = re.compile(r"(?:import|from)\b")
_QUOTE = re.compile(r"[rbuRBU]*[\"']")
_WORD = re.compile(r"[^\W\d]\w*")
_BINDING = re.compile(
    r"(?:\b(?:def|class|as|global|for|del)[ \t]+|:=[ \t]*)(\w+)|(\w+)[ \t]*(?::[^=\n]*)?[-+*/|&@]?=(?!=)"
)


@dataclass(slots=True)
class Section:
    """One top-level statement.  `binds`: the one name it binds, if it may wait until that is asked for."""

    path: str
    base: int
    text: str
    binds: str = ""
    decorators: tuple[str, ...] = ()
    heavy: bool = False
    _chunk: Chunk | None = field(default=None, repr=False)

    def chunk(self) -> Chunk:
        """The statement, parsed; without a body where it does not parse."""
        if self._chunk is None:
            body, _ = lowered(self.text, self.heavy)
            self._chunk = Chunk(self.path, self.base, self.text, body or [])
        return self._chunk


@dataclass(slots=True)
class Outline:
    """A file's top-level statements in order."""

    path: str
    sections: list[Section] = field(default_factory=list)


def outline(path: str, text: str) -> Outline:
    """Cut a file into statements without parsing them; never raises."""
    plain = chunks.plain(text)
    made = Outline(path)
    pieces = chunks.pieces(plain)
    if pieces and pieces[-1].unclosed:
        whole = [Section(path, c.base, c.text, _chunk=c) for c in parse(path, text).chunks]
        return Outline(path, whole)
    for piece in pieces:
        at = chunks.first_code(plain, piece.start)
        if at < piece.end:
            body = plain[piece.start : piece.end]
            name, decorators = _binding(body[at - piece.start :])
            made.sections.append(Section(path, piece.start, body, name, decorators, piece.heavy))
    _keep_order(made.sections)
    return made


def _binding(code: str) -> tuple[str, tuple[str, ...]]:
    """The name that a definition or plain assignment binds, and the names of its decorators."""
    if code.startswith("@"):
        defined = _DEFINED.search(code)
        if defined is None:
            return "", ()
        return defined[1], tuple(_DECORATED.findall(code, 0, defined.start()))
    named = _NAMED.match(code)
    if named is None and ":=" not in code and ";" not in code:
        named = _ASSIGNED.match(code)
    return (named[1] if named is not None else ""), ()


def _keep_order(sections: list[Section]) -> None:
    """Let nothing wait that would give another value later than in its place."""
    counts = Counter(section.binds for section in sections if section.binds)
    bound: set[str] = {name for name, count in counts.items() if count > 1}
    changing: set[str] = set()
    for section in sections:
        if not section.binds:
            _note(section, bound, changing)
    settled = False
    while not settled:
        settled = True
        for section in sections:
            if not section.binds:
                continue
            assigned = not section.decorators and not _NAMED.match(_code(section))
            if section.binds in bound or (assigned and not changing.isdisjoint(_words(section))):
                section.binds, section.decorators = "", ()
                _note(section, bound, changing)
                settled = False


def _note(section: Section, bound: set[str], changing: set[str]) -> None:
    """Add what a statement that runs in its place may bind, and what it may change."""
    code = _code(section)
    if _QUOTE.match(code):
        return
    if _IMPORT.match(code):
        bound |= _words(section)
        return
    bound |= {first or second for first, second in _BINDING.findall(code)}
    for line in code.splitlines():
        if "import" in line:
            bound |= set(_WORD.findall(line))
    if not _NAMED.match(code) and not code.startswith("@"):
        changing |= _words(section)


def _code(section: Section) -> str:
    return section.text[chunks.first_code(section.text) :]


def _words(section: Section) -> set[str]:
    return set(_WORD.findall(_code(section)))
