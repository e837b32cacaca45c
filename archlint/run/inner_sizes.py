"""What the sizes inside a model were: of a tensor that is not understood, only what was made of it is seen.

`(H + 1)//2` was 112 and `(H + 31)//32` was 7: an `H` of 223 makes both, so the two agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from archlint.dims import Dim, evaluate, symbols
from archlint.interp.trace import Inferred
from archlint.run.records import Executed, Value
from archlint.values import Tensor

Seen: TypeAlias = tuple[Dim, int]
"""A size over one symbol, and the number that it was."""

MOST = 1 << 24
"""No axis is longer."""
TRIED = 256
"""Values of a symbol that are tried: as many as a deep model rounds to one."""


def solve(pairs: Iterable[tuple[Inferred, Value]], sizes: dict[str, int]) -> None:
    """Gives each inner symbol the least value that explains all sizes made of it, or else the first of them."""
    found: dict[str, list[Seen]] = {}
    for inferred, executed in pairs:
        for name, seen in _sizes(inferred, executed):
            if name not in sizes and seen not in found.setdefault(name, []):
                found[name].append(seen)
    for name, all_seen in found.items():
        able = list(_values(name, *all_seen[0]))
        fitting = (v for v in able if all(evaluate(size, {name: v}) == number for size, number in all_seen))
        value = next(fitting, able[0] if able else None)
        if value is not None:
            sizes[name] = value


def _sizes(inferred: Inferred, executed: Value) -> Iterator[tuple[str, Seen]]:
    if not isinstance(inferred, Tensor) or inferred.shape is None or not isinstance(executed, Executed):
        return
    for ours, theirs in zip(inferred.shape, executed.shape):
        names = list(symbols(ours))
        if len(names) == 1 and names[0].origin == "inner" and isinstance(ours, Dim) and isinstance(theirs, int):
            yield names[0].name, (ours, theirs)


def _values(name: str, size: Dim, number: int) -> Iterator[int]:
    """Values for which a size that rises with its symbol is the number."""
    low, high = 0, 1
    while high < MOST and evaluate(size, {name: high}) < number:
        low, high = high, 2 * high
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if evaluate(size, {name: middle}) < number else (low, middle)
    for value in range(low, low + TRIED):
        if evaluate(size, {name: value}) == number:
            yield value
