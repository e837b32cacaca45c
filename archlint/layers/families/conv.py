"""Convolutions and transposed convolutions over one to three spatial axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, Union

from archlint.dims import Dim, Size, add, divide, floordiv, mul, product
from archlint.layers.families.contract import divisibility_fault, prefer, rank_fault, size_fault
from archlint.layers.families.space import image_demand
from archlint.layers.spec import AxisSource, Fault, Out, Slide
from archlint.values import Tensor

Padding: TypeAlias = Union[Sequence[tuple[Size, Size]], Literal["same", "valid"], None]
"""(before, after) per spatial axis, a name, or None where it is not known."""


def pads(padding: Padding, n: int) -> Sequence[tuple[Size, Size]] | None:
    """The pairs of a padding that has numbers; None for "same" and for what is not known."""
    if padding == "valid":
        return ((0, 0),) * n
    return None if padding is None or isinstance(padding, str) else padding


def extent(kernel: Size, dilation: Size) -> Size:
    """Effective kernel: `dilation * (kernel - 1) + 1`."""
    return add(mul(dilation, add(kernel, -1)), 1)


def quotient(a: Size, by: Size) -> Size:
    """Floor of a division; unknown unless the divisor is a positive number, or nothing is divided.

    `F.max_pool1d(x, x.size(2))` makes no step: 0 // T is 0.
    """
    if isinstance(a, int) and a == 0 and isinstance(by, Dim):
        return 0
    return floordiv(a, by) if isinstance(a, (int, Dim)) and isinstance(by, int) and by > 0 else None


def ceiling(a: Size, by: Size) -> Size:
    """Division rounded up; unknown unless the divisor is a positive number."""
    return None if a is None or not isinstance(by, int) else quotient(a + (by - 1), by)


def slide(size: Size, kernel: Size, stride: Size, dilation: Size, pad: tuple[Size, Size]) -> Size:
    """Windows along one axis: `(size + pads - dilation*(kernel - 1) - 1)//stride + 1`."""
    room = add(add(size, pad[0]), pad[1])
    covered = extent(kernel, dilation)
    return add(quotient(None if covered is None else add(room, -covered), stride), 1)


def window_sizes(
    space: Sequence[Size], kernel: Sequence[Size], stride: Sequence[Size], dilation: Sequence[Size], padding: Padding
) -> tuple[Size, ...]:
    """Sizes of the spatial axes after sliding a window over them; "same" padding rounds up."""
    if padding == "same":
        return tuple(ceiling(h, s) for h, s in zip(space, stride, strict=True))
    pairs = pads(padding, len(space))
    if pairs is None:
        return (None,) * len(space)
    return tuple(slide(*axis) for axis in zip(space, kernel, stride, dilation, pairs, strict=True))


def slides(
    space: Sequence[Size], kernel: Sequence[Size], stride: Sequence[Size], dilation: Sequence[Size], padding: Padding,
    counts: Sequence[Size],
) -> tuple[Slide, ...]:  # fmt: skip
    """Where the windows lie on each axis; "same" padding puts the smaller half before it."""
    pairs = pads(padding, len(space))
    found = []
    for i, (size, k, s, d, n) in enumerate(zip(space, kernel, stride, dilation, counts)):
        before: Size = None if pairs is None else pairs[i][0]
        covered = extent(k, d)
        if padding == "same" and isinstance(size, int) and isinstance(n, int) and isinstance(s, int):
            before = max((n - 1) * s + covered - size, 0) // 2 if isinstance(covered, int) else None
        found.append(Slide(size, k, s, d, before, n))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the axes of an image-like tensor are; `batched` False for torch's `(C, H, W)`."""

    n: int
    channels_last: bool = False
    batched: bool = True

    @property
    def channel(self) -> int:
        """Index of the channel axis."""
        first = 1 if self.batched else 0
        return first + self.n if self.channels_last else first

    @property
    def space(self) -> range:
        """Indices of the spatial axes."""
        first = (1 if self.batched else 0) + (0 if self.channels_last else 1)
        return range(first, first + self.n)

    def arrange(self, batch: Sequence[Size], channel: Size, space: Sequence[Size]) -> tuple[Size, ...]:
        """A shape from its parts."""
        return (*batch, *space, channel) if self.channels_last else (*batch, channel, *space)

    def batch(self, shape: Sequence[Size]) -> tuple[Size, ...]:
        """The batch axis, if there is one."""
        return tuple(shape[:1]) if self.batched else ()

    def sources(self, channel: AxisSource) -> tuple[AxisSource, ...]:
        """Origins of the output's axes: each keeps its meaning, whatever its size; the channels may be new."""
        return tuple(channel if i == self.channel else i for i in range(self.n + 1 + self.batched))


def layout_of(x: Tensor, n: int, channels_last: bool, unbatched: bool) -> tuple[Layout, tuple[Fault, ...]]:
    """The layout of the input, with a fault if it has the wrong number of axes."""
    accepted = (n + 1, n + 2) if unbatched else (n + 2,)
    names = (*"HW",) if n == 2 else (*"DHW",)[-n:] if n == 3 else ("L",)
    wanted = ", ".join(("N", *names, "C") if channels_last else ("N", "C", *names))
    faults = rank_fault(x, n + 2, accepted, f"({wanted})")
    return Layout(n, channels_last, x.shape is None or len(x.shape) != n + 1), faults


def empty_fault(
    shape: Sequence[Size], space: Sequence[int], arg: str, before: Sequence[Size], least: int = 1
) -> tuple[Fault, ...]:
    """A fault if a spatial axis of the output is known to have less than `least` positions left."""
    for i in space:
        size = shape[i]
        if isinstance(size, int) and size < least:
            return (Fault("empty", arg, f"the window does not fit axis {i} of size {before[i]}", 1, size, i),)
    return ()


