"""Python 2 in a chunk that does not parse: name it, and blank it out so that the rest of the chunk can be read.

TF1-era models are Python 2 in two or three lines (`print "loss", x`) and ordinary code in the others.  Each
replacement has the length of what it replaces, so offsets stay true.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from archlint.source.chunk import STRING


@dataclass(frozen=True, slots=True)
class Relic:
    """One piece of Python 2 syntax: what it is, where it stands, and what stands in for it."""

    what: str
    start: int
    end: int
    text: str


_HIDDEN = re.compile(STRING + r"|\#[^\n]*|\\\r?\n|[(\[{]|[)\]}]|\n")
# What cannot follow the *name* `print`, and so makes it a statement: `print "x"`, `print x`, `print `x``.
_OPERAND = r"[ \t]*(?:[\"`{]|(?:[uUbBrR]{1,2}\")|(?!(?:is|in|not|and|or|if|else|for|as)\b)(?<=[ \t])\w)"
_STATEMENT = r"(?:(?<=[:;\n])|^)[ \t]*\b"
_EXCEPT = re.compile(r"(?:^|(?<=\n))[ \t]*except\b[^\n:]*?(,[ \t]*[a-z_]\w*)[ \t]*:")
_RAISE = re.compile(_STATEMENT + r"raise[ \t]+[\w.]+[ \t]*(,[^\n;]*)")
_PRINT = re.compile(_STATEMENT + rf"(print(?={_OPERAND})[^\n;]*)")
_EXEC = re.compile(_STATEMENT + rf"(exec(?={_OPERAND})[^\n;]*)")
_UNEQUAL = re.compile(r"(<>)")
_BACKTICKS = re.compile(r"(`[^`\n]*`)")
_OCTAL = re.compile(r"(?<![\w.])(0[0-7]*[1-7][0-7]*[lL]?)(?![\w.])")
_LONG = re.compile(r"(?<![\w.])((?:0[xX][0-9a-fA-F]+|\d+)[lL])(?!\w)")
_UNICODE_RAW = re.compile(r"(?<!\w)([uU][rR])(?=\")")
_TUPLE_PARAMETER = re.compile(
    r"\b(?:lambda[ \t]+|def[ \t]+\w+[ \t]*\((?:[^()\n]*,)?[ \t]*)(\([\w \t,]+\))(?=[ \t]*[,:)=])"
)
_ASYNC = re.compile(r"(?<=[(,\s])(async)(?=[ \t]*=[^=])")


def _padded(text: str) -> Callable[[str], str]:
    return lambda old: text + " " * (len(old) - len(text))


def _decimal(old: str) -> str:
    return str(int(old.rstrip("lL"), 8)).ljust(len(old))


_RELICS: list[tuple[re.Pattern[str], str, Callable[[str], str]]] = [
    (_PRINT, "Python 2 syntax: `print` statement; Python 3 writes `print(…)`", _padded("pass")),
    (_EXEC, "Python 2 syntax: `exec` statement; Python 3 writes `exec(…)`", _padded("pass")),
    (_EXCEPT, "Python 2 syntax: `except X, name`; Python 3 writes `except X as name`", _padded("")),
    (_RAISE, "Python 2 syntax: `raise X, message`; Python 3 writes `raise X(message)`", _padded("")),
    (_UNEQUAL, "Python 2 syntax: `<>`; Python 3 writes `!=`", lambda old: "!="),
    (_BACKTICKS, "Python 2 syntax: backticks; Python 3 writes `repr(…)`", lambda old: "(" + old[1:-1] + ")"),
    (_OCTAL, "Python 2 syntax: octal number with a leading 0; Python 3 writes `0o…`", _decimal),
    (_LONG, "Python 2 syntax: number ending in `L`", lambda old: old[:-1] + " "),
    (_UNICODE_RAW, "Python 2 syntax: `ur''` string", lambda old: " r"),
    (_TUPLE_PARAMETER, "Python 2 syntax: tuple as a parameter", lambda old: "_" * len(old)),
    (_ASYNC, "`async` is a keyword since Python 3.7 and cannot be a name", lambda old: "asynC"),
]


def find(text: str) -> list[Relic]:
    """The Python 2 syntax in `text`, in order, none inside another."""
    visible = logical_lines(text)
    found: list[Relic] = []
    for pattern, what, replace in _RELICS:
        for match in pattern.finditer(visible):
            start, end = match.span(1)
            end = start + len(visible[start:end].rstrip())
            found.append(Relic(what, start, end, replace(text[start:end])))
    found.sort(key=lambda relic: (relic.start, -relic.end))
    outermost: list[Relic] = []
    for relic in found:
        if not outermost or relic.start >= outermost[-1].end:
            outermost.append(relic)
    return outermost


def neutralised(text: str, relics: list[Relic]) -> str:
    """`text` with its relics replaced, every other character at its old offset."""
    parts, at = [], 0
    for relic in relics:
        parts += [text[at : relic.start], relic.text]
        at = relic.end
    return "".join([*parts, text[at:]])


def logical_lines(text: str) -> str:
    """`text` with strings and comments blanked and each statement on one line, every offset kept."""
    parts: list[str] = []
    at = depth = 0
    for match in _HIDDEN.finditer(text):
        token = match[0]
        first = token[0]
        shown = token
        if first == "\n":
            shown = " " if depth else token
        elif first in "([{":
            depth += 1
        elif first in ")]}":
            depth = max(0, depth - 1)
        elif first in "\"'":
            shown = '"' + "_" * (len(token) - 2) + '"' if len(token) > 1 else token
        else:  # a comment, a continued line
            shown = " " * len(token)
        parts += [text[at : match.start()], shown]
        at = match.end()
    return "".join([*parts, text[at:]])
