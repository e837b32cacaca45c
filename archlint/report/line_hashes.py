"""Hashes of source lines by which GitHub tracks a finding over commits (SARIF's `primaryLocationLineHash`)."""

from __future__ import annotations

from collections import Counter
from itertools import accumulate

_READ = 100
"""Characters from the start of a line that its hash depends on, blanks not counted."""

_BASE, _WRAP = 37, 2**64
_DROPPED = pow(_BASE, _READ, _WRAP)
_END = 0xFFFF


def line_hashes(text: str) -> list[str]:
    """The hash of each line, as GitHub's upload computes it: `hash:n`, n counting the lines of the same hash.

    It is a polynomial of the UTF-16 units from the line on, without blanks and with one `\\n` for each line end.
    """
    data = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-16-le", "surrogatepass")
    units = [low | high << 8 for low, high in zip(data[::2], data[1::2])]
    read: list[int] = []
    starts: list[int] = []
    begins = True
    for unit in (*units, _END):
        if unit in (32, 9):
            continue
        if begins:
            starts.append(len(read))
        begins = unit == 10
        read.append(unit)
    upto = list(accumulate([*read, *[0] * _READ], lambda have, unit: (have * _BASE + unit) % _WRAP, initial=0))
    seen: Counter[int] = Counter()
    hashes = []
    for start in starts:
        hashed = (upto[start + _READ] - upto[start] * _DROPPED) % _WRAP
        seen[hashed] += 1
        hashes.append(f"{hashed:x}:{seen[hashed]}")
    return hashes
