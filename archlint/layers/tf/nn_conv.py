"""`tf.nn.*` convolutions, whose weights are tensors of their own,."""
# ruff: noqa: A002  the parameters bear TensorFlow's own names

from __future__ import annotations

from dataclasses import replace
from typing import Any

from archlint.dims import Size, divide, mul
from archlint.layers.arguments import NotKnown
from archlint.layers.families.contract import divisible, rank_fault
from archlint.layers.families.conv import conv
from archlint.layers.families.space import SPACE, image_demand
from archlint.layers.spec import AxisSource, Fault, Out, function
from archlint.layers.tf import layout, literal
from archlint.layers.tf.versions import Call, both, renamed
from archlint.values import Tensor

FILTER = renamed(filters="filter", value="input")


def _filter(filters: Any, n: int) -> tuple[tuple[Size, ...], tuple[Fault, ...]]:
    """Sizes of a tensor of weights: kernel, input and output channels; a fault for a wrong number of them."""
    w = literal.tensor(filters)
    if w.shape is None:
        return (None,) * (n + 2), ()
    if len(w.shape) != n + 2:
        text = f"the filter needs {n + 2} axes, got {len(w.shape)}"
        return (None,) * (n + 2), (Fault("rank", "filter", text, n + 2, len(w.shape)),)
    return w.shape, ()


def _input_faults(x: Tensor, n: int) -> tuple[Fault, ...]:
    """Too few axes are an error; further batch axes are one in TensorFlow 1 only, so nothing is said about them."""
    if x.shape is not None and len(x.shape) > n + 2:
        raise NotKnown
    return rank_fault(x, n + 2)


def _groups(x: Tensor, at: int, inputs: Size) -> tuple[Size, tuple[Fault, ...]]:
    """Fewer input channels in the filter than in the input make groups; they must divide them."""
    channels = x.shape[at] if x.shape else None
    if divisible(channels, inputs) is False:
        text = f"the filter takes {inputs} channels, the input has {channels}"
        return None, (Fault("channels", "filter", text, inputs, channels, at),)
    return divide(channels, inputs), ()


def _convolve(
    x: Tensor, filters: Any, strides: Any, padding: Any, data_format: Any, dilations: Any, n: int
) -> Out:  # fmt: skip
    """Convolution with a given filter: no weights of its own."""
    last = layout.channels_last(data_format)
    (*kernel, inputs, out), wrong = _filter(filters, n)
    faults = (*wrong, *_input_faults(x, n))
    if faults:
        return Out(faults=faults)
    at = (len(x.shape) - 1 if last else 1) if x.shape is not None else 0
    groups, faults = _groups(x, at, inputs)
    if faults:
        return Out(faults=faults)
    found = conv(x, n=n, out=out, kernel=kernel, stride=layout.per_axis(strides, n, last),
                 padding=layout.padding(padding), dilation=layout.per_axis(dilations, n, last),
                 groups=1 if groups is None else groups, bias=False, channels_last=last, groups_arg="filter",
                 out_arg="filter")  # fmt: skip
    # An open input takes the filter's channels only if there are no groups, which nobody knows.
    demand = image_demand(n, last)
    return replace(found, params=0, demand=demand, macs=found.macs if groups is not None else None)


@function("tensorflow.nn.conv2d", family="conv", legacy=FILTER)
def conv2d(
    input: Any,
    filter: Any = None,
    strides: Any = None,
    padding: Any = None,
    use_cudnn_on_gpu: Any = True,
    data_format: Any = "NHWC",
    dilations: Any = None,
    name: Any = None,
) -> Out:
    """2-D convolution with a filter `(h, w, in, out)`."""
    if isinstance(use_cudnn_on_gpu, str):  # TensorFlow 2 has the layout in this place
        data_format = use_cudnn_on_gpu
    return _convolve(literal.tensor(input), filter, strides, padding, data_format, dilations, 2)


@function("tensorflow.nn.conv3d", family="conv", legacy=FILTER)
def conv3d(
    input: Any,
    filter: Any = None,
    strides: Any = None,
    padding: Any = None,
    data_format: Any = "NDHWC",
    dilations: Any = None,
    name: Any = None,
) -> Out:
    """3-D convolution with a filter `(d, h, w, in, out)`."""
    return _convolve(literal.tensor(input), filter, strides, padding, data_format, dilations, 3)


