"""Functions of `keras.ops` and `keras.backend` that slide a window: convolutions with a given kernel, pooling."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from archlint.dims import Size, product, proven_different
from archlint.layers.arguments import NotKnown, known, size
from archlint.layers.families import space
from archlint.layers.families.conv import Layout
from archlint.layers.families.elementwise import like
from archlint.layers.keras.conv import conv_transposed, padding_of
from archlint.layers.keras.pool import adapted, pooled
from archlint.layers.keras.reading import channels_last, shape_argument, tensor, window, windows
from archlint.layers.spec import Fault, Out, function
from archlint.layers.tf import nn_conv
from archlint.values import Tensor


def _axes_of(kernel: Tensor) -> int:
    """Number of spatial axes of a kernel `(k…, in, out)`."""
    if kernel.shape is None or not 3 <= len(kernel.shape) <= 5:
        raise NotKnown
    return len(kernel.shape) - 2


def _padding(padding: Any) -> str:
    found = padding_of(padding)
    if not isinstance(found, str):
        raise NotKnown
    return found


def _of_kernel(out: Out, arg: str = "kernel") -> Out:
    """What TensorFlow calls a filter is a kernel here."""
    return replace(out, faults=tuple(replace(f, arg=arg) if f.arg == "filter" else f for f in out.faults))


def _spaced(value: Any) -> Any:
    """A stride or dilation as a number, or one per spatial axis."""
    return 1 if known(value) is None else value


@function("keras.ops.conv", family="conv")
def conv(inputs: Any, kernel: Any, strides: Any = 1, padding: Any = "valid", data_format: Any = None,
         dilation_rate: Any = 1) -> Out:  # fmt: skip
    """Convolution with a kernel `(k…, in, out)` over as many axes as the kernel has besides channels."""
    given, weights = tensor(inputs), tensor(kernel)
    _axes_of(weights)
    return _of_kernel(
        nn_conv.convolution(
            given, weights, _padding(padding), _spaced(strides), _spaced(dilation_rate), data_format=known(data_format)
        )
    )


def _backend_conv(n: int) -> Any:
    def convolve(x: Any, kernel: Any, strides: Any = 1, padding: Any = "valid", data_format: Any = None,
                 dilation_rate: Any = 1) -> Out:  # fmt: skip
        """Convolution with a kernel `(k…, in, out)`."""
        if _axes_of(tensor(kernel)) != n:
            raise NotKnown
        return conv(x, kernel, strides, padding, data_format, dilation_rate)  # type: ignore[no-any-return]

    return convolve


for _n in (1, 2, 3):
    function(f"keras.backend.conv{_n}d", family="conv")(_backend_conv(_n))


@function("keras.ops.depthwise_conv", family="conv")
def depthwise_conv(inputs: Any, kernel: Any, strides: Any = 1, padding: Any = "valid", data_format: Any = None,
                   dilation_rate: Any = 1) -> Out:  # fmt: skip
    """A kernel `(h, w, in, multiplier)` for every channel on its own."""
    given, weights = tensor(inputs), tensor(kernel)
    if _axes_of(weights) != 2:
        raise NotKnown
    return _of_kernel(
        nn_conv.depthwise_conv2d(
            given, weights, _spaced(strides), _padding(padding), _spaced(dilation_rate), data_format=known(data_format)
        )
    )


@function("keras.backend.depthwise_conv2d", family="conv")
def backend_depthwise(x: Any, depthwise_kernel: Any, strides: Any = (1, 1), padding: Any = "valid",
                      data_format: Any = None, dilation_rate: Any = (1, 1)) -> Out:  # fmt: skip
    """A kernel `(h, w, in, multiplier)` for every channel on its own."""
    return depthwise_conv(x, depthwise_kernel, strides, padding, data_format, dilation_rate)  # type: ignore[no-any-return]


@function("keras.ops.separable_conv", family="conv")
def separable_conv(inputs: Any, depthwise_kernel: Any, pointwise_kernel: Any, strides: Any = 1,
                   padding: Any = "valid", data_format: Any = None, dilation_rate: Any = 1) -> Out:  # fmt: skip
    """A kernel per channel, then one of `(1, 1, in * multiplier, out)` over all of them."""
    given, deep, point = tensor(inputs), tensor(depthwise_kernel), tensor(pointwise_kernel)
    if _axes_of(deep) != 2:
        raise NotKnown
    step, spread, layout = _spaced(strides), _spaced(dilation_rate), known(data_format)
    found = nn_conv.separable_conv2d(given, deep, point, step, _padding(padding), spread, data_format=layout)
    return _of_kernel(found, "depthwise_kernel")


@function("keras.backend.separable_conv2d", family="conv")
def backend_separable(x: Any, depthwise_kernel: Any, pointwise_kernel: Any, strides: Any = (1, 1),
                      padding: Any = "valid", data_format: Any = None, dilation_rate: Any = (1, 1)) -> Out:  # fmt: skip
    """A kernel per channel, then one of `(1, 1, in * multiplier, out)` over all of them."""
    return separable_conv(  # type: ignore[no-any-return]
        x, depthwise_kernel, pointwise_kernel, strides, padding, data_format, dilation_rate
    )


@function("keras.ops.conv_transpose", family="conv_transpose")
def conv_transpose(inputs: Any, kernel: Any, strides: Any = 1, padding: Any = "valid", output_padding: Any = None,
                   data_format: Any = None, dilation_rate: Any = 1) -> Out:  # fmt: skip
    """Transposed convolution with a kernel `(k…, out, in)`."""
    given, weights = tensor(inputs), tensor(kernel)
    n, faults = _axes_of(weights), _channel_faults(given, weights, channels_last(data_format))
    if faults:
        return Out(faults=faults)
    assert weights.shape is not None
    spans = windows(n, weights.shape[:n], _spaced(strides), _spaced(dilation_rate))
    found = conv_transposed(given, n, spans, weights.shape[n], padding, known(output_padding), data_format, False)
    return replace(found, params=0)


def _channel_faults(x: Tensor, kernel: Tensor, last: bool) -> tuple[Fault, ...]:
    """The kernel of a transposed convolution takes as many channels as its last axis has."""
    if x.shape is None or kernel.shape is None or len(x.shape) != len(kernel.shape):
        return ()
    want, at = kernel.shape[-1], len(x.shape) - 1 if last else 1
    if not proven_different(want, x.shape[at]):
        return ()
    text = f"the kernel takes {want} channels, the input has {x.shape[at]}"
    return (Fault("channels", "kernel", text, want, x.shape[at], at),)


@function("keras.backend.conv2d_transpose", family="conv_transpose")
def backend_conv_transpose(x: Any, kernel: Any, output_shape: Any, strides: Any = (1, 1), padding: Any = "valid",
                           data_format: Any = None, dilation_rate: Any = (1, 1)) -> Out:  # fmt: skip
    """Transposed convolution to a stated shape with a kernel `(h, w, out, in)`."""
    given, weights, stated = tensor(x), tensor(kernel), shape_argument(output_shape)
    last = channels_last(data_format)
    faults = _channel_faults(given, weights, last)
    if faults or given.shape is None or len(given.shape) != 4 or len(stated) != 4:
        return Out(faults=faults)
    channels = weights.shape[2] if weights.shape is not None and len(weights.shape) == 4 else None
    places = Layout(2, last).space
    sizes = [given.shape[0], *(channels,) * 3]
    for axis in places:
        sizes[axis] = stated[axis]
    return Out(tuple(sizes), axes=tuple("channel" if i == (3 if last else 1) else i for i in range(4)))


@function("keras.ops.max_pool", "keras.ops.average_pool", family="pool")
def ops_pool(inputs: Any, pool_size: Any, strides: Any = None, padding: Any = "valid", data_format: Any = None) -> Out:
    """The greatest value, or the mean, of each window over all axes but batch and channels."""
    given = tensor(inputs)
    n = len(given.shape) - 2 if given.shape is not None else _number_of_axes(pool_size)
    return pooled(given, n, pool_size, known(strides), padding, data_format)


def _number_of_axes(pool_size: Any) -> int:
    if not isinstance(pool_size, (tuple, list)):
        raise NotKnown
    return len(pool_size)


@function("keras.backend.pool2d", family="pool")
def pool2d(x: Any, pool_size: Any, strides: Any = (1, 1), padding: Any = "valid", data_format: Any = None,
           pool_mode: Any = "max") -> Out:  # fmt: skip
    """Windows over two axes, one position apart unless told otherwise."""
    return pooled(tensor(x), 2, pool_size, strides, padding, data_format)


@function("keras.backend.pool3d", family="pool")
def pool3d(x: Any, pool_size: Any, strides: Any = (1, 1, 1), padding: Any = "valid", data_format: Any = None,
           pool_mode: Any = "max") -> Out:  # fmt: skip
    """Windows over three axes, one position apart unless told otherwise."""
    return pooled(tensor(x), 3, pool_size, strides, padding, data_format)


@function("keras.ops.adaptive_average_pool", "keras.ops.adaptive_max_pool", family="adaptive_pool")
def adaptive_pool(inputs: Any, output_size: Any, data_format: Any = None) -> Out:
    """As many windows as asked for, over all axes but batch and channels."""
    given = tensor(inputs)
    if given.shape is None:
        raise NotKnown
    return adapted(given, len(given.shape) - 2, output_size, data_format)


@function("keras.backend.bias_add", family="elementwise")
def bias_add(x: Any, bias: Any, data_format: Any = None) -> Out:
    """One number added per channel."""
    return like(tensor(x))


@function("keras.backend.spatial_3d_padding", family="pad")
def spatial_3d_padding(x: Any, padding: Any = ((1, 1), (1, 1), (1, 1)), data_format: Any = None) -> Out:
    """Zeros around a volume."""
    given, sides = tensor(x), known(padding)
    if given.shape is None or len(given.shape) != 5 or not isinstance(sides, (tuple, list)) or len(sides) != 3:
        raise NotKnown
    pairs = [(size(a), size(b)) for a, b in sides]
    return space.pad(given, Layout(3, channels_last(data_format)).space, pairs)


@function("keras.backend.resize_volumes", family="upsample")
def resize_volumes(x: Any, depth_factor: Any, height_factor: Any, width_factor: Any, data_format: Any) -> Out:
    """A volume made larger by whole factors."""
    given = tensor(x)
    if given.shape is None or len(given.shape) != 5:
        raise NotKnown
    places = Layout(3, channels_last(data_format)).space
    factors = [size(f) for f in (depth_factor, height_factor, width_factor)]
    return space.upsample(given, places, factors)


@function("keras.ops.space_to_depth", family="reshape")
def space_to_depth(x: Any, block_size: Any, data_format: Any = "channels_last") -> Out:
    """Blocks of space stacked as channels."""
    return space.space_to_depth(tensor(x), size(block_size), channels_last=channels_last(data_format), arg="block_size")


@function("keras.ops.depth_to_space", family="reshape")
def depth_to_space(x: Any, block_size: Any, data_format: Any = "channels_last") -> Out:
    """Blocks of channels spread over space."""
    return space.depth_to_space(tensor(x), size(block_size), channels_last=channels_last(data_format), arg="block_size")


@function("keras.ops.image.extract_patches", family="unfold")
def extract_patches(images: Any, size: Any, strides: Any = None, dilation_rate: Any = 1, padding: Any = "valid",
                    data_format: Any = None) -> Out:  # fmt: skip
    """Every window of an image as the channels of one position."""
    given = tensor(images)
    if given.shape is None or len(given.shape) != 4:
        raise NotKnown
    sides, bad = window(size, 2, "size")
    last = channels_last(data_format)
    if bad:
        return Out(faults=bad)
    at = 3 if last else 1
    stride = size if known(strides) is None else strides
    spans = pooled(given, 2, size, stride, padding, data_format) if known(dilation_rate) == 1 else Out()
    if spans.shape is None:
        return Out(faults=spans.faults)
    width: Size = product((given.shape[at], *sides))
    sizes = tuple(width if i == at else s for i, s in enumerate(spans.shape))
    return Out(sizes, axes=tuple("channel" if i == at else a for i, a in enumerate(spans.axes or range(4))))
