"""Cut a file into its top-level statements, so that one typing error costs one statement and not the file.

A single regular expression finds what may hide a line break: strings, comments, brackets, backslashes.  Everything is
decided from those, so any text can be cut, broken or not, and the pieces joined are the text again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

# A string literal without its prefix; a triple-quoted one that is never closed reaches to the end of the file.
STRING = (
    r'''"""[^"\\]*(?:(?:\\[\s\S]?|"(?!""))[^"\\]*)*(?:"""|\Z)'''
    r"""|'''[^'\\]*(?:(?:\\[\s\S]?|'(?!''))[^'\\]*)*(?:'''|\Z)"""
    r'''|"[^"\\\n]*(?:\\(?:\r\n|[\s\S])[^"\\\n]*)*"'''
    r"""|'[^'\\\n]*(?:\\(?:\r\n|[\s\S])[^'\\\n]*)*'"""
)
_LEXEME = re.compile(STRING + r"""|["']|\#[^\r\n]*|[()\[\]{}]+|\\+(?:\r?\n)?|\n(?=[^\s\#])""")
# `else:` and its kind continue the statement above them.
_JOINED = re.compile(r"(?:else|elif|except|finally)\b")
# A line like `def f(…` cannot stand inside brackets: `x = (1` above it was never closed.
_DEFINITION = r"(?:async[ \t]+def|def|class)[ \t]+[^\W\d]"
_NEVER_IN_BRACKETS = re.compile(
    rf"{_DEFINITION}|import[ \t]+[^\W\d]|from[ \t]+[\w.]+[ \t]+import\b|@[^\n]*\n(?:@[^\n]*\n)*{_DEFINITION}"
)
_CUT = re.compile(r"^(?:def|class|import|from|@|async[ \t]+def)(?![\w\"'])", re.MULTILINE)
_BLANK = re.compile(r"(?:\s+|#[^\n]*)*")

# A bracketed expression or line longer than this is worth the closer look of `limits.py`.
LONG = 1_000
_LONG_LINE = re.compile(rf"[^\n]{{{LONG}}}")
_MANY_CONTINUATIONS = 100


@dataclass(slots=True)
class Piece:
    """A range of the text: one top-level statement.

    `heavy`: holds a long line or bracket; `unclosed`: ends inside a triple-quoted string; `comments` are the offsets
    of its comments.
    """

    start: int
    end: int = 0
    heavy: bool = False
    unclosed: bool = False
    comments: list[tuple[int, int]] = field(default_factory=list)


def split(text: str) -> list[str]:
    """The top-level statements of `text`, decorators and leading comments included; joined they are `text`."""
    return [text[piece.start : piece.end] for piece in pieces(plain(text))]


def plain(text: str) -> str:
    """`text` with the rare line breaks and characters made ordinary ones, every offset kept.

    A lone carriage return becomes a line feed, a form feed that resets the column (`\\f` before `def`) changes places
    with the line break before it, and a lone surrogate (which LibCST cannot take) becomes U+FFFD.
    """
    if "\r" in text:
        text = re.sub(r"\r(?!\n)", "\n", text)
    if not text.isascii():
        text = re.sub("[\ud800-\udfff]", "\ufffd", text)
        if text.startswith("\ufeff"):
            text = "\n" + text[1:]
    if "\f" in text:
        text = re.sub(r"\A\s*\f", lambda m: "\n" * len(m[0]), text)
        text = re.sub(r"(\r?\n)([ \t\f]*\f)", lambda m: " " * len(m[2]) + m[1], text)
        text = text.replace("\f", " ")
    return text


def pieces(text: str, start: int = 0) -> list[Piece]:
    """Cut `text` (as `plain` returns it) from `start`, the beginning of a line, to its end."""
    if start >= len(text):
        return []
    piece = Piece(start)
    found = [piece]
    depth = continuations = opened = text_end = 0
    decorated = text.startswith("@", start)
    long_line = _LONG_LINE.search(text, start)
    for match in _LEXEME.finditer(text, start):
        first = text[at := match.start()]
        if first == "\n":
            at += 1
            if depth and not _NEVER_IN_BRACKETS.match(text, at):
                continue
            depth = 0
            begins = not decorated and not _JOINED.match(text, at)
            if begins and (cut := _with_comments(text, at, text_end)) > piece.start:
                piece.end = cut
                late = [span for span in piece.comments if span[0] >= cut]
                del piece.comments[len(piece.comments) - len(late) :]
                piece = Piece(cut, comments=late)
                found.append(piece)
                continuations = 0
            decorated = text[at] == "@"
        elif first in "()[]{}":
            if depth == 0:
                opened = at
            depth = _depth_after(depth, match[0])
            if match.end() - opened > LONG:
                piece.heavy = True
        elif first == "#":
            piece.comments.append(match.span())
        elif first == "\\":
            continuations += 1
            piece.heavy = piece.heavy or continuations > _MANY_CONTINUATIONS
        else:
            text_end = match.end()
            piece.unclosed = text_end == len(text) and is_unclosed(match[0])
    piece.end = len(text)
    if long_line:
        _mark_long_lines(text, found, long_line.start())
    return found


def cut_again(text: str, piece: Piece) -> int | None:
    """Where a piece that does not parse is cut again: the next line that looks like a top-level statement.

    A docstring that lacks its closing quotes swallows the classes below it; those are worth having.
    """
    statement = first_code(text, piece.start)
    decorators = False
    for match in _CUT.finditer(text, piece.start, piece.end):
        if match.start() > statement and not decorators:
            return match.start()
        decorators = match[0] == "@"
    return None


def is_blank(text: str) -> bool:
    """Whether a piece holds comments and white space only."""
    return first_code(text) == len(text)


def first_code(text: str, start: int = 0) -> int:
    """The offset of the first character from `start` on that is neither white space nor comment."""
    blank = _BLANK.match(text, start)
    return blank.end() if blank else start


def _depth_after(depth: int, brackets: str) -> int:
    """The depth after a run of brackets such as `)` or `([`."""
    if len(brackets) == 1:
        return depth + 1 if brackets in "([{" else max(0, depth - 1)
    opening = brackets.count("(") + brackets.count("[") + brackets.count("{")
    return max(0, depth + 2 * opening - len(brackets))


def _with_comments(text: str, at: int, text_end: int) -> int:
    """The start of the comment lines (in the first column) above the statement at `at`; no line of a string is one."""
    start = at
    line_end = at - 1
    while line_end >= 0:
        line = text.rfind("\n", 0, line_end) + 1
        if line < text_end:
            break
        if text.startswith("#", line):
            start = line
        elif text[line:line_end].strip():
            break
        line_end = line - 1
    return start


def is_unclosed(string: str) -> bool:
    """Whether a triple-quoted string that ends the file does so for want of its closing quotes."""
    quotes = string[:3]
    if quotes not in ('"""', "'''"):
        return False
    body = string[3:]
    backslashes = len(body) - 3 - len(body[:-3].rstrip("\\"))
    return not body.endswith(quotes) or backslashes % 2 == 1


def _mark_long_lines(text: str, found: list[Piece], start: int) -> None:
    """Mark the pieces that hold a very long line."""
    for piece in found:
        if piece.end > start and not piece.heavy:
            piece.heavy = _LONG_LINE.search(text, max(piece.start, start), piece.end) is not None
