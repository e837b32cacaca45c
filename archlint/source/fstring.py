"""f-strings: their parts as the IR has them, and where the expressions in one stand."""

from __future__ import annotations

import re
from typing import Any

from archlint.source import ir
from archlint.source.chunk import STRING


def joined(parts: list[Any], start: int, end: int) -> ir.Expr:
    """An f-string with neighbouring texts merged; a constant if nothing in it is computed."""
    merged: list[Any] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        elif part != "":
            merged.append(part)
    if not merged or (len(merged) == 1 and isinstance(merged[0], str)):
        return ir.Const(merged[0] if merged else "", start, end)
    return ir.FString(merged, start, end)


_LITERAL = re.compile(rf"(?:[\s\\]|#[^\n]*)*([A-Za-z]*)({STRING})")
_STRING = re.compile(STRING)


def places(written: str) -> list[tuple[int, int]] | None:
    """Where the expressions stand in an f-string, or in several strings side by side; None if that is not clear.

    Those in a format specification, as in `f"{x:{width}}"`, are left out.
    """
    found: list[tuple[int, int]] = []
    at = 0
    while at < len(written):
        literal = _LITERAL.match(written, at)
        if literal is None:
            return found if not re.sub(r"#[^\n]*|[\s\\]", "", written[at:]) else None
        prefix, quotes = literal[1].lower(), 3 if literal[2][:3] in ('"""', "'''") else 1
        at = literal.end()
        if "f" in prefix and not _fields(written, literal.start(2) + quotes, at - quotes, "r" in prefix, found):
            return None
    return found


def _fields(text: str, at: int, end: int, raw: bool, found: list[tuple[int, int]]) -> bool:
    """Add the expressions of one literal; False where it cannot be followed."""
    while at < end:
        if not raw and text.startswith("\\N{", at):  # \N{BULLET}
            at = text.find("}", at) + 1
            if not at:
                return False
        elif text.startswith("{{", at) or (not raw and text[at] == "\\" and text[at + 1] not in "{}"):
            at += 2
        elif text[at] == "{":
            stop = _expression(text, at + 1, end)
            if stop is None:
                return False
            found.append((at + 1, stop))
            behind = _closing(text, stop, end)
            if behind is None:
                return False
            at = behind
        else:
            at += 1
    return True


def _expression(text: str, at: int, end: int) -> int | None:
    """Where the expression that begins at `at` ends: before `}`, `!r`, `:` or the `=` of `{x = }`."""
    depth = 0
    while at < end:
        here = text[at]
        if here in "\"'":
            literal = _STRING.match(text, at)
            if literal is None or literal.end() > end:
                return None
            at = literal.end()
            continue
        if here in "([{":
            depth += 1
        elif here in ")]}" and depth:
            depth -= 1
        elif not depth:
            if here in "}:":
                return at
            last = here == "=" and text[at - 1] not in "=!<>"
            if (last or here == "!") and text[at + 1] != "=":
                return at
        at += 1
    return None


def _closing(text: str, at: int, end: int) -> int | None:
    """Behind the `}` of a field whose expression ends at `at`; its specification may hold fields again."""
    depth = 0
    while at < end:
        depth += (text[at] == "{") - (text[at] == "}")
        at += 1
        if depth < 0:
            return at
    return None