def weight_count(inputs: Size, out: Size, kernel: Sequence[Size], groups: Size, bias: bool | None) -> Size:
    """`out * (prod(kernel) * inputs/groups + bias)`; unknown if the bias is."""
    each = mul(product(kernel), divide(inputs, groups))
    return None if bias is None else mul(out, add(each, int(bias)))


def conv(
    x: Tensor,
    *,
    n: int,
    out: Size,
    kernel: Sequence[Size],
    stride: Sequence[Size],
    padding: Padding,
    dilation: Sequence[Size],
    groups: Size = 1,
    bias: bool | None = True,
    declared_in: Size = None,
    channels_last: bool = False,
    unbatched: bool = False,
    arg: str = "in_channels",
    kernel_arg: str = "kernel_size",
    groups_arg: str = "groups",
    out_arg: str = "out_channels",
) -> Out:
    """Convolution over `n` axes; `padding` in pairs, or "same" (rounds up), or "valid"."""
    layout, faults = layout_of(x, n, channels_last, unbatched)
    demand = image_demand(n, channels_last, declared_in)
    channels = x.shape[layout.channel] if x.shape is not None and not faults else None
    inputs = prefer(declared_in, channels)
    params = weight_count(inputs, out, kernel, groups, bias)
    window = tuple((extent(k, d), s) for k, d, s in zip(kernel, dilation, stride, strict=True))
    built = (
        *divisibility_fault(groups_arg, inputs, groups, "input channels"),
        *divisibility_fault(groups_arg, out, groups, f"{out_arg}"),
    )
    if x.shape is None or faults:
        last = out if channels_last else None
        return Out(None, params, window=window, faults=(*built, *faults), demand=demand, last=last)
    space = window_sizes([x.shape[i] for i in layout.space], kernel, stride, dilation, padding)
    shape = layout.arrange(layout.batch(x.shape), out, space)
    faults = (*built, *size_fault("channels", arg, declared_in, channels, layout.channel))
    empty = empty_fault(shape, layout.space, kernel_arg, x.shape)
    if empty:
        return Out(None, params, window=window, faults=(*faults, *empty), demand=demand)
    each = mul(product(kernel), divide(inputs, groups))
    placed = slides([x.shape[i] for i in layout.space], kernel, stride, dilation, padding, space)
    return Out(
        shape, params, axes=layout.sources("channel"), window=window, slides=placed, macs=mul(product(shape), each),
        faults=faults, demand=demand,
    )  # fmt: skip


def stretch(
    space: Sequence[Size],
    kernel: Sequence[Size],
    stride: Sequence[Size],
    dilation: Sequence[Size],
    padding: Padding,
    extra: Sequence[Size],
) -> tuple[Size, ...]:
    """Spatial sizes of a transposed convolution.

    Numbers: `(h - 1)*s - pads + extent + extra`.  "same": `h*s`.  "valid": `h*s + max(extent - s, 0)`.
    """
    if padding == "same":
        return tuple(mul(h, s) for h, s in zip(space, stride, strict=True))
    found: list[Size] = []
    pairs = None if padding is None or isinstance(padding, str) else padding
    for i, (h, k, s, d) in enumerate(zip(space, kernel, stride, dilation, strict=True)):
        covered = extent(k, d)
        if padding == "valid":
            more = max(covered - s, 0) if isinstance(covered, int) and isinstance(s, int) else None
            found.append(add(mul(h, s), more))
        elif pairs is None:
            found.append(None)
        else:
            cut = add(*pairs[i])
            grown = add(add(mul(add(h, -1), s), covered), extra[i])
            found.append(None if cut is None else add(grown, -cut))
    return tuple(found)


def conv_transpose(
    x: Tensor,
    *,
    n: int,
    out: Size,
    kernel: Sequence[Size],
    stride: Sequence[Size],
    padding: Padding,
    dilation: Sequence[Size],
    extra: Sequence[Size],
    groups: Size = 1,
    bias: bool | None = True,
    declared_in: Size = None,
    channels_last: bool = False,
    unbatched: bool = False,
    arg: str = "in_channels",
    kernel_arg: str = "kernel_size",
    least: int = 1,
) -> Out:
    """Transposed convolution; `extra` is the output padding, used with numeric padding only."""
    layout, faults = layout_of(x, n, channels_last, unbatched)
    demand = image_demand(n, channels_last, declared_in)
    channels = x.shape[layout.channel] if x.shape is not None and not faults else None
    inputs = prefer(declared_in, channels)
    each = mul(product(kernel), divide(out, groups))
    params = None if bias is None else add(mul(inputs, each), mul(out, int(bias)))
    window = tuple((extent(k, d), (1, s)) for k, d, s in zip(kernel, dilation, stride, strict=True))
    built = (
        *divisibility_fault("groups", inputs, groups, "input channels"),
        *divisibility_fault("groups", out, groups, "output channels"),
    )
    if x.shape is None or faults:
        last = out if channels_last else None
        return Out(None, params, window=window, faults=(*built, *faults), demand=demand, last=last)
    space = stretch([x.shape[i] for i in layout.space], kernel, stride, dilation, padding, extra)
    shape = layout.arrange(layout.batch(x.shape), out, space)
    faults = (*built, *size_fault("channels", arg, declared_in, channels, layout.channel))
    empty = empty_fault(shape, layout.space, kernel_arg, x.shape, least)
    if empty:
        return Out(None, params, window=window, faults=(*faults, *empty), demand=demand)
    macs = mul(product(x.shape), each)
    return Out(
        shape,
        params,
        axes=layout.sources("channel"),
        window=window,
        macs=macs,
        faults=faults,
        demand=demand,
    )
