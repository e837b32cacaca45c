"""The layers with a window, as `tf.layers` and TF-slim share them: convolutions, pooling; only their words differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archlint.dims import Size
from archlint.layers.arguments import size
from archlint.layers.families.conv import conv, conv_transpose
from archlint.layers.families.pool import pool
from archlint.layers.families.separable import separable
from archlint.layers.keras.reading import adding, must_be_fixed, window
from archlint.layers.spec import Fault, Out
from archlint.layers.tf import layout, literal

SLIM: Mapping[str, str] = {"out": "num_outputs", "kernel": "kernel_size", "stride": "stride", "dilation": "rate"}
"""What TF-slim calls the arguments."""

LAYERS: Mapping[str, str] = {
    "out": "filters",
    "kernel": "kernel_size",
    "stride": "strides",
    "dilation": "dilation_rate",
}
"""What `tf.layers` calls them."""


def read(
    n: int, words: Mapping[str, str], kernel: Any, stride: Any, dilation: Any = 1
) -> tuple[tuple[Size, ...], tuple[Size, ...], tuple[Size, ...], tuple[Fault, ...]]:
    """Kernel, stride and dilation per axis, and a fault for a wrong number of them."""
    kernels, bad_kernel = window(kernel, n, words["kernel"])
    strides, bad_stride = window(stride, n, words["stride"])
    dilations, bad_dilation = window(dilation, n, words["dilation"])
    return kernels, strides, dilations, (*bad_kernel, *bad_stride, *bad_dilation)


def convolution(
    inputs: Any, n: int, words: Mapping[str, str], out: Any, kernel: Any, stride: Any, padding: Any, data_format: Any,
    dilation: Any, bias: bool | None, trainable: Any,
) -> Out:  # fmt: skip
    """Convolution over `n` axes."""
    x, last = literal.tensor(inputs), layout.channels_last(data_format)
    kernels, strides, dilations, faults = read(n, words, kernel, stride, dilation)
    if faults:
        return Out(faults=faults)
    found = conv(x, n=n, out=size(out), kernel=kernels, stride=strides, padding=layout.padding(padding),
                 dilation=dilations, bias=bias, channels_last=last, kernel_arg=words["kernel"],
                 out_arg=words["out"])  # fmt: skip
    return adding(layout.trained(found, trainable), must_be_fixed(x, [-1 if last else 1]))


def transposed(
    inputs: Any, n: int, words: Mapping[str, str], out: Any, kernel: Any, stride: Any, padding: Any, data_format: Any,
    bias: bool | None, trainable: Any,
) -> Out:  # fmt: skip
    """Transposed convolution over `n` axes: "SAME" multiplies the sizes by the stride."""
    x, last = literal.tensor(inputs), layout.channels_last(data_format)
    kernels, strides, dilations, faults = read(n, words, kernel, stride)
    if faults:
        return Out(faults=faults)
    found = conv_transpose(x, n=n, out=size(out), kernel=kernels, stride=strides, padding=layout.padding(padding),
                           dilation=dilations, extra=(0,) * n, bias=bias, channels_last=last,
                           kernel_arg=words["kernel"])  # fmt: skip
    return adding(layout.trained(found, trainable), must_be_fixed(x, [-1 if last else 1]))


def separated(
    inputs: Any, n: int, words: Mapping[str, str], out: Any, kernel: Any, stride: Any, padding: Any, data_format: Any,
    dilation: Any, multiplier: Any, bias: bool | None, trainable: Any,
) -> Out:  # fmt: skip
    """A kernel per channel, then a mixture of all channels; without the latter when `out` is None."""
    x, last = literal.tensor(inputs), layout.channels_last(data_format)
    kernels, strides, dilations, faults = read(n, words, kernel, stride, dilation)
    if faults:
        return Out(faults=faults)
    found = separable(x, n=n, out=size(out), kernel=kernels, stride=strides, padding=layout.padding(padding),
                      dilation=dilations, multiplier=size(multiplier), bias=bias, channels_last=last,
                      mixes=out is not None)  # fmt: skip
    return adding(layout.trained(found, trainable), must_be_fixed(x, [-1 if last else 1]))


def pooling(
    inputs: Any, n: int, words: Mapping[str, str], kernel: Any, stride: Any, padding: Any, data_format: Any,
    dilation: Any = 1,
) -> Out:  # fmt: skip
    """Pooling over `n` axes."""
    kernels, strides, dilations, faults = read(n, words, kernel, stride, dilation)
    if faults:
        return Out(faults=faults)
    return pool(literal.tensor(inputs), n=n, kernel=kernels, stride=strides, dilation=dilations,
                padding=layout.padding(padding), channels_last=layout.channels_last(data_format),
                kernel_arg=words["kernel"])  # fmt: skip
