"""torch layers and functions that pad, resize, or move positions between space and channels."""
# ruff: noqa: A002  the parameters bear torch's own names

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from archlint.dims import Size, divide, mul, product
from archlint.layers.arguments import NotKnown, is_unknown, size, sizes
from archlint.layers.families import conv, space
from archlint.layers.families.contract import divisibility_fault, rank_fault, size_fault
from archlint.layers.families.elementwise import like
from archlint.layers.spec import Fault, Out, function, layer
from archlint.values import Choice, Tensor, Unknown

_FROM_LAST = {"constant": None, "reflect": False, "replicate": None, "circular": True}


def _amounts(padding: Any, n: int) -> list[tuple[Size, Size]]:
    """`(left, right, top, bottom, …)` from the last axis backwards, as pairs in the order of the axes."""
    flat = list(padding) if isinstance(padding, (tuple, list)) else [padding] * (2 * n)
    if len(flat) % 2 or isinstance(padding, (Unknown, Choice)):
        raise NotKnown
    pairs = [(size(flat[i]), size(flat[i + 1])) for i in range(0, len(flat), 2)]
    return pairs[::-1]


def _padded(x: Tensor, amounts: Sequence[tuple[Size, Size]], mode: str, arg: str, demand: Any = None) -> Out:
    """Padding of the last axes; reflection and wrapping are limited by the size."""
    if x.shape is None:
        return Out(demand=demand)
    n = len(amounts)
    if n > len(x.shape):
        text = f"padding for {n} axes, the input has {len(x.shape)}"
        return Out(None, faults=(Fault("rank", arg, text, n, len(x.shape)),), demand=demand)
    axes = range(len(x.shape) - n, len(x.shape))
    repeats_edge = _FROM_LAST[mode]
    if repeats_edge is not None:
        broken = space.mirror_faults(x, axes, amounts, repeats_edge=repeats_edge, arg=arg)
        if broken:
            return Out(None, faults=broken, demand=demand)
    return space.pad(x, axes, amounts, arg=arg, demand=demand, least=1 if mode == "replicate" and n == 1 else 0)


def _pad_layer(x: Tensor, n: int, padding: Any, mode: str) -> Out:
    demand = space.image_demand(n, False)
    if mode != "constant":
        wrong = rank_fault(x, n + 2, (n + 1, n + 2))
        if wrong:
            return Out(None, faults=wrong, demand=demand)
    amounts = _amounts(padding, n)
    if len(amounts) != n:
        raise NotKnown
    return _padded(x, amounts, mode, "padding", demand)


def _declare_pads(n: int) -> None:
    @layer(f"torch.nn.ConstantPad{n}d", family="pad")
    def constant_pad(x: Tensor, padding: Any, value: Any) -> Out:
        """A constant around the last axes."""
        return _pad_layer(x, n, padding, "constant")

    for name, mode in (("Zero", "constant"), ("Reflection", "reflect"), ("Replication", "replicate"),
                       ("Circular", "circular")):  # fmt: skip
        _declare_pad(n, name, mode)


def _declare_pad(n: int, name: str, mode: str) -> None:
    @layer(f"torch.nn.{name}Pad{n}d", family="pad")
    def pad_layer(x: Tensor, padding: Any) -> Out:
        """Zeros, or numbers of the input, around the last axes."""
        return _pad_layer(x, n, padding, mode)


for _n in (1, 2, 3):
    _declare_pads(_n)


@function("torch.nn.functional.pad", family="pad")
def f_pad(input: Tensor, pad: Any, mode: Any = "constant", value: Any = None) -> Out:
    """`pad` counts from the last axis backwards: `(left, right, top, bottom, …)`."""
    if isinstance(pad, (Unknown, Choice)) and input.shape is not None:
        return Out((None,) * len(input.shape), axes=tuple(range(len(input.shape))))
    if is_unknown(mode) or mode not in _FROM_LAST or not isinstance(pad, (tuple, list)):
        raise NotKnown
    return _padded(input, _amounts(pad, 0), mode, "pad")


