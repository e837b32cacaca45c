"""Layers of Keras that pad, crop, repeat or resize positions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archlint.dims import Size
from archlint.layers.arguments import NotKnown, is_unknown, size
from archlint.layers.families.conv import Layout
from archlint.layers.families.space import crop, image_demand, pad, resized, unfit, upsample
from archlint.layers.keras import legacy
from archlint.layers.keras.reading import channels_last, window
from archlint.layers.spec import Demand, Fault, Out, layer
from archlint.values import Tensor

Pairs = Sequence[tuple[Size, Size]]
STEPS = Demand((None, None, None), ("batch", "time", "features"))


def _demand(n: int, last: bool) -> Demand:
    return STEPS if n == 1 and last else image_demand(n, last)


def _pairs(amount: Any, n: int, arg: str) -> tuple[Pairs, tuple[Fault, ...]]:
    """`1`, `(1, 2)` per axis, `((1, 2), (3, 4))` before and after; for one axis `(1, 2)` is before and after."""
    if is_unknown(amount) and not isinstance(amount, (tuple, list)):
        return ((None, None),) * n, ()
    if not isinstance(amount, (tuple, list)):
        return ((size(amount), size(amount)),) * n, ()
    if n == 1:
        if len(amount) == 2:
            return ((size(amount[0]), size(amount[1])),), ()
        if len(amount) == 1:
            raise NotKnown
    if len(amount) != n:
        fault = Fault("arguments", arg, f"needs {n} pairs, got {len(amount)}", n, len(amount))
        return ((None, None),) * n, (fault,)
    found: list[tuple[Size, Size]] = []
    for pair in amount:
        if not isinstance(pair, (tuple, list)):
            found.append((size(pair), size(pair)))
        elif len(pair) == 2:
            found.append((size(pair[0]), size(pair[1])))
        else:
            return ((None, None),) * n, (Fault("arguments", arg, f"needs pairs, got {len(pair)} numbers"),)
    return found, ()


def _padded(x: Tensor, n: int, padding: Any, data_format: Any) -> Out:
    last = channels_last(data_format)
    pairs, bad = _pairs(padding, n, "padding")
    if bad:
        return Out(faults=bad)
    demand = _demand(n, last)
    return unfit(x, n + 2, demand=demand) or pad(x, Layout(n, last).space, pairs, demand=demand)


def _cropped(x: Tensor, n: int, cropping: Any, data_format: Any) -> Out:
    last = channels_last(data_format)
    pairs, bad = _pairs(cropping, n, "cropping")
    if bad:
        return Out(faults=bad)
    demand = _demand(n, last)
    return unfit(x, n + 2, demand=demand) or crop(x, Layout(n, last).space, pairs, demand=demand)


def _upsampled(x: Tensor, n: int, factor: Any, data_format: Any) -> Out:
    last = channels_last(data_format)
    factors, bad = window(factor, n, "size")
    if bad:
        return Out(faults=bad)
    demand = _demand(n, last)
    return unfit(x, n + 2, demand=demand) or upsample(x, Layout(n, last).space, factors, demand=demand)


@layer("keras.layers.ZeroPadding1D", family="pad", legacy=legacy.space)
def zero_padding1d(x: Tensor, padding: Any = 1, data_format: Any = None, **_: Any) -> Out:
    """Zeros before and after the steps."""
    return _padded(x, 1, padding, data_format)


@layer("keras.layers.ZeroPadding2D", family="pad", legacy=legacy.space)
def zero_padding2d(x: Tensor, padding: Any = (1, 1), data_format: Any = None, **_: Any) -> Out:
    """Zeros around an image."""
    return _padded(x, 2, padding, data_format)


@layer("keras.layers.ZeroPadding3D", family="pad", legacy=legacy.space)
def zero_padding3d(x: Tensor, padding: Any = ((1, 1), (1, 1), (1, 1)), data_format: Any = None, **_: Any) -> Out:
    """Zeros around a volume."""
    return _padded(x, 3, padding, data_format)


@layer("keras.layers.Cropping1D", family="crop", legacy=legacy.space)
def cropping1d(x: Tensor, cropping: Any = (1, 1), **_: Any) -> Out:
    """The first and last steps are dropped."""
    return _cropped(x, 1, cropping, None)


@layer("keras.layers.Cropping2D", family="crop", legacy=legacy.space)
def cropping2d(x: Tensor, cropping: Any = ((0, 0), (0, 0)), data_format: Any = None, **_: Any) -> Out:
    """The rim of an image is dropped."""
    return _cropped(x, 2, cropping, data_format)


@layer("keras.layers.Cropping3D", family="crop", legacy=legacy.space)
def cropping3d(x: Tensor, cropping: Any = ((1, 1), (1, 1), (1, 1)), data_format: Any = None, **_: Any) -> Out:
    """The rim of a volume is dropped."""
    return _cropped(x, 3, cropping, data_format)


@layer("keras.layers.UpSampling1D", family="upsample", legacy=legacy.upsampling1d)
def up_sampling1d(x: Tensor, size: Any = 2, **_: Any) -> Out:
    """Every step repeated."""
    return _upsampled(x, 1, size, None)


@layer("keras.layers.UpSampling2D", family="upsample", legacy=legacy.space)
def up_sampling2d(x: Tensor, size: Any = (2, 2), data_format: Any = None, interpolation: Any = "nearest",
                  **_: Any) -> Out:  # fmt: skip
    """Rows and columns repeated or interpolated."""
    return _upsampled(x, 2, size, data_format)


@layer("keras.layers.UpSampling3D", family="upsample", legacy=legacy.space)
def up_sampling3d(x: Tensor, size: Any = (2, 2, 2), data_format: Any = None, **_: Any) -> Out:
    """Planes, rows and columns repeated."""
    return _upsampled(x, 3, size, data_format)


def to_image_size(x: Tensor, height: Any, width: Any, data_format: Any) -> Out:
    """Images of a given size, one or a batch of them; other ranks are left to the framework."""
    last = channels_last(data_format)
    if x.shape is None or len(x.shape) not in (3, 4):
        raise NotKnown
    out = resized(x, Layout(2, last, len(x.shape) == 4).space, (size(height), size(width)), arg="height")
    return out


@layer("keras.layers.Resizing", "keras.layers.CenterCrop", "keras.layers.RandomCrop", family="resize")
def resizing(x: Tensor, height: Any, width: Any, *, data_format: Any = None, **_: Any) -> Out:
    """Images scaled, cropped or both to `height` by `width`."""
    return to_image_size(x, height, width, data_format)