@function("tensorflow.nn.conv1d", family="conv", legacy=both(FILTER, renamed(strides="stride")))
def conv1d(
    input: Any = None,
    filter: Any = None,
    stride: Any = None,
    padding: Any = None,
    use_cudnn_on_gpu: Any = None,
    data_format: Any = None,
    name: Any = None,
    dilations: Any = None,
) -> Out:
    """1-D convolution with a filter `(time, in, out)`."""
    if isinstance(use_cudnn_on_gpu, str):
        data_format = use_cudnn_on_gpu
    return _convolve(literal.tensor(input), filter, stride, padding, data_format, dilations, 1)


def _strides_first(args: list[Any], kwargs: dict[str, Any]) -> Call:
    """`tf.nn.convolution(x, w, strides, padding)` of TensorFlow 2 is `(x, w, padding, strides)` in TensorFlow 1."""
    if len(args) > 3 and isinstance(args[3], str):
        return [*args[:2], args[3], args[2], *args[4:]], kwargs
    if len(args) > 2 and not isinstance(args[2], str) and "strides" not in kwargs and "padding" in kwargs:
        return args[:2], {**kwargs, "strides": args[2], **dict(zip(("padding",), args[3:]))}
    return args, kwargs


@function("tensorflow.nn.convolution", family="conv",
          legacy=both(FILTER, renamed(dilations="dilation_rate"), _strides_first))  # fmt: skip
def convolution(
    input: Any,
    filter: Any = None,
    padding: Any = "VALID",
    strides: Any = None,
    dilation_rate: Any = None,
    name: Any = None,
    data_format: Any = None,
) -> Out:
    """Convolution over as many axes as the filter has besides channels."""
    w = literal.tensor(filter)
    if w.shape is None:
        raise NotKnown
    n = len(w.shape) - 2
    if n not in (1, 2, 3):
        raise NotKnown
    return _convolve(literal.tensor(input), filter, strides, padding, data_format, dilation_rate, n)


@function("tensorflow.nn.atrous_conv2d", family="conv", legacy=renamed(filter="filters"))
def atrous_conv2d(value: Any, filters: Any, rate: Any, padding: Any, name: Any = None) -> Out:
    """2-D convolution with holes: the kernel covers `rate * (k - 1) + 1`."""
    return _convolve(literal.tensor(value), filters, None, padding, None, rate, 2)


def _depthwise(x: Tensor, filters: Any, strides: Any, padding: Any, data_format: Any, rate: Any) -> Out:
    last = layout.channels_last(data_format)
    (height, width, inputs, multiplier), wrong = _filter(filters, 2)
    faults = (*wrong, *rank_fault(x, 4))
    if faults:
        return Out(faults=faults)
    channels = inputs if x.shape is None else x.shape[3 if last else 1]
    found = conv(x, n=2, out=mul(inputs, multiplier), kernel=(height, width), stride=layout.per_axis(strides, 2, last),
                 padding=layout.padding(padding), dilation=layout.per_axis(rate, 2, last), groups=channels,
                 bias=False, declared_in=inputs, channels_last=last, arg="filter", groups_arg="filter",
                 out_arg="filter")  # fmt: skip
    return replace(found, params=0, faults=tuple(f for f in found.faults if f.kind != "divide"))


def _layout_before_rate(at: int) -> Any:
    """Rewrites a positional TensorFlow 2 call, which has the layout and then the rate."""

    def rewrite(args: list[Any], kwargs: dict[str, Any]) -> Call:
        if len(args) > at and isinstance(args[at], str):
            names = ("data_format", "rate", "name")
            return args[:at], {**kwargs, **dict(zip(names, args[at:]))}
        return args, kwargs

    return rewrite


@function("tensorflow.nn.depthwise_conv2d", family="conv",
          legacy=both(FILTER, renamed(dilations="rate"), _layout_before_rate(4)))  # fmt: skip
def depthwise_conv2d(
    input: Any, filter: Any, strides: Any, padding: Any, rate: Any = None, name: Any = None, data_format: Any = None
) -> Out:
    """A filter `(h, w, in, multiplier)` for every channel on its own."""
    return _depthwise(literal.tensor(input), filter, strides, padding, data_format, rate)


@function("tensorflow.nn.depthwise_conv2d_native", family="conv", legacy=FILTER)
def depthwise_conv2d_native(
    input: Any,
    filter: Any,
    strides: Any,
    padding: Any,
    data_format: Any = "NHWC",
    dilations: Any = None,
    name: Any = None,
) -> Out:
    """A filter `(h, w, in, multiplier)` for every channel on its own."""
    return _depthwise(literal.tensor(input), filter, strides, padding, data_format, dilations)


