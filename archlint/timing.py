"""Where processor time goes, for `archlint check --timings`: what is timed inside of something is not counted there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

_spent: dict[str, float] = {}
_inside: list[float] = []
"""Of each thing that is timed now, what was spent on things inside it."""


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Count the processor time of a block under a name."""
    start = time.process_time()
    _inside.append(0.0)
    try:
        yield
    finally:
        total = time.process_time() - start
        _spent[what] = _spent.get(what, 0.0) + total - _inside.pop()
        if _inside:
            _inside[-1] += total


def taken() -> dict[str, float]:
    """Seconds by name since this was last asked."""
    found = dict(_spent)
    _spent.clear()
    return found
