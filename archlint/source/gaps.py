"""What stands between two expressions: white space, comments, commas, and parentheses that belong to one of them."""

from __future__ import annotations

import re

from archlint.source.chunk import STRING

_BLANK = re.compile(r"(?:[\s\\]|#[^\n]*)*")
_COMMENT = re.compile(r"#[^\n]*")
_TOKEN = re.compile(rf"(?P<seen>{STRING}|[^\s\\#])|#[^\n]*|[\s\\]+")


def blank(text: str, at: int) -> int:
    """Behind the white space, line ends and comments at `at`."""
    found = _BLANK.match(text, at)
    return found.end() if found else at


def past(text: str, end: int) -> int:
    """Behind the parentheses that close around an expression that ends at `end`: `(a) and …`."""
    while (at := blank(text, end)) < len(text) and text[at] == ")":
        end = at + 1
    return end


def closed(text: str, end: int, count: int) -> int:
    """Behind so many closing parentheses."""
    for _ in range(count):
        end = blank(text, end) + 1
    return end


def count(text: str, start: int, end: int, parenthesis: str) -> int:
    """How many parentheses stand there, but for those in comments."""
    between = text[start:end]
    return (_COMMENT.sub("", between) if "#" in between else between).count(parenthesis)


def argument(text: str, before: int) -> int:
    """Where an argument begins: what is before it ends there, with parentheses, a comma, or the callee's `(` behind."""
    at = blank(text, before)
    while text[at] == ")":
        at = blank(text, at + 1)
    return blank(text, at + 1)


def inside(text: str, start: int, end: int) -> tuple[int, int]:
    """What stands between the parentheses at both ends, without the white space and comments around it."""
    first = blank(text, start + 1)
    return first, seen(text, first, end - 1)


def seen(text: str, start: int, end: int) -> int:
    """Behind the last token there: without white space and comments."""
    last = start
    for found in _TOKEN.finditer(text, start, end):
        if found["seen"] is not None:
            last = found.end()
    return last
