"""Refuse, cheaply, what LibCST would take minutes for.

LibCST's parser is quadratic in the length of a chain (`a.b(1).b(1)…`, 3,000 links: a minute) and in the depth of
brackets, and worse than linear in long displays.  No hand-written model comes near these limits.
"""

from __future__ import annotations

import re

from archlint.source.chunk import STRING

TOO_DEEP = "expression too deeply nested to analyse"
TOO_LARGE = "too large to analyse"

_LARGEST_CHUNK = 1_000_000  # characters, some 25,000 lines
_MOST_TOKENS = 40_000  # in one logical line: a list of 20,000 numbers
_LONGEST_CHAIN = 1_000  # tokens at one level without a comma: `.b(1)` is three
_DEEPEST = 100  # brackets

_TOKEN = re.compile(STRING + r"|\#[^\n]*|\\\r?\n|\n|\d[\w.]*|\w+|[^\w\s]")


def beyond(text: str, heavy: bool) -> str | None:
    """Why this chunk must not be given to LibCST, or None; `heavy` says that it holds a long line or bracket."""
    if len(text) > _LARGEST_CHUNK:
        return TOO_LARGE
    if not heavy:
        return None
    chains = [0]
    tokens = 0
    for match in _TOKEN.finditer(text):
        token = match[0]
        first = token[0]
        if first == "#" or first == "\\":
            continue
        if first == "\n" or first == ";":
            if len(chains) == 1:
                tokens = chains[0] = 0
            continue
        tokens += 1
        if first == ",":
            chains[-1] = 0
            continue
        chains[-1] += 1
        if first in "([{":
            chains.append(0)
        elif first in ")]}":
            if len(chains) > 1:
                chains.pop()
        if chains[-1] > _LONGEST_CHAIN or len(chains) > _DEEPEST:
            return TOO_DEEP
        if tokens > _MOST_TOKENS:
            return TOO_LARGE
    return None
