"""torch.nn convolutions and their functional forms."""
# ruff: noqa: A002  the parameters bear torch's own names

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from archlint.dims import Size, add, floordiv, mul
from archlint.layers.arguments import NotKnown, is_unknown, size, sizes, truth
from archlint.layers.families import conv as family
from archlint.layers.families.space import image_axes, mirror_faults
from archlint.layers.spec import Fault, Out, function, layer
from archlint.layers.torch.reading import padding_pairs, whole
from archlint.values import Tensor


def _plain(
    x: Tensor, n: int, declared: Any, out: Any, kernel: Any, stride: Any, padding: Any, dilation: Any, groups: Any,
    bias: Any, mode: Any = "zeros", arg: str = "in_channels",
) -> Out:  # fmt: skip
    kernels, strides, dilations = sizes(kernel, n), sizes(stride, n), sizes(dilation, n)
    pad = padding_pairs(padding, n)
    found = family.conv(
        x, n=n, out=size(out), kernel=kernels, stride=strides, padding=pad, dilation=dilations, groups=size(groups),
        bias=truth(bias), declared_in=size(declared), unbatched=True, arg=arg,
    )  # fmt: skip
    if pad == "same" and any(isinstance(s, int) and s != 1 for s in strides):
        fault = Fault("arguments", "stride", "padding='same' needs a stride of 1", 1, strides)
        return replace(found, shape=None, axes=None, faults=(*found.faults, fault))
    broken = _cannot_mirror(x, n, kernels, dilations, pad, mode)
    return replace(found, shape=None, axes=None, faults=(*found.faults, *broken)) if broken else found


def _cannot_mirror(
    x: Tensor, n: int, kernel: Sequence[Size], dilation: Sequence[Size], pad: family.Padding, mode: Any
) -> tuple[Fault, ...]:
    """Reflecting and circular padding take their numbers from the input, which must have that many."""
    if mode not in ("reflect", "circular") or x.shape is None or len(x.shape) not in (n + 1, n + 2):
        return ()
    if pad == "same":
        extents = [add(family.extent(k, d), -1) for k, d in zip(kernel, dilation, strict=True)]
        halves = [None if e is None else floordiv(e, 2) for e in extents]
        pairs = [(h, None if e is None or h is None else e - h) for e, h in zip(extents, halves, strict=True)]
    else:
        pairs = list(family.pads(pad, n) or ((None, None),) * n)
    return mirror_faults(x, image_axes(len(x.shape), n, False)[1], pairs, repeats_edge=mode == "circular")


def _transposed(
    x: Any, n: int, declared: Any, out: Any, kernel: Any, stride: Any, padding: Any, output_padding: Any, groups: Any,
    bias: Any, dilation: Any, arg: str = "in_channels",
) -> Out:  # fmt: skip
    given = x if isinstance(x, Mapping) else {"input": x}
    strides, dilations = sizes(stride, n), sizes(dilation, n)
    wanted = given.get("output_size")
    extra = sizes(output_padding, n)
    found = family.conv_transpose(
        given["input"], n=n, out=size(out), kernel=sizes(kernel, n), stride=strides, padding=padding_pairs(padding, n),
        dilation=dilations, extra=extra, groups=size(groups), bias=truth(bias), declared_in=size(declared),
        unbatched=True, arg=arg, least=0,
    )  # fmt: skip
    if wanted is not None:
        return _with_output_size(found, wanted, n)
    for e, s, d in zip(extra, strides, dilations, strict=True):
        if isinstance(e, int) and isinstance(s, int) and isinstance(d, int) and e >= max(s, d):
            text = f"output padding {e} must be smaller than the stride {s} or the dilation {d}"
            fault = Fault("arguments", "output_padding", text, max(s, d), e)
            return replace(found, shape=None, axes=None, faults=(*found.faults, fault))
    return found


def _with_output_size(found: Out, wanted: Any, n: int) -> Out:
    """The sizes that the call asks for stand in place of the computed ones."""
    if found.shape is None or is_unknown(wanted) or not isinstance(wanted, (tuple, list)):
        return replace(found, shape=None, axes=None)
    if len(wanted) not in (n, len(found.shape)):
        raise NotKnown
    return replace(found, shape=(*found.shape[:-n], *(size(w) for w in wanted[-n:])), axes=None)