@function("tensorflow.nn.separable_conv2d", family="conv",
          legacy=both(renamed(dilations="rate"), _layout_before_rate(5)))  # fmt: skip
def separable_conv2d(
    input: Any,
    depthwise_filter: Any,
    pointwise_filter: Any,
    strides: Any,
    padding: Any,
    rate: Any = None,
    name: Any = None,
    data_format: Any = None,
) -> Out:
    """A filter per channel, then one of `(1, 1, in * multiplier, out)` over all of them."""
    deep = _depthwise(literal.tensor(input), depthwise_filter, strides, padding, data_format, rate)
    (_, _, inputs, out), wrong = _filter(pointwise_filter, 2)
    if wrong or deep.faults or deep.shape is None:
        return replace(deep, faults=(*deep.faults, *wrong), last=None, shape=None if wrong else deep.shape)
    at = 3 if layout.channels_last(data_format) else 1
    if divisible(deep.shape[at], inputs) is False:
        text = f"the pointwise filter takes {inputs} channels, {deep.shape[at]} come in"
        fault = Fault("channels", "pointwise_filter", text, inputs, deep.shape[at], at)
        return replace(deep, shape=None, faults=(fault,))
    return replace(deep, shape=(*deep.shape[:at], out, *deep.shape[at + 1 :]), macs=None)


def _transposed(
    x: Tensor, filters: Any, output_shape: Any, strides: Any, data_format: Any, n: int
) -> Out:  # fmt: skip
    """A transposed convolution: its output shape is given, its filter is `(…, out, in)`."""
    last = layout.channels_last(data_format)
    (*kernel, out, inputs), wrong = _filter(filters, n)
    faults = (*wrong, *rank_fault(x, n + 2))
    if faults:
        return Out(faults=faults)
    window = tuple((k, (1, s)) for k, s in zip(kernel, layout.per_axis(strides, n, last)))
    shape = literal.shape(output_shape)
    demand = image_demand(n, last, inputs)
    channels = x.shape[-1 if last else 1] if x.shape is not None else None
    if divisible(inputs, channels) is False:
        text = f"the filter takes {inputs} channels, the input has {channels}"
        faults = (Fault("channels", "filter", text, inputs, channels, n + 1 if last else 1),)
    if shape is not None and len(shape) != n + 2:
        text = f"needs {n + 2} sizes, got {len(shape)}"
        faults = (*faults, Fault("rank", "output_shape", text, n + 2, len(shape)))
    if faults:
        return Out(window=window, faults=faults, demand=demand)
    if shape is None:
        shape = (None,) * (n + 1) + (out,) if last else (None, out) + (None,) * n
    axes: tuple[AxisSource, ...] = (0, *SPACE[:n], "channel") if last else (0, "channel", *SPACE[:n])
    return Out(shape, axes=axes, window=window, demand=demand)


@function("tensorflow.nn.conv2d_transpose", family="conv_transpose", legacy=FILTER)
def conv2d_transpose(
    input: Any = None,
    filter: Any = None,
    output_shape: Any = None,
    strides: Any = None,
    padding: Any = "SAME",
    data_format: Any = "NHWC",
    name: Any = None,
    dilations: Any = None,
) -> Out:
    """2-D transposed convolution to a given shape with a filter `(h, w, out, in)`."""
    return _transposed(literal.tensor(input), filter, output_shape, strides, data_format, 2)


@function("tensorflow.nn.atrous_conv2d_transpose", family="conv_transpose", legacy=renamed(filter="filters"))
def atrous_conv2d_transpose(
    value: Any, filters: Any, output_shape: Any, rate: Any, padding: Any, name: Any = None
) -> Out:
    """2-D transposed convolution with holes to a given shape."""
    return _transposed(literal.tensor(value), filters, output_shape, None, None, 2)


@function("tensorflow.nn.conv3d_transpose", family="conv_transpose", legacy=FILTER)
def conv3d_transpose(
    input: Any,
    filter: Any = None,
    output_shape: Any = None,
    strides: Any = None,
    padding: Any = "SAME",
    data_format: Any = "NDHWC",
    name: Any = None,
    dilations: Any = None,
) -> Out:
    """3-D transposed convolution to a given shape with a filter `(d, h, w, out, in)`."""
    return _transposed(literal.tensor(input), filter, output_shape, strides, data_format, 3)
