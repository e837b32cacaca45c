"""Separable convolutions: a kernel for every channel on its own, then a mixture of all channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from archlint.dims import Size, add, mul, product
from archlint.layers.families.conv import Padding, conv
from archlint.layers.spec import Out
from archlint.values import Tensor


def separable(
    x: Tensor,
    *,
    n: int,
    out: Size,
    kernel: Sequence[Size],
    stride: Sequence[Size],
    padding: Padding,
    dilation: Sequence[Size],
    multiplier: Size = 1,
    bias: bool | None = True,
    channels_last: bool = True,
    mixes: bool = True,
) -> Out:
    """`prod(kernel)*c*m` weights, and `c*m*out` more and `out` biases where it `mixes` the channels."""
    at = n + 1 if channels_last else 1
    channels: Size = x.last if channels_last and x.shape is None else None
    if x.shape is not None and len(x.shape) == n + 2:
        channels = x.shape[at]
    deep = mul(channels, multiplier)
    outputs = out if mixes else deep
    found = conv(x, n=n, out=outputs, kernel=kernel, stride=stride, padding=padding, dilation=dilation, bias=False,
                 channels_last=channels_last)  # fmt: skip
    weights = mul(deep, add(product(kernel), outputs if mixes else 0))
    params = None if bias is None else add(weights, outputs if bias else 0)
    if found.shape is None:
        return replace(found, params=params, macs=None)
    positions = product(s for i, s in enumerate(found.shape) if i != at)
    return replace(found, params=params, macs=mul(positions, weights))
