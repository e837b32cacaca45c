"""Layers that only add, drop, repeat or move positions in space: pad, crop, upsample, pixel shuffle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from archlint.dims import Size, add, divide, floordiv, mul, proven_equal, show
from archlint.layers.families.contract import divisibility_fault, rank_fault
from archlint.layers.spec import AxisSource, Demand, Fault, Out
from archlint.values import Tensor

SPACE = ("space0", "space1", "space2")


def image_demand(n: int, channels_last: bool, channels: Size = None) -> Demand:
    """The form of an image-like input: batch, channels, and `n` spatial axes."""
    space: tuple[Size, ...] = (None,) * n
    if channels_last:
        return Demand((None, *space, channels), ("batch", *SPACE[:n], "channel"))
    return Demand((None, channels, *space), ("batch", "channel", *SPACE[:n]))


def image_axes(rank: int, n: int, channels_last: bool) -> tuple[int, tuple[int, ...]]:
    """Indices of the channel axis and of the `n` spatial axes, counted from the end: the batch may be absent."""
    if channels_last:
        return rank - 1, tuple(range(rank - n - 1, rank - 1))
    return rank - n - 1, tuple(range(rank - n, rank))


def unfit(x: Tensor, want: int, accepted: tuple[int, ...] = (), demand: Demand | None = None) -> Out | None:
    """The output for an unknown or a wrong rank; None if the rank is right."""
    faults = rank_fault(x, want, accepted)
    return Out(faults=faults, demand=demand) if x.shape is None or faults else None


def _empty(
    sizes: Sequence[Size], axes: Sequence[int], before: Sequence[Size], arg: str, least: int
) -> tuple[Fault, ...]:
    for axis, size in zip(axes, sizes, strict=True):
        if isinstance(size, int) and size < least:
            return (Fault("empty", arg, f"nothing is left of the {show(before[axis])} positions", 1, size, axis),)
    return ()


def _role(x: Tensor, axis: int, otherwise: str) -> str:
    """What an axis means, so that a cropped time axis is still time."""
    atoms = x.axes[axis] if x.axes else ()
    return atoms[0].role or otherwise if len(atoms) == 1 else otherwise


def resized(
    x: Tensor,
    axes: Sequence[int],
    sizes: Sequence[Size],
    *,
    arg: str = "",
    demand: Demand | None = None,
    window: tuple[tuple[Size, Any], ...] = (),
    least: int = 1,
) -> Out:
    """New sizes on some axes, which keep their meaning; a size of less than `least` is a fault."""
    if x.shape is None:
        return Out(demand=demand, window=window)
    shape = list(x.shape)
    sources: list[AxisSource] = list(range(len(shape)))
    for j, (axis, size) in enumerate(zip(axes, sizes, strict=True)):
        if not proven_equal(shape[axis], size):
            sources[axis] = _role(x, axis, SPACE[j] if j < 3 else "")
        shape[axis] = size
    faults = _empty(sizes, axes, x.shape, arg, least)
    return Out(None if faults else tuple(shape), axes=tuple(sources), window=window, faults=faults, demand=demand)


def pad(
    x: Tensor,
    axes: Sequence[int],
    amounts: Sequence[tuple[Size, Size]],
    *,
    arg: str = "padding",
    demand: Demand | None = None,
    least: int = 1,
) -> Out:
    """`(before, after)` more positions per axis; negative amounts crop, down to `least` positions."""
    if x.shape is None:
        return Out(demand=demand)
    sizes = [add(x.shape[a], add(lo, hi)) for a, (lo, hi) in zip(axes, amounts, strict=True)]
    return resized(x, axes, sizes, arg=arg, demand=demand, least=least)


def crop(
    x: Tensor,
    axes: Sequence[int],
    amounts: Sequence[tuple[Size, Size]],
    *,
    arg: str = "cropping",
    demand: Demand | None = None,
) -> Out:
    """`(before, after)` fewer positions per axis."""
    return pad(x, axes, [(mul(lo, -1), mul(hi, -1)) for lo, hi in amounts], arg=arg, demand=demand)


def mirror_faults(
    x: Tensor, axes: Sequence[int], amounts: Sequence[tuple[Size, Size]], *, repeats_edge: bool, arg: str = "padding"
) -> tuple[Fault, ...]:
    """Reflection needs more positions than it mirrors; one that repeats the edge, or wraps around, as many."""
    for axis, pair in zip(axes, amounts, strict=True):
        size = x.shape[axis] if x.shape else None
        for amount in pair:
            if isinstance(size, int) and isinstance(amount, int) and amount > size - (not repeats_edge):
                return (Fault("empty", arg, f"{amount} positions cannot be mirrored from {size}", size, amount, axis),)
    return ()


def upsample(
    x: Tensor, axes: Sequence[int], factors: Sequence[Size], *, arg: str = "size", demand: Demand | None = None
) -> Out:
    """Every position repeated (or interpolated) `factor` times."""
    if x.shape is None:
        return Out(demand=demand)
    sizes = [mul(x.shape[a], f) for a, f in zip(axes, factors, strict=True)]
    return resized(x, axes, sizes, arg=arg, demand=demand, window=tuple((1, (1, f)) for f in factors))


def scaled(size: Size, factor: Any) -> Size:
    """`floor(size * factor)` as interpolation computes it, for a whole or fractional factor."""
    if size is None or isinstance(factor, bool) or not isinstance(factor, (int, float)):
        return None
    if isinstance(size, int):
        return int(size * factor) if isinstance(factor, int) else int(float(size) * factor)
    if float(factor).is_integer():
        return mul(size, int(factor))
    halvings = {1 / 2**n: 2**n for n in range(1, 11)}  # exact in binary; size * 0.1 may round up to a whole number
    return floordiv(size, halvings[factor]) if factor in halvings else None


def depth_to_space(x: Tensor, block: Size, *, channels_last: bool, arg: str) -> Out:
    """`(b*b*c, h, w)` to `(c, b*h, b*w)`: blocks of channels spread over space."""
    if x.shape is None:
        return Out()
    channel, space = image_axes(len(x.shape), 2, channels_last)
    squared, before = mul(block, block), x.shape[channel]
    faults = divisibility_fault(arg, before, squared, "channels")
    if faults:
        return Out(faults=faults)
    changed = {channel: divide(before, squared), **{i: mul(x.shape[i], block) for i in space}}
    return _rearranged(x, changed, space, ((1, (1, block)),) * 2)


def space_to_depth(x: Tensor, block: Size, *, channels_last: bool, arg: str) -> Out:
    """`(c, b*h, b*w)` to `(b*b*c, h, w)`: blocks of space stacked as channels."""
    if x.shape is None:
        return Out()
    channel, space = image_axes(len(x.shape), 2, channels_last)
    changed = {channel: mul(x.shape[channel], mul(block, block))}
    for axis in space:
        faults = divisibility_fault(arg, x.shape[axis], block, f"positions of axis {axis}")
        if faults:
            return Out(faults=faults)
        changed[axis] = _blocks(x.shape[axis], block)
    return _rearranged(x, changed, space, ((block, block),) * 2)


def _blocks(size: Size, block: Size) -> Size:
    """Number of blocks; a symbol is a multiple of the block, or the call would have failed."""
    exact = divide(size, block)
    if exact is not None or size is None or not isinstance(block, int) or block <= 0:
        return exact
    return floordiv(size, block)


def _rearranged(
    x: Tensor, changed: Mapping[int, Size], space: Sequence[int], window: tuple[tuple[Size, Any], ...]
) -> Out:
    assert x.shape is not None
    shape = tuple(changed.get(i, size) for i, size in enumerate(x.shape))
    roles = {i: SPACE[j] for j, i in enumerate(space)}
    axes = tuple(roles.get(i, "channel") if i in changed else i for i in range(len(shape)))
    return Out(shape, axes=axes, window=window)
