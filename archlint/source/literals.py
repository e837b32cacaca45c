"""Values of literals as written: numbers, strings with prefixes and escapes, f-strings, adjacent strings."""

from __future__ import annotations

import ast
import re
import warnings

# A number longer than this is no size of a layer; converting it could take long.
_LONGEST_NUMBER = 80
_STRING = re.compile(r"([A-Za-z]*)(\"\"\"|'''|\"|')(.*)\2\Z", re.DOTALL)


def number(text: str) -> int | float | complex | None:
    """The value of a number literal; None if it is too long to matter or not a number to this Python."""
    if len(text) > _LONGEST_NUMBER:
        return None
    try:
        value: int | float | complex = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return None
    return value


def string(text: str) -> str | bytes | None:
    """The value of a string or bytes literal as written, prefix and quotes included; None if it has none."""
    match = _STRING.match(text)
    if match is None:
        return None
    prefix, quotes, body = match.groups()
    return unescape(body, prefix.lower(), quotes)


def unescape(body: str, prefix: str, quotes: str) -> str | bytes | None:
    """The value of a string's body: escapes replaced unless the prefix says raw."""
    if "\r" in body:
        body = body.replace("\r\n", "\n")
    if "\\" in body and "r" not in prefix:
        return _evaluate(("b" if "b" in prefix else "") + quotes + body + quotes)
    if "b" not in prefix:
        return body
    try:
        return body.encode("ascii")
    except UnicodeEncodeError:
        return None


def _evaluate(literal: str) -> str | bytes | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "\d" and its kind are the file's business, not a warning of ours
        try:
            value: str | bytes = ast.literal_eval(literal)
        except (ValueError, SyntaxError):
            return None
    return value
