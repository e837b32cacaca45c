"""Convolutions that treat each channel on its own: depthwise, and separable with a pointwise one after it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from archlint.dims import Size, add, mul, product
from archlint.layers.arguments import size
from archlint.layers.families.conv import conv
from archlint.layers.keras import legacy
from archlint.layers.keras.conv import padding_of, with_fixed_channels
from archlint.layers.keras.reading import Windows, channels_last, positive, windows, yes
from archlint.layers.spec import Out, layer
from archlint.values import Tensor


def _channels(x: Tensor, n: int, last: bool) -> Size:
    if x.shape is None:
        return x.last if last else None
    return x.shape[-1 if last else 1] if len(x.shape) == n + 2 else None


def _depthwise(
    x: Tensor, n: int, w: Windows, padding: Any, depth_multiplier: Any, data_format: Any, use_bias: Any
) -> Out:
    last, many = channels_last(data_format), size(depth_multiplier)
    bad = (*w.faults, *positive(many, "depth_multiplier"))
    if bad:
        return Out(faults=bad)
    channels = _channels(x, n, last)
    found = conv(
        x,
        n=n,
        out=mul(channels, many),
        kernel=w.kernel,
        stride=w.stride,
        padding=padding_of(padding),
        dilation=w.dilation,
        groups=channels,
        bias=yes(use_bias),
        channels_last=last,
    )
    return with_fixed_channels(x, found, last)


def _separable(
    x: Tensor, n: int, w: Windows, filters: Any, padding: Any, depth_multiplier: Any, data_format: Any, use_bias: Any
) -> Out:
    """`prod(k)*c*m` depthwise and `c*m*filters` pointwise weights, one bias per filter."""
    last, many, out, bias = channels_last(data_format), size(depth_multiplier), size(filters), yes(use_bias)
    bad = (*w.faults, *positive(many, "depth_multiplier"), *positive(out, "filters"))
    if bad:
        return Out(faults=bad)
    spatial = conv(
        x,
        n=n,
        out=out,
        kernel=w.kernel,
        stride=w.stride,
        padding=padding_of(padding),
        dilation=w.dilation,
        channels_last=last,
    )
    kernels = mul(mul(_channels(x, n, last), many), add(product(w.kernel), out))
    params = None if bias is None else add(kernels, mul(out, int(bias)))
    shape = spatial.shape
    positions = None if shape is None else product(shape[:-1] if last else (shape[0], *shape[2:]))
    return with_fixed_channels(x, replace(spatial, params=params, macs=mul(positions, kernels)), last)


@layer("keras.layers.DepthwiseConv1D", family="conv", legacy=legacy.conv1d, weights=True)
def depthwise_conv1d(x: Tensor, kernel_size: Any, strides: Any = 1, padding: Any = "valid", depth_multiplier: Any = 1,
                     data_format: Any = None, dilation_rate: Any = 1, activation: Any = None, use_bias: Any = True,
                     **_: Any) -> Out:  # fmt: skip
    """A kernel of its own for every channel, over one axis."""
    w = windows(1, kernel_size, strides, dilation_rate)
    return _depthwise(x, 1, w, padding, depth_multiplier, data_format, use_bias)


@layer("keras.layers.DepthwiseConv2D", family="conv", legacy=legacy.conv1d, weights=True)
def depthwise_conv2d(x: Tensor, kernel_size: Any, strides: Any = (1, 1), padding: Any = "valid",
                     depth_multiplier: Any = 1, data_format: Any = None, dilation_rate: Any = (1, 1),
                     activation: Any = None, use_bias: Any = True, **_: Any) -> Out:  # fmt: skip
    """A kernel of its own for every channel, over two axes."""
    w = windows(2, kernel_size, strides, dilation_rate)
    return _depthwise(x, 2, w, padding, depth_multiplier, data_format, use_bias)


@layer("keras.layers.SeparableConv1D", "keras.layers.SeparableConvolution1D", family="conv", legacy=legacy.conv1d,
       weights=True)  # fmt: skip
def separable_conv1d(x: Tensor, filters: Any, kernel_size: Any, strides: Any = 1, padding: Any = "valid",
                     data_format: Any = None, dilation_rate: Any = 1, depth_multiplier: Any = 1, activation: Any = None,
                     use_bias: Any = True, **_: Any) -> Out:  # fmt: skip
    """Depthwise, then pointwise convolution over one axis."""
    w = windows(1, kernel_size, strides, dilation_rate)
    return _separable(x, 1, w, filters, padding, depth_multiplier, data_format, use_bias)


@layer("keras.layers.SeparableConv2D", family="conv", legacy=legacy.conv2d(keras1=False), weights=True)
def separable_conv2d(x: Tensor, filters: Any, kernel_size: Any, strides: Any = (1, 1), padding: Any = "valid",
                     data_format: Any = None, dilation_rate: Any = (1, 1), depth_multiplier: Any = 1,
                     activation: Any = None, use_bias: Any = True, **_: Any) -> Out:  # fmt: skip
    """Depthwise, then pointwise convolution over two axes."""
    w = windows(2, kernel_size, strides, dilation_rate)
    return _separable(x, 2, w, filters, padding, depth_multiplier, data_format, use_bias)


layer("keras.layers.SeparableConvolution2D", family="conv", legacy=legacy.conv2d(keras1=True),
      weights=True)(separable_conv2d)  # fmt: skip
