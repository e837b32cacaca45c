"""`tf.nn.*` pooling, and blocks of space moved to channels and back."""
# ruff: noqa: A002  the parameters bear TensorFlow's own names

from __future__ import annotations

from typing import Any

from archlint.layers.arguments import NotKnown, size, sizes
from archlint.layers.families.contract import rank_fault
from archlint.layers.families.pool import pool as pooled
from archlint.layers.families.space import depth_to_space as spread
from archlint.layers.families.space import image_demand
from archlint.layers.families.space import space_to_depth as gathered
from archlint.layers.spec import Out, function
from archlint.layers.tf import layout, literal
from archlint.layers.tf.versions import Call, both, each, renamed
from archlint.values import Tensor


def _pool(x: Tensor, ksize: Any, strides: Any, padding: Any, data_format: Any, n: int) -> Out:
    last = layout.channels_last(data_format)
    for value in (ksize, strides):
        full = isinstance(value, (tuple, list)) and len(value) == n + 2
        if full and (value[0] != 1 or value[-1 if last else 1] != 1):
            raise NotKnown  # pooling over samples or channels
    return pooled(x, n=n, kernel=layout.per_axis(ksize, n, last), stride=layout.per_axis(strides, n, last),
                  padding=layout.padding(padding), channels_last=last, kernel_arg="ksize")  # fmt: skip


def _declare_pool(names: tuple[str, ...], n: int | None, default: str | None) -> None:
    @each(*(f"tensorflow.nn.{name}" for name in names), family="pool", legacy=renamed(value="input"))
    def pool_over(
        input: Any, ksize: Any, strides: Any, padding: Any, data_format: Any = default, name: Any = None
    ) -> Out:
        """Pooling; windows and strides are lists over all axes."""
        x = literal.tensor(input)
        axes = n
        if axes is None:
            given = [v for v in (ksize, strides) if isinstance(v, (tuple, list)) and len(v) > 2]
            axes = len(given[0]) - 2 if given else None if x.shape is None else len(x.shape) - 2
        if axes is None or not 1 <= axes <= 3:
            raise NotKnown
        return _pool(x, ksize, strides, padding, data_format, axes)


_declare_pool(("max_pool", "avg_pool", "max_pool_v2", "avg_pool_v2"), None, "NHWC")
_declare_pool(("max_pool1d", "avg_pool1d"), 1, "NWC")
_declare_pool(("max_pool2d", "avg_pool2d"), 2, "NHWC")
_declare_pool(("max_pool3d", "avg_pool3d"), 3, "NDHWC")


@function("tensorflow.nn.max_pool_with_argmax", family="pool")
def max_pool_with_argmax(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: Any = "NHWC", Targmax: Any = None,  # noqa: N803
    name: Any = None, output_dtype: Any = None, include_batch_in_index: Any = False,
) -> tuple[Out, Out]:  # fmt: skip
    """Pooling, and where each maximum was."""
    out = _pool(literal.tensor(input), ksize, strides, padding, data_format, 2)
    return out, Out(out.shape, dtype="int64")


def _padding_then_rate(args: list[Any], kwargs: dict[str, Any]) -> Call:
    """`tf.nn.pool(x, window, "MAX", strides, padding)` of TensorFlow 2 has its padding in fifth place."""
    if len(args) > 4 and isinstance(args[4], str):
        return args[:3], {**kwargs, "strides": args[3], "padding": args[4]}
    return args, kwargs


@function("tensorflow.nn.pool", family="pool", legacy=both(renamed(dilations="dilation_rate"), _padding_then_rate))
def pool(
    input: Any,
    window_shape: Any,
    pooling_type: Any,
    padding: Any = "VALID",
    dilation_rate: Any = None,
    strides: Any = None,
    name: Any = None,
    data_format: Any = None,
) -> Out:
    """Max or average pooling over all axes but batch and channels; may be dilated."""
    x = literal.tensor(input)
    if not isinstance(window_shape, (tuple, list)) or not 1 <= len(window_shape) <= 3:
        raise NotKnown
    n = len(window_shape)
    return pooled(x, n=n, kernel=sizes(window_shape, n), stride=sizes(1 if strides is None else strides, n),
                  dilation=sizes(1 if dilation_rate is None else dilation_rate, n), padding=layout.padding(padding),
                  channels_last=layout.channels_last(data_format), kernel_arg="window_shape")  # fmt: skip


@function("tensorflow.space_to_depth", "tensorflow.nn.space_to_depth", family="reshape")
def space_to_depth(input: Any, block_size: Any, name: Any = None, data_format: Any = "NHWC") -> Out:
    """Blocks of space stacked as channels."""
    x, last = literal.tensor(input), layout.channels_last(data_format)
    faults = rank_fault(x, 4)
    if x.shape is None or faults:
        return Out(faults=faults, demand=image_demand(2, last))
    return gathered(x, size(block_size), channels_last=last, arg="block_size")


@function("tensorflow.depth_to_space", "tensorflow.nn.depth_to_space", family="reshape")
def depth_to_space(input: Any, block_size: Any, name: Any = None, data_format: Any = "NHWC") -> Out:
    """Blocks of channels spread over space."""
    x, last = literal.tensor(input), layout.channels_last(data_format)
    faults = rank_fault(x, 4)
    if x.shape is None or faults:
        return Out(faults=faults, demand=image_demand(2, last))
    return spread(x, size(block_size), channels_last=last, arg="block_size")
