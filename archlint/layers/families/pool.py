"""Pooling: a window that reduces, an output size that is given, or everything at once."""

from __future__ import annotations

from collections.abc import Sequence

from archlint.dims import Dim, Size, add, mul
from archlint.layers.families.conv import Padding, empty_fault, extent, layout_of, pads, slide, slides, window_sizes
from archlint.layers.families.space import image_demand
from archlint.layers.spec import Fault, Out
from archlint.values import Tensor


def round_up(size: Size, kernel: Size, stride: Size, dilation: Size, pad: tuple[Size, Size]) -> Size:
    """Windows along one axis with `ceil_mode`: a last window that would start in the padding is dropped.

    It cannot start there when `pad + stride - 1 <= dilation * (kernel - 1)`; only then a symbol has a closed form.
    """
    if not isinstance(stride, int) or stride <= 0:
        return None
    found = slide(size, kernel, stride, dilation, (pad[0], add(pad[1], stride - 1)))
    limit = add(size, pad[0])
    if isinstance(found, int) and isinstance(limit, int):
        return found - 1 if (found - 1) * stride >= limit else found
    covered = extent(kernel, dilation)
    if isinstance(covered, int) and isinstance(pad[0], int) and pad[0] + stride <= covered:
        return found
    return None


def _pad_faults(padding: Padding, kernel: Sequence[Size], dilation: Sequence[Size], n: int) -> tuple[Fault, ...]:
    pairs = pads(padding, n) or ()
    for (before, _), k, d in zip(pairs, kernel, dilation, strict=False):
        covered = extent(k, d)
        if isinstance(before, int) and isinstance(covered, int) and not 0 <= before <= covered // 2:
            text = f"padding {before} is more than half of the window of {covered}"
            return (Fault("arguments", "padding", text, covered // 2, before),)
    return ()


def pool(
    x: Tensor,
    *,
    n: int,
    kernel: Sequence[Size],
    stride: Sequence[Size],
    padding: Padding,
    dilation: Sequence[Size] | None = None,
    ceil_mode: bool | None = False,
    channels_last: bool = False,
    unbatched: bool = False,
    limit_padding: bool = False,
    covered: bool = False,
    kernel_arg: str = "kernel_size",
) -> Out:
    """A window of `kernel` moved by `stride`; channels stay.  `limit_padding`: at most half the window (torch).

    `covered`: the window may not be larger than the input, padded or not (torch's mean in 3-D).
    """
    dilation = (1,) * n if dilation is None else dilation
    layout, faults = layout_of(x, n, channels_last, unbatched)
    demand = image_demand(n, channels_last)
    window = tuple((extent(k, d), s) for k, d, s in zip(kernel, dilation, stride, strict=True))
    if limit_padding:
        faults = (*faults, *_pad_faults(padding, kernel, dilation, n))
    if x.shape is None or faults:
        return Out(None, window=window, faults=faults, demand=demand, last=x.last if channels_last else None)
    before = [x.shape[i] for i in layout.space]
    space = window_sizes(before, kernel, stride, dilation, padding)
    pairs = pads(padding, n)
    if ceil_mode is None:
        space = tuple(h if s == 1 else None for h, s in zip(space, stride, strict=True))
    elif ceil_mode and pairs is not None:
        space = tuple(round_up(*axis) for axis in zip(before, kernel, stride, dilation, pairs, strict=True))
    shape = layout.arrange(layout.batch(x.shape), x.shape[layout.channel], space)
    empty = empty_fault(shape, layout.space, kernel_arg, x.shape)
    if covered and not empty:
        left = [None if h is None or k is None else add(h, 1 - k) for h, k in zip(before, kernel, strict=True)]
        empty = empty_fault(left, range(n), kernel_arg, before)
    if empty:
        return Out(None, window=window, faults=empty, demand=demand)
    placed = slides(before, kernel, stride, dilation, padding, space)
    return Out(shape, axes=layout.sources(layout.channel), window=window, slides=placed, demand=demand)


def adaptive(
    x: Tensor, *, n: int, sizes: Sequence[Size], kept: Sequence[bool], channels_last: bool = False,
    unbatched: bool = False,
) -> Out:  # fmt: skip
    """Pooling to `sizes`, whatever the input's; an axis that is `kept` stays as it is (`None` in torch)."""
    layout, faults = layout_of(x, n, channels_last, unbatched)
    demand = image_demand(n, channels_last)
    everything = all(isinstance(s, int) and s == 1 and not k for s, k in zip(sizes, kept, strict=True))
    name = "global_pool" if everything else ""
    if x.shape is None or faults:
        last = x.last if channels_last else None
        return Out(None, faults=faults, demand=demand, sees_all=everything, last=last, family=name)
    space = [x.shape[i] if k else s for i, s, k in zip(layout.space, sizes, kept, strict=True)]
    shape = layout.arrange(layout.batch(x.shape), x.shape[layout.channel], space)
    axes = layout.sources(layout.channel)
    return Out(shape, axes=axes, demand=demand, sees_all=everything, family=name)


def global_pool(x: Tensor, *, n: int, channels_last: bool, keepdims: bool = False) -> Out:
    """All of space reduced to one value per channel: `(batch, channels)`, or with axes of 1 kept."""
    layout, faults = layout_of(x, n, channels_last, unbatched=False)
    demand = image_demand(n, channels_last)
    if x.shape is None or faults:
        last = x.last if channels_last else None
        return Out(None, faults=faults, demand=demand, sees_all=True, last=last)
    batch, channel = layout.batch(x.shape), x.shape[layout.channel]
    if not keepdims:
        return Out((*batch, channel), axes=(0, layout.channel), sees_all=True, demand=demand)
    shape = layout.arrange(batch, channel, (1,) * n)
    return Out(shape, axes=layout.sources(layout.channel), sees_all=True, demand=demand)


def unpool(x: Tensor, *, n: int, kernel: Sequence[Size], stride: Sequence[Size], padding: Sequence[Size]) -> Out:
    """The inverse of max pooling: `(h - 1)*s - 2*p + k`."""
    layout, faults = layout_of(x, n, channels_last=False, unbatched=True)
    demand = image_demand(n, channels_last=False)
    window = tuple((k, (1, s)) for k, s in zip(kernel, stride, strict=True))
    if x.shape is None or faults:
        return Out(None, window=window, faults=faults, demand=demand)
    space: list[int | Dim | None] = []
    for i, k, s, p in zip(layout.space, kernel, stride, padding, strict=True):
        space.append(add(add(mul(add(x.shape[i], -1), s), mul(p, -2)), k))
    shape = layout.arrange(layout.batch(x.shape), x.shape[layout.channel], space)
    return Out(shape, axes=layout.sources(layout.channel), window=window, demand=demand)
