"""Subscripts of tensors: `x[:, 0]`, `x[..., None, ::2]`, `x[mask]`, `x[ids]`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import EllipsisType
from typing import Any

from archlint.dims import Dim, Size, bounds, var
from archlint.layers.families.conv import ceiling
from archlint.layers.families.elementwise import broadcast_shapes
from archlint.layers.spec import AxisSource, Fault, Out
from archlint.values import SliceValue, Tensor, Unknown


@dataclass(frozen=True, slots=True)
class _Many:
    """An index by a tensor or a list: `taken` axes of the input become the axes of `shape`."""

    shape: tuple[Size, ...]
    taken: int


_ONE = var("index", "argument")
"""A position that is not known."""


def subscript(x: Tensor, index: tuple[Any, ...]) -> Out:
    """torch's rules: an integer drops its axis, None adds one, a slice keeps it, tensors are broadcast together.

    Axes made by tensors stand where the first of them stood, or in front if others are between them.
    """
    if x.shape is None:
        return Out(last=x.last if _leaves_last(index) else None)
    parts = [_classify(i) for i in index]
    if None in parts:
        return Out()
    taken = sum(_taken(p) for p in parts)
    rank = len(x.shape)
    if taken > rank:
        text = f"{taken} indices for {rank} axes"
        return Out(None, faults=(Fault("rank", "", text, taken, rank),))
    fill = [SliceValue(None, None, None)] * (rank - taken)
    at = next((i for i, p in enumerate(parts) if isinstance(p, EllipsisType)), len(parts))
    return _apply(x.shape, [*parts[:at], *fill, *parts[at + 1 :]])


def _leaves_last(index: Sequence[Any]) -> bool:
    """Does the last axis survive whatever the rank: `x[..., 0, :]`, or `x[0]` of at least two axes?"""
    if Ellipsis not in [i for i in index if i is None or isinstance(i, EllipsisType)]:
        return False
    last = index[-1]
    return isinstance(last, SliceValue) and last.lower is last.upper is last.step is None


def _classify(item: Any) -> Any:
    """`int | Dim | SliceValue | Ellipsis | "new" | _Many`, or None for what cannot be told."""
    if item is None:
        return "new"
    if isinstance(item, (bool, str)):
        return None
    if isinstance(item, (int, Dim, SliceValue, EllipsisType)):
        return item
    if isinstance(item, (tuple, list)):
        simple = all(isinstance(v, int) and not isinstance(v, bool) for v in item)
        return _Many((len(item),), 1) if simple else None
    if isinstance(item, Unknown) and item.whole:
        return _ONE
    if not isinstance(item, Tensor) or item.shape is None:
        return None
    if item.dtype == "bool":
        return _Many((None,), len(item.shape)) if item.shape else None
    if item.dtype:
        return _Many(item.shape, 1) if item.shape else _ONE
    return _Many((None,), 1) if len(item.shape) == 1 else None  # numbers or a mask: an axis for an axis either way


def _taken(part: Any) -> int:
    if isinstance(part, _Many):
        return part.taken
    return 0 if isinstance(part, (str, EllipsisType)) else 1


def _apply(shape: tuple[Size, ...], parts: Sequence[Any]) -> Out:
    result: list[Size] = []
    axes: list[AxisSource] = []
    found: list[tuple[int, tuple[Size, ...]]] = []
    at = 0
    for part in parts:
        if isinstance(part, _Many):
            found.append((len(result), part.shape))
            result.append(None)  # holds the place
            axes.append(None)
        elif isinstance(part, str):
            result.append(1)
            axes.append("")
        elif isinstance(part, SliceValue):
            result.append(sliced(shape[at], part))
            axes.append(at)
        elif _outside(part, shape[at]):
            text = f"index {part} is outside of axis {at} of size {shape[at]}"
            return Out(None, faults=(Fault("axis", "", text, shape[at], part, at),))
        at += _taken(part)
    return _place(result, axes, found) if found else Out(tuple(result), axes=tuple(axes))


def _outside(index: Any, size: Size) -> bool:
    return isinstance(index, int) and isinstance(size, int) and not -size <= index < size


def _place(result: list[Size], axes: list[AxisSource], found: Sequence[tuple[int, tuple[Size, ...]]]) -> Out:
    """The broadcast axes of all tensor indices, in place of the first or in front of all."""
    joined, faults = broadcast_shapes([s for _, s in found])
    if joined is None:
        return Out(None, faults=faults)
    places = [i for i, _ in found]
    adjacent = places == list(range(places[0], places[0] + len(places)))
    others = [i for i in range(len(result)) if i not in places]
    first = sum(i < places[0] for i in others) if adjacent else 0
    made: list[AxisSource] = [None] * len(joined)
    return Out(
        (*(result[i] for i in others[:first]), *joined, *(result[i] for i in others[first:])),
        axes=(*(axes[i] for i in others[:first]), *made, *(axes[i] for i in others[first:])),
    )


def sliced(size: Size, part: SliceValue) -> Size:
    """Length of `lower:upper:step` on an axis.

    Of a symbolic size: `T[1:]` is `T - 1` and `T[:-2]` is `T - 2` (unless nothing is left), and a table of
    5000 rows cut by `[:T]` has T rows (unless T is more, when whatever is added to it no longer fits).
    `T[:512]` is not known.
    """
    lower, upper, step = part.lower, part.upper, 1 if part.step is None else part.step
    if isinstance(size, int) and size < 0:
        return None
    if isinstance(size, int) and all(v is None or isinstance(v, int) for v in (lower, upper, step)):
        return len(range(*slice(lower, upper, step).indices(size))) if step != 0 else None
    if lower is None and upper is None and step == 1:
        return size
    start, stop = _start(size, lower), _stop(size, upper)
    if start is None or stop is None or not isinstance(step, int) or step < 1:
        return None
    length = stop - start
    if isinstance(length, int) or bounds(length)[1] <= 0:
        length = max(length, 0) if isinstance(length, int) else 0
    return ceiling(length, step)


def _start(size: Size, lower: Any) -> Size:
    if lower is None:
        return 0
    if not isinstance(lower, (int, Dim)) or size is None:
        return None
    if bounds(lower)[0] >= 0:
        return lower
    return size + lower if bounds(lower)[1] < 0 and bounds(size + lower)[0] >= 0 else None


def _stop(size: Size, upper: Any) -> Size:
    if upper is None:
        return size
    if not isinstance(upper, (int, Dim)) or size is None:
        return None
    low, high = bounds(upper)
    if high < 0:
        return size + upper
    if low < 0:
        return None
    room_low, room_high = bounds(size - upper)
    if room_low >= 0 or (isinstance(size, int) and not isinstance(upper, int)):
        return upper
    return size if room_high <= 0 else None