def _declare(n: int) -> None:
    @layer(f"torch.nn.Conv{n}d", family="conv", weights=True)
    def conv(
        x: Tensor, in_channels: Any, out_channels: Any, kernel_size: Any, stride: Any = 1, padding: Any = 0,
        dilation: Any = 1, groups: Any = 1, bias: Any = True, padding_mode: Any = "zeros", device: Any = None,
        dtype: Any = None,
    ) -> Out:  # fmt: skip
        """Convolution over the axes behind the channels: `(h + 2p - d*(k - 1) - 1)//s + 1` each."""
        if faults := whole(in_channels=in_channels, out_channels=out_channels, kernel_size=kernel_size):
            return Out(None, None, faults=faults)
        return _plain(x, n, in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias,
                      padding_mode)  # fmt: skip

    @layer(f"torch.nn.LazyConv{n}d", family="conv", weights=True)
    def lazy_conv(
        x: Tensor, out_channels: Any, kernel_size: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1,
        groups: Any = 1, bias: Any = True, padding_mode: Any = "zeros", device: Any = None, dtype: Any = None,
    ) -> Out:  # fmt: skip
        """Convolution that takes its input channels from its first input."""
        return _plain(x, n, None, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode)

    @layer(f"torch.nn.ConvTranspose{n}d", family="conv_transpose", call=("input", "output_size"), weights=True)
    def conv_transpose(
        x: Any, in_channels: Any, out_channels: Any, kernel_size: Any, stride: Any = 1, padding: Any = 0,
        output_padding: Any = 0, groups: Any = 1, bias: Any = True, dilation: Any = 1, padding_mode: Any = "zeros",
        device: Any = None, dtype: Any = None,
    ) -> Out:  # fmt: skip
        """Transposed convolution: `(h - 1)*s - 2p + d*(k - 1) + output_padding + 1` per axis."""
        return _transposed(x, n, in_channels, out_channels, kernel_size, stride, padding, output_padding, groups,
                           bias, dilation)  # fmt: skip

    @layer(f"torch.nn.LazyConvTranspose{n}d", family="conv_transpose", call=("input", "output_size"), weights=True)
    def lazy_conv_transpose(
        x: Any, out_channels: Any, kernel_size: Any, stride: Any = 1, padding: Any = 0, output_padding: Any = 0,
        groups: Any = 1, bias: Any = True, dilation: Any = 1, padding_mode: Any = "zeros", device: Any = None,
        dtype: Any = None,
    ) -> Out:  # fmt: skip
        """Transposed convolution that takes its input channels from its first input."""
        return _transposed(x, n, None, out_channels, kernel_size, stride, padding, output_padding, groups, bias,
                           dilation)  # fmt: skip

    @function(f"torch.nn.functional.conv{n}d", f"torch.conv{n}d", family="conv")
    def f_conv(
        input: Tensor, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1,
        groups: Any = 1,
    ) -> Out:  # fmt: skip
        """Convolution with a given kernel `(out, in/groups, *kernel)`."""
        kernel = _kernel(weight, n)
        declared = mul(kernel[1], size(groups))
        found = _plain(
            input, n, declared, kernel[0], kernel[2:], stride, padding, dilation, groups, False, arg="weight"
        )
        return replace(found, params=0)

    @function(f"torch.nn.functional.conv_transpose{n}d", f"torch.conv_transpose{n}d", family="conv_transpose")
    def f_conv_transpose(
        input: Tensor, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, output_padding: Any = 0,
        groups: Any = 1, dilation: Any = 1,
    ) -> Out:  # fmt: skip
        """Transposed convolution with a given kernel `(in, out/groups, *kernel)`."""
        kernel = _kernel(weight, n)
        out = mul(kernel[1], size(groups))
        found = _transposed(input, n, kernel[0], out, kernel[2:], stride, padding, output_padding, groups, False,
                            dilation, arg="weight")  # fmt: skip
        return replace(found, params=0)


def _kernel(weight: Any, n: int) -> tuple[Size, ...]:
    if not isinstance(weight, Tensor) or weight.shape is None or len(weight.shape) != n + 2:
        return (None,) * (n + 2)
    return weight.shape


for _n in (1, 2, 3):
    _declare(_n)