def _resized(x: Tensor, wanted: Any, factor: Any, mode: Any) -> Out:
    """`size` or `scale_factor` for all spatial axes; their number follows from the rank, or from the mode."""
    if x.shape is None:
        return Out(demand=space.image_demand(2, False) if mode in ("bilinear", "bicubic") else None)
    accepted = _RANKS.get(mode, (3, 4, 5)) if isinstance(mode, str) else (3, 4, 5)
    wrong = rank_fault(x, accepted[-1], accepted)
    if wrong:
        return Out(None, faults=wrong)
    n = len(x.shape) - 2
    axes = tuple(range(2, len(x.shape)))
    if wanted is not None and factor is None and not isinstance(wanted, (Unknown, Choice)):
        many = isinstance(wanted, (tuple, list))
        if many and len(wanted) != n:
            return _wrong_count(wanted, n, "size")
        return space.resized(x, axes, [size(w) for w in wanted] if many else [size(wanted)] * n, arg="size")
    if is_unknown(wanted) or is_unknown(factor):
        return Out((*x.shape[:2], *(None,) * n), axes=tuple(range(len(x.shape))))
    if wanted is not None or factor is None:
        return Out(None, faults=(Fault("arguments", "size", "needs either a size or a factor"),))
    factors = list(factor) if isinstance(factor, (tuple, list)) else [factor] * n
    if len(factors) != n:
        return _wrong_count(factors, n, "scale_factor")
    found = [space.scaled(x.shape[a], f) for a, f in zip(axes, factors, strict=True)]
    window = tuple((1, _stride(f)) for f in factors)
    return space.resized(x, axes, found, arg="scale_factor", window=window)


_RANKS = {"linear": (3,), "bilinear": (4,), "bicubic": (4,), "trilinear": (5,)}


def _wrong_count(given: Sequence[Any], n: int, arg: str) -> Out:
    return Out(None, faults=(Fault("arguments", arg, f"{len(given)} numbers for {n} axes of space", n, len(given)),))


def _stride(factor: Any) -> Any:
    return (1, int(factor)) if isinstance(factor, (int, float)) and float(factor).is_integer() else None


@layer("torch.nn.Upsample", family="upsample")
def upsample(
    x: Tensor, size: Any = None, scale_factor: Any = None, mode: Any = "nearest", align_corners: Any = None,
    recompute_scale_factor: Any = None,
) -> Out:  # fmt: skip
    """All spatial axes to a size, or times a factor (rounded down)."""
    return _resized(x, size, scale_factor, mode)


@layer("torch.nn.UpsamplingBilinear2d", family="upsample")
def upsampling_bilinear2d(x: Tensor, size: Any = None, scale_factor: Any = None) -> Out:
    """Height and width to a size, or times a factor (rounded down)."""
    return _resized(x, size, scale_factor, "bilinear")


@layer("torch.nn.UpsamplingNearest2d", family="upsample")
def upsampling_nearest2d(x: Tensor, size: Any = None, scale_factor: Any = None) -> Out:
    """Every position repeated; takes one to three spatial axes, whatever its name says."""
    return _resized(x, size, scale_factor, "nearest")


@function("torch.nn.functional.interpolate", family="upsample")
def interpolate(
    input: Tensor, size: Any = None, scale_factor: Any = None, mode: Any = "nearest", align_corners: Any = None,
    recompute_scale_factor: Any = None, antialias: Any = False,
) -> Out:  # fmt: skip
    """All spatial axes to a size, or times a factor (rounded down)."""
    return _resized(input, size, scale_factor, mode)


@function("torch.nn.functional.upsample", family="upsample")
def f_upsample(
    input: Tensor, size: Any = None, scale_factor: Any = None, mode: Any = "nearest", align_corners: Any = None
) -> Out:
    """All spatial axes to a size, or times a factor (rounded down)."""
    return _resized(input, size, scale_factor, mode)


