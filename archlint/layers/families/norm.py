"""Normalisation: the shape stays; scale, shift and running statistics belong to the layer."""

from __future__ import annotations

from collections.abc import Sequence

from archlint.dims import Size, add, mul, product
from archlint.layers.families.contract import divisibility_fault, prefer, rank_fault, size_fault
from archlint.layers.spec import Demand, Fault, Out
from archlint.values import Tensor


def count(size: Size, *owned: bool | None) -> Size:
    """`size` numbers for each vector the layer owns; unknown if it is not known which it owns."""
    return None if None in owned else mul(size, sum(map(bool, owned)))


def channel_norm(
    x: Tensor,
    *,
    declared: Size = None,
    axis: int = 1,
    ranks: tuple[int, ...] = (),
    affine: Sequence[bool | None] = (True, True),
    tracked: bool | None = True,
    counter: int = 0,
    strict: bool = True,
    demand: Demand | None = None,
    arg: str = "num_features",
) -> Out:
    """Normalisation per channel; `affine` says whether it owns a scale and a shift, `tracked` running statistics.

    `counter`: further untrained numbers beside the statistics (torch counts its batches).
    `strict`: a wrong number of channels is an error.
    """
    faults = rank_fault(x, ranks[-1], ranks) if ranks else ()
    inside = x.shape is not None and not faults and -len(x.shape) <= axis < len(x.shape)
    channels = x.shape[axis] if x.shape is not None and inside else x.last if axis == -1 else None
    size = prefer(declared, channels)
    params = count(size, *affine)
    state = None if tracked is None else add(mul(size, 2), counter) if tracked else 0
    if x.shape is None or faults:
        return Out(None, params, state, last=x.last, faults=faults, demand=demand, like_input=not faults)
    if not inside:
        fault = Fault("rank", "", f"has no axis {axis}, got {len(x.shape)} axes", axis + 1, len(x.shape))
        return Out(None, params, state, faults=(fault,), demand=demand)
    if strict:
        faults = size_fault("channels", arg, declared, channels, axis % len(x.shape))
    return Out(x.shape, params, state, axes=tuple(range(len(x.shape))), faults=faults, demand=demand, like_input=True)


def trailing_norm(
    x: Tensor, *, shape: Sequence[Size] | None, owned: Sequence[bool | None], arg: str = "normalized_shape"
) -> Out:
    """Normalisation over the trailing axes, whose sizes are declared; None if they are not known."""
    if shape is None:
        return Out(x.shape, None, like_input=True, last=x.last)
    demand = Demand((shape[-1],), ("features",), last_only=True) if shape else None
    params = count(product(shape), *owned)
    if x.shape is None:
        faults = size_fault("features", arg, shape[-1], x.last, None) if shape else ()
        return Out(None, params, like_input=True, last=x.last, demand=demand, faults=faults)
    rank, n = len(x.shape), len(shape)
    if rank < n:
        fault = Fault("rank", arg, f"needs at least {n} axes, got {rank}", n, rank)
        return Out(None, params, faults=(fault,), demand=demand)
    faults = ()
    for i, declared in enumerate(shape):
        faults = (*faults, *size_fault("features", arg, declared, x.shape[rank - n + i], rank - n + i))
    return Out(x.shape, params, axes=tuple(range(rank)), like_input=True, demand=demand, faults=faults[-1:])


def group_norm(
    x: Tensor,
    *,
    groups: Size,
    declared: Size = None,
    axis: int = 1,
    affine: Sequence[bool | None] = (True, True),
    strict: bool = True,
    group_arg: str = "num_groups",
    arg: str = "num_channels",
) -> Out:
    """Normalisation over groups of channels, which must divide them."""
    out = channel_norm(x, declared=declared, axis=axis, affine=affine, tracked=False, strict=strict, arg=arg)
    inside = x.shape is not None and -len(x.shape) <= axis < len(x.shape)
    channels = x.shape[axis] if x.shape is not None and inside else None
    extra = divisibility_fault(group_arg, declared, groups, "channels") or divisibility_fault(
        group_arg, channels, groups, "channels"
    )
    return Out(out.shape, out.params, 0, axes=out.axes, like_input=out.like_input, last=out.last,
               faults=(*extra, *out.faults))  # fmt: skip
