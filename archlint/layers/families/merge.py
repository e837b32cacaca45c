"""Several tensors into one along an axis: concatenation and stacking."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archlint.dims import Size, add, proven_different, show, show_shape
from archlint.layers.arguments import axis_index
from archlint.layers.families.contract import prefer
from archlint.layers.families.elementwise import promoted
from archlint.layers.spec import AxisSource, Fault, Out
from archlint.values import Shape, Tensor


def agree(shapes: Sequence[Sequence[Size]], free: int | None, what: str) -> tuple[list[Size], tuple[Fault, ...]]:
    """Sizes common to all shapes of one rank, except on the `free` axis; a fault where two differ."""
    common = list(shapes[0])
    for shape in shapes[1:]:
        for i, size in enumerate(shape):
            if i == free:
                continue
            if proven_different(common[i], size):
                text = f"{what} {', '.join(map(show_shape, map(tuple, shapes)))}: axis {i} is "
                text += f"{show(common[i])} and {show(size)}"
                return common, (Fault("merge", "", text, common[i], size, i),)
            common[i] = prefer(common[i], size)
    return common, ()


def _ranks_differ(shapes: Sequence[Sequence[Size]], what: str) -> tuple[Fault, ...]:
    ranks = sorted({len(s) for s in shapes})
    if len(ranks) < 2:
        return ()
    text = f"{what} tensors of {' and '.join(map(str, ranks))} axes"
    return (Fault("merge", "", text, ranks[0], ranks[-1]),)


def _bad_axis(axis: int, rank: int, arg: str) -> Fault:
    return Fault("axis", arg, f"axis {axis} does not exist in {rank} axes", rank, axis)


def concatenate(xs: Sequence[Tensor], axis: Any, *, arg: str = "dim", skip_empty: bool = False) -> Out:
    """Joined along an axis, whose sizes add up; all others must agree.  `skip_empty`: torch ignores shape (0,)."""
    shapes = [t.shape for t in xs if not (skip_empty and t.shape == (0,))]
    known = [s for s in shapes if s is not None]
    dtype = promoted([t.dtype for t in xs])
    if not known:
        return Out(None, dtype=dtype)
    faults = _ranks_differ(known, "joins")
    if faults:
        return Out(None, faults=faults)
    rank = len(known[0])
    at = axis_index(axis, rank)
    if at is None:
        return Out(None, faults=(_bad_axis(axis, rank, arg),))
    common, faults = agree(known, at, f"joins on axis {at}")
    if faults:
        return Out(None, faults=faults)
    total: Size = 0
    for shape in shapes:
        total = add(total, None if shape is None else shape[at])
    common[at] = total
    return Out(tuple(common), axes=tuple(range(rank)), dtype=dtype)


def stack(xs: Sequence[Tensor], axis: Any, *, arg: str = "dim") -> Out:
    """A new axis over tensors of one shape."""
    known: list[tuple[Size, ...]] = [t.shape for t in xs if t.shape is not None]
    dtype = promoted([t.dtype for t in xs])
    if not known:
        return Out(None, dtype=dtype)
    faults = _ranks_differ(known, "stacks")
    if faults:
        return Out(None, faults=faults)
    rank = len(known[0]) + 1
    at = axis_index(axis, rank)
    if at is None:
        return Out(None, faults=(_bad_axis(axis, rank, arg),))
    common, faults = agree(known, None, "stacks")
    if faults:
        return Out(None, faults=faults)
    shape: Shape = (*common[:at], len(xs), *common[at:])
    axes: tuple[AxisSource, ...] = (*range(at), "", *range(at, rank - 1))
    return Out(shape, axes=axes, dtype=dtype)