def _shuffled(x: Tensor, block: Any, up: bool, arg: str) -> Out:
    if x.shape is not None and len(x.shape) < 3:
        fault = Fault("rank", "", f"needs at least 3 axes, got {len(x.shape)}", 4, len(x.shape))
        return Out(None, faults=(fault,))
    move = space.depth_to_space if up else space.space_to_depth
    demand = None if x.shape is None else space.image_demand(2, False)  # of any rank: a film as well as an image
    return replace(move(x, size(block), channels_last=False, arg=arg), demand=demand)


@layer("torch.nn.PixelShuffle", family="pixel_shuffle")
def pixel_shuffle(x: Tensor, upscale_factor: Any) -> Out:
    """`(c*r*r, h, w)` to `(c, h*r, w*r)`."""
    return _shuffled(x, upscale_factor, True, "upscale_factor")


@layer("torch.nn.PixelUnshuffle", family="pixel_shuffle")
def pixel_unshuffle(x: Tensor, downscale_factor: Any) -> Out:
    """`(c, h*r, w*r)` to `(c*r*r, h, w)`."""
    return _shuffled(x, downscale_factor, False, "downscale_factor")


@function("torch.nn.functional.pixel_shuffle", "torch.pixel_shuffle", family="pixel_shuffle")
def f_pixel_shuffle(input: Tensor, upscale_factor: Any) -> Out:
    """`(c*r*r, h, w)` to `(c, h*r, w*r)`."""
    return _shuffled(input, upscale_factor, True, "upscale_factor")


@function("torch.nn.functional.pixel_unshuffle", "torch.pixel_unshuffle", family="pixel_shuffle")
def f_pixel_unshuffle(input: Tensor, downscale_factor: Any) -> Out:
    """`(c, h*r, w*r)` to `(c*r*r, h, w)`."""
    return _shuffled(input, downscale_factor, False, "downscale_factor")


def _mixed(x: Tensor, groups: Any) -> Out:
    if x.shape is not None and len(x.shape) < 3:
        fault = Fault("rank", "", f"needs at least 3 axes, got {len(x.shape)}", 4, len(x.shape))
        return Out(None, faults=(fault,))
    faults = divisibility_fault("groups", x.shape[1], size(groups), "channels") if x.shape else ()
    return Out(None, faults=faults) if faults else like(x)


@layer("torch.nn.ChannelShuffle", family="channel_shuffle")
def channel_shuffle(x: Tensor, groups: Any) -> Out:
    """Channels of different groups interleaved."""
    return _mixed(x, groups)


@function("torch.nn.functional.channel_shuffle", "torch.channel_shuffle", family="channel_shuffle")
def f_channel_shuffle(input: Tensor, groups: Any) -> Out:
    """Channels of different groups interleaved."""
    return _mixed(input, groups)


def _windows(space_sizes: Sequence[Size], kernel: Any, dilation: Any, padding: Any, stride: Any) -> list[Size]:
    pads = [(p, p) for p in sizes(padding, 2)]
    return list(conv.window_sizes(space_sizes, sizes(kernel, 2), sizes(stride, 2), sizes(dilation, 2), pads))


def _unfolded(x: Tensor, kernel: Any, dilation: Any, padding: Any, stride: Any) -> Out:
    """`(n, c, h, w)` to `(n, c * window, positions)`."""
    wrong = rank_fault(x, 4, (3, 4))
    if x.shape is None or wrong:
        return Out(None, faults=wrong, demand=space.image_demand(2, False))
    found = _windows(x.shape[-2:], kernel, dilation, padding, stride)
    for i, count in enumerate(found):
        if isinstance(count, int) and count <= 0:
            text = f"the window does not fit axis {i + len(x.shape) - 2} of size {x.shape[i - 2]}"
            fault = Fault("empty", "kernel_size", text, 1, count, i + len(x.shape) - 2)
            return Out(None, faults=(fault,), demand=space.image_demand(2, False))
    rows = mul(x.shape[-3], product(sizes(kernel, 2)))
    return Out((*x.shape[:-3], rows, product(found)), demand=space.image_demand(2, False),
               axes=(*range(len(x.shape) - 3), "channel", "space0"))  # fmt: skip


