"""Convolutions of Keras, plain and transposed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from archlint.dims import Size
from archlint.layers.arguments import is_unknown, size
from archlint.layers.families.conv import Padding, conv, conv_transpose, extent
from archlint.layers.keras import legacy
from archlint.layers.keras.reading import Windows, adding, channels_last, must_be_fixed, positive, window, windows, yes
from archlint.layers.spec import Fault, Out, layer
from archlint.values import Tensor


def padding_of(padding: Any) -> Padding:
    """`causal` pads on the left only, by as much as `same` does in all."""
    if is_unknown(padding) or not isinstance(padding, str):
        return None
    name = padding.lower()
    return "same" if name in ("same", "causal") else "valid" if name == "valid" else None


def stretched_twice(w: Windows) -> tuple[Fault, ...]:
    """A fault if both strides and dilation are above 1."""
    if any(isinstance(s, int) and s > 1 for s in w.stride) and any(isinstance(d, int) and d > 1 for d in w.dilation):
        return (Fault("arguments", "dilation_rate", "strides > 1 and dilation_rate > 1 exclude each other"),)
    return ()


def with_fixed_channels(x: Tensor, out: Out, last: bool) -> Out:
    """The output, with a fault if Keras does not know the number of channels."""
    return out if out.shape is None else adding(out, must_be_fixed(x, [-1 if last else 1]))


def _conv(
    x: Tensor, n: int, w: Windows, filters: Any, padding: Any, data_format: Any, groups: Any, use_bias: Any
) -> Out:
    last, out = channels_last(data_format), size(filters)
    bad = (*w.faults, *positive(out, "filters"), *positive(size(groups), "groups"), *stretched_twice(w))
    if bad:
        return Out(faults=bad)
    if x.shape is not None and len(x.shape) > n + 2:
        return _over_batches(x, n, w, filters, padding, data_format, groups, use_bias)
    found = conv(
        x,
        n=n,
        out=out,
        kernel=w.kernel,
        stride=w.stride,
        padding=padding_of(padding),
        dilation=w.dilation,
        groups=size(groups),
        bias=yes(use_bias),
        channels_last=last,
        out_arg="filters",
    )
    return with_fixed_channels(x, found, last)


def _over_batches(x: Tensor, n: int, w: Windows, *arguments: Any) -> Out:
    """Keras 2 takes any number of batch axes: all but the last are passed by.  (Keras 3 refuses the call.)"""
    assert x.shape is not None
    more = len(x.shape) - n - 2
    found = _conv(Tensor(x.shape[more:], x.dtype), n, w, *arguments)
    if found.shape is None:
        return found
    axes = tuple(a + more if isinstance(a, int) else a for a in found.axes or ())
    return replace(found, shape=(*x.shape[:more], *found.shape), axes=(*range(more), *axes), demand=None)


def conv_transposed(
    x: Tensor, n: int, w: Windows, filters: Any, padding: Any, output_padding: Any, data_format: Any, use_bias: Any
) -> Out:
    """The convolution that is undone, over n axes."""
    last, out = channels_last(data_format), size(filters)
    bad = (*w.faults, *positive(out, "filters"), *stretched_twice(w))
    pad = padding_of(padding)
    extra: tuple[Size, ...] = (0,) * n
    if output_padding is not None:
        extra, bad_extra = window(output_padding, n, "output_padding", least=0)
        bad = (*bad, *bad_extra, *_too_much(extra, w))
        pad = _counted(pad, w)
    if bad:
        return Out(faults=bad)
    found = conv_transpose(
        x,
        n=n,
        out=out,
        kernel=w.kernel,
        stride=w.stride,
        padding=pad,
        dilation=w.dilation,
        extra=extra,
        bias=yes(use_bias),
        channels_last=last,
    )
    return with_fixed_channels(x, found, last)


def _too_much(extra: tuple[Size, ...], w: Windows) -> tuple[Fault, ...]:
    for e, s in zip(extra, w.stride, strict=True):
        if isinstance(e, int) and isinstance(s, int) and e >= s:
            return (Fault("arguments", "output_padding", f"{e} must be below the stride {s}", s, e),)
    return ()


def _counted(pad: Padding, w: Windows) -> Padding:
    """With an output padding, "same" is `(h - 1)*s + k%2 + extra`, "valid" is `(h - 1)*s + k + extra`."""
    if pad is None:
        return None
    pairs: list[tuple[Size, Size]] = []
    for k, d in zip(w.kernel, w.dilation, strict=True):
        covered = extent(k, d)
        same = covered - covered % 2 if isinstance(covered, int) else None
        pairs.append((0 if pad == "valid" else same, 0))
    return pairs


@layer("keras.layers.Conv1D", "keras.layers.Convolution1D", "keras.layers.AtrousConvolution1D", family="conv",
       legacy=legacy.conv1d, weights=True)  # fmt: skip
def conv1d(x: Tensor, filters: Any, kernel_size: Any, strides: Any = 1, padding: Any = "valid",
           data_format: Any = None, dilation_rate: Any = 1, groups: Any = 1, activation: Any = None,
           use_bias: Any = True, **_: Any) -> Out:  # fmt: skip
    """Convolution over one axis, `(batch, steps, channels)`."""
    w = windows(1, kernel_size, strides, dilation_rate)
    return _conv(x, 1, w, filters, padding, data_format, groups, use_bias)


@layer("keras.layers.Conv2D", family="conv", legacy=legacy.conv2d(keras1=False), weights=True)
def conv2d(x: Tensor, filters: Any, kernel_size: Any, strides: Any = (1, 1), padding: Any = "valid",
           data_format: Any = None, dilation_rate: Any = (1, 1), groups: Any = 1, activation: Any = None,
           use_bias: Any = True, **_: Any) -> Out:  # fmt: skip
    """Convolution over two axes, `(batch, height, width, channels)`."""
    w = windows(2, kernel_size, strides, dilation_rate)
    return _conv(x, 2, w, filters, padding, data_format, groups, use_bias)


layer("keras.layers.Convolution2D", family="conv", legacy=legacy.conv2d(keras1=True), weights=True)(conv2d)
layer("keras.layers.AtrousConvolution2D", family="conv", legacy=legacy.conv2d(keras1=True), weights=True)(conv2d)


@layer("keras.layers.Conv3D", "keras.layers.Convolution3D", family="conv", legacy=legacy.conv3d, weights=True)
def conv3d(x: Tensor, filters: Any, kernel_size: Any, strides: Any = (1, 1, 1), padding: Any = "valid",
           data_format: Any = None, dilation_rate: Any = (1, 1, 1), groups: Any = 1, activation: Any = None,
           use_bias: Any = True, **_: Any) -> Out:  # fmt: skip
    """Convolution over three axes, `(batch, depth, height, width, channels)`."""
    w = windows(3, kernel_size, strides, dilation_rate)
    return _conv(x, 3, w, filters, padding, data_format, groups, use_bias)


@layer("keras.layers.Conv1DTranspose", "keras.layers.Convolution1DTranspose", family="conv_transpose",
       legacy=legacy.conv1d, weights=True)  # fmt: skip
def conv1d_transpose(x: Tensor, filters: Any, kernel_size: Any, strides: Any = 1, padding: Any = "valid",
                     output_padding: Any = None, data_format: Any = None, dilation_rate: Any = 1,
                     activation: Any = None, use_bias: Any = True, **_: Any) -> Out:  # fmt: skip
    """Transposed convolution over one axis: `same` gives `steps * stride`."""
    w = windows(1, kernel_size, strides, dilation_rate)
    return conv_transposed(x, 1, w, filters, padding, output_padding, data_format, use_bias)


@layer("keras.layers.Conv2DTranspose", "keras.layers.Convolution2DTranspose", family="conv_transpose",
       legacy=legacy.conv2d(keras1=False), weights=True)  # fmt: skip
def conv2d_transpose(x: Tensor, filters: Any, kernel_size: Any, strides: Any = (1, 1), padding: Any = "valid",
                     output_padding: Any = None, data_format: Any = None, dilation_rate: Any = (1, 1),
                     activation: Any = None, use_bias: Any = True, **_: Any) -> Out:  # fmt: skip
    """Transposed convolution over two axes: `same` gives `height * stride`, `width * stride`."""
    w = windows(2, kernel_size, strides, dilation_rate)
    return conv_transposed(x, 2, w, filters, padding, output_padding, data_format, use_bias)


layer("keras.layers.Deconvolution2D", family="conv_transpose", weights=True,
      legacy=legacy.conv2d(keras1=True, after=("output_shape",)))(conv2d_transpose)  # fmt: skip


@layer("keras.layers.Conv3DTranspose", "keras.layers.Convolution3DTranspose", "keras.layers.Deconvolution3D",
       family="conv_transpose", legacy=legacy.conv3d, weights=True)  # fmt: skip
def conv3d_transpose(x: Tensor, filters: Any, kernel_size: Any, strides: Any = (1, 1, 1), padding: Any = "valid",
                     data_format: Any = None, output_padding: Any = None, dilation_rate: Any = (1, 1, 1),
                     activation: Any = None, use_bias: Any = True, **_: Any) -> Out:  # fmt: skip
    """Transposed convolution over three axes."""
    w = windows(3, kernel_size, strides, dilation_rate)
    return conv_transposed(x, 3, w, filters, padding, output_padding, data_format, use_bias)
