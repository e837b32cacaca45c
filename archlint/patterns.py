"""Patterns of paths, as configurations write them: `tests/*`, `*_pb2.py`, `third_party`, `src/**/old`.

A pattern without a slash is about a name anywhere below its directory (or outside of it, never on the way to it), one
with a slash about a path from there; both mean all that lies in a directory of that name or path, too.
`*` stays within a name, `**` does not.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Pattern:
    """text: as written.  folder: the absolute path of the directory that it is written for."""

    text: str
    folder: str


def covers(patterns: Sequence[Pattern], path: str) -> bool:
    """Does one of the patterns mean a file or directory (absolute path), or a directory that it is in?"""
    return bool(patterns) and _compiled(tuple(patterns)).fullmatch(path.replace(os.sep, "/")) is not None


@lru_cache(maxsize=256)
def _compiled(patterns: tuple[Pattern, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{_regex(pattern)})(?:/.*)?" for pattern in patterns), re.DOTALL)


def _regex(pattern: Pattern) -> str:
    folder = pattern.folder.replace(os.sep, "/").rstrip("/")
    text = pattern.text.replace(os.sep, "/").rstrip("/")
    if "/" not in text:
        return f"(?:{re.escape(folder)}|(?!{re.escape(folder)}/).*)/(?:.*/)?{_glob(text)}"
    if text.startswith("/"):  # from the root of the file system, or meant as git means it
        return f"(?:{re.escape(folder)})?{_glob(text)}"
    text = text.removeprefix("./")
    while text.startswith("../"):
        folder, text = folder.rpartition("/")[0], text[3:]
    return f"{re.escape(folder)}/{_glob(text)}"


def _glob(text: str) -> str:
    """A regular expression for a glob."""
    made, place = "", 0
    while place < len(text):
        if text.startswith("**/", place):
            made, place = made + "(?:.*/)?", place + 3
        elif text.startswith("**", place):
            made, place = made + ".*", place + 2
        elif text[place] == "*":
            made, place = made + "[^/]*", place + 1
        elif text[place] == "?":
            made, place = made + "[^/]", place + 1
        elif (characters := _characters(text, place)) is not None:
            made, place = made + characters, text.index("]", place + 2) + 1
        else:
            made, place = made + re.escape(text[place]), place + 1
    return made


def _characters(text: str, place: int) -> str | None:
    """The class of characters that starts there: `[0-9]`, `[!a]`."""
    end = text.find("]", place + 2)
    if text[place] != "[" or end < 0:
        return None
    inside = text[place + 1 : end].replace("\\", r"\\").replace("[", r"\[")
    found = "[" + ("^" + inside[1:] if inside.startswith("!") else inside.replace("^", r"\^", 1)) + "]"
    try:
        re.compile(found)
    except re.error:  # `[z-a]`
        return None
    return found
