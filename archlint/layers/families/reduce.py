"""Axes that go away in a sum, a mean, a maximum, a norm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archlint.layers.arguments import axis_index, known
from archlint.layers.families.reshape import bad_axis
from archlint.layers.spec import Fault, Out
from archlint.values import Tensor


def reduced_axes(x: Tensor, axes: Any, arg: str = "dim") -> tuple[int, ...] | Out:
    """The axes as indices from 0 (all of them for None), or the output that says which one does not exist."""
    assert x.shape is not None
    rank = len(x.shape)
    if known(axes) is None:
        return tuple(range(rank))
    found: list[int] = []
    for axis in axes if isinstance(axes, (tuple, list)) else (axes,):
        at = axis_index(axis, max(rank, 1))
        if at is None:
            return bad_axis(axis, rank, arg)
        if at in found:
            text = f"axis {axis} is named twice in {tuple(axes)}"
            return Out(None, faults=(Fault("axis", arg, text, rank, axis),))
        found.append(at)
    return tuple(sorted(found)) if rank else ()


def reduce(x: Tensor, axes: Any, keepdims: bool, *, arg: str = "dim", dtype: str | None = None) -> Out:
    """`axes` None reduces everything; reduced axes go away, or stay as 1."""
    if x.shape is None:
        return Out((), dtype=dtype, sees_all=True) if known(axes) is None and not keepdims else Out(None, dtype=dtype)
    found = reduced_axes(x, axes, arg)
    if isinstance(found, Out):
        return found
    rank = len(x.shape)
    kept = [i for i in range(rank) if i not in found]
    everything = covers_positions(x, found)
    if keepdims:
        shape = tuple(1 if i in found else s for i, s in enumerate(x.shape))
        return Out(shape, axes=tuple(range(rank)), dtype=dtype, sees_all=everything)
    return Out(tuple(x.shape[i] for i in kept), axes=tuple(kept), dtype=dtype, sees_all=everything)


def covers_positions(x: Tensor, axes: Sequence[int]) -> bool:
    """Does reducing these axes take in every position in space or time?"""
    assert x.shape is not None
    if x.axes is not None:
        roles = [{atom.role for atom in axis} for axis in x.axes]
        places = [i for i, r in enumerate(roles) if any(n == "time" or n.startswith("space") for n in r)]
        if places:
            return set(places) <= set(axes)
    rank = len(x.shape)
    return rank > 2 and tuple(axes) in (tuple(range(rank)), tuple(range(2, rank)), tuple(range(1, rank - 1)))
