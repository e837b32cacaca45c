"""What the elements of an array have in common, and the arrays of two branches."""

from __future__ import annotations

from typing import Any

from archlint.interp.budget import MAX_LOOP
from archlint.values import Array, ListValue, Reason, Unknown


def rows(value: Array) -> Any:
    """Iterating goes along the first axis."""
    if not value.shape or not isinstance(value.shape[0], int) or value.shape[0] > MAX_LOOP:
        return Unknown(Reason.DATA, "iteration over an array of unknown length")
    rest = value.shape[1:]
    one: Any = Array(rest, value.dtype) if rest else Unknown(Reason.DATA, "contents of an array", number=True)
    return ListValue([one] * value.shape[0])


def join(options: list[Array]) -> Array:
    """What arrays of two branches share."""
    first = options[0]
    shape = first.shape
    for other in options[1:]:
        if shape is None or other.shape is None or len(shape) != len(other.shape):
            shape = None
            break
        shape = tuple(a if a == b else None for a, b in zip(shape, other.shape))
    dtype = first.dtype if all(o.dtype == first.dtype for o in options) else None
    return Array(shape, dtype, made=first.made)