def _folded(x: Tensor, output_size: Any, kernel: Any, dilation: Any, padding: Any, stride: Any) -> Out:
    """`(n, c * window, positions)` back to `(n, c, h, w)`, overlapping windows added up."""
    wrong = rank_fault(x, 3, (2, 3))
    if x.shape is None or wrong:
        return Out(None, faults=wrong)
    goal = sizes(output_size, 2)
    window, positions = product(sizes(kernel, 2)), product(_windows(goal, kernel, dilation, padding, stride))
    faults = (
        *divisibility_fault("kernel_size", x.shape[-2], window, "rows"),
        *size_fault("count", "output_size", positions, x.shape[-1], len(x.shape) - 1),
    )
    if faults:
        return Out(None, faults=faults)
    return Out((*x.shape[:-2], divide(x.shape[-2], window), *goal),
               axes=(*range(len(x.shape) - 2), "channel", "space0", "space1"))  # fmt: skip


@layer("torch.nn.Unfold", family="unfold")
def unfold(x: Tensor, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Out:
    """Every window of an image as a column."""
    return _unfolded(x, kernel_size, dilation, padding, stride)


@layer("torch.nn.Fold", family="unfold")
def fold(x: Tensor, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Out:
    """Columns back to an image, overlapping windows added up."""
    return _folded(x, output_size, kernel_size, dilation, padding, stride)


@function("torch.nn.functional.unfold", family="unfold")
def f_unfold(input: Tensor, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Out:
    """Every window of an image as a column."""
    return _unfolded(input, kernel_size, dilation, padding, stride)


@function("torch.nn.functional.fold", family="unfold")
def f_fold(
    input: Tensor, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
) -> Out:
    """Columns back to an image, overlapping windows added up."""
    return _folded(input, output_size, kernel_size, dilation, padding, stride)


@function("torch.nn.functional.grid_sample", family="upsample")
def grid_sample(
    input: Tensor, grid: Any, mode: Any = "bilinear", padding_mode: Any = "zeros", align_corners: Any = None
) -> Out:
    """Values at the places of a grid `(n, *space, axes)`: `(n, c, *space of the grid)`."""
    if input.shape is None or not isinstance(grid, Tensor) or grid.shape is None:
        return Out()
    wrong = rank_fault(input, 4, (4, 5))
    if wrong or len(grid.shape) != len(input.shape):
        text = f"input has {len(input.shape)} axes, the grid {len(grid.shape)}"
        return Out(None, faults=wrong or (Fault("rank", "grid", text, len(input.shape), len(grid.shape)),))
    n = len(input.shape) - 2
    faults = (
        *size_fault("merge", "grid", grid.shape[0], input.shape[0], 0),
        *size_fault("features", "grid", n, grid.shape[-1], n + 1),
    )
    if faults:
        return Out(None, faults=faults)
    return Out((*input.shape[:2], *grid.shape[1:-1]), axes=(0, 1, *space.SPACE[:n]))


@function("torch.nn.functional.affine_grid", "torch.affine_grid_generator", family="create")
def affine_grid(theta: Any, size: Any, align_corners: Any = None) -> Out:
    """A grid `(n, *space, axes)` for an output of the given size."""
    if not isinstance(size, (tuple, list)) or len(size) not in (4, 5):
        raise NotKnown
    return Out((_size(size[0]), *(_size(s) for s in size[2:]), len(size) - 2))


_size = size
