"""Evaluating with room: for Python's own frames, and between two looks for garbage.

Both are only a matter of time.  Evaluation calls deeply, and from CPython 3.11 on frames lie in chunks of 16 KB that
are mapped and given back each time that the depth of calls goes to and fro over the end of one: a fifth of the time
that a long file takes.  A frame that asks for much gets a chunk that has room for all the others as well; what is
not used of it takes no memory.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from types import FunctionType
from typing import TypeVar

Result = TypeVar("Result")

_FRAME = (1 << 17) + 1
"""Words that the wide frame asks for; chunks double, so that nearly as much is left for what it calls: a megabyte."""

_SELDOM = 10_000
"""New objects between two looks at the youngest: nearly all that a model makes stays until the file is done."""


def with_room(run: Callable[[], Result]) -> Result:
    """What `run` gives."""
    thresholds = gc.get_threshold()
    if 0 < thresholds[0] < _SELDOM:
        gc.set_threshold(_SELDOM, *thresholds[1:])
    try:
        return _wide(run)  # type: ignore[no-any-return]
    finally:
        gc.set_threshold(*thresholds)


def _narrow(run: Callable[[], Result]) -> Result:
    return run()


_wide = FunctionType(_narrow.__code__.replace(co_stacksize=_FRAME), globals(), "_wide")
