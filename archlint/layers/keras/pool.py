"""Pooling layers of Keras."""

from __future__ import annotations

from typing import Any

from archlint.layers.arguments import flag
from archlint.layers.families.pool import adaptive, global_pool, pool
from archlint.layers.keras import legacy
from archlint.layers.keras.conv import padding_of
from archlint.layers.keras.reading import channels_last, window
from archlint.layers.spec import Out, layer
from archlint.values import Tensor


def pooled(x: Tensor, n: int, pool_size: Any, strides: Any, padding: Any, data_format: Any) -> Out:
    """Windows over n axes; without strides they lie side by side."""
    last = channels_last(data_format)
    kernel, bad_kernel = window(pool_size, n, "pool_size")
    stride, bad_stride = window(pool_size if strides is None else strides, n, "strides")
    bad = (*bad_kernel, *(bad_stride if strides is not None else ()))
    if bad:
        return Out(faults=bad)
    pad = padding_of(padding)
    return pool(x, n=n, kernel=kernel, stride=stride, padding=pad, channels_last=last, kernel_arg="pool_size")


@layer("keras.layers.MaxPooling1D", "keras.layers.MaxPool1D", family="pool", legacy=legacy.pool)
def max_pooling1d(x: Tensor, pool_size: Any = 2, strides: Any = None, padding: Any = "valid", data_format: Any = None,
                  name: Any = None, **_: Any) -> Out:  # fmt: skip
    """Greatest value of each window along one axis."""
    return pooled(x, 1, pool_size, strides, padding, data_format)


@layer("keras.layers.MaxPooling2D", "keras.layers.MaxPool2D", family="pool", legacy=legacy.pool)
def max_pooling2d(x: Tensor, pool_size: Any = (2, 2), strides: Any = None, padding: Any = "valid",
                  data_format: Any = None, name: Any = None, **_: Any) -> Out:  # fmt: skip
    """Greatest value of each window over two axes."""
    return pooled(x, 2, pool_size, strides, padding, data_format)


@layer("keras.layers.MaxPooling3D", "keras.layers.MaxPool3D", family="pool", legacy=legacy.pool)
def max_pooling3d(x: Tensor, pool_size: Any = (2, 2, 2), strides: Any = None, padding: Any = "valid",
                  data_format: Any = None, name: Any = None, **_: Any) -> Out:  # fmt: skip
    """Greatest value of each window over three axes."""
    return pooled(x, 3, pool_size, strides, padding, data_format)


# The size of the window has a default since Keras 1; Keras 3 dropped it for average pooling only.
@layer("keras.layers.AveragePooling1D", "keras.layers.AvgPool1D", family="pool", legacy=legacy.pool)
def average_pooling1d(x: Tensor, pool_size: Any = 2, strides: Any = None, padding: Any = "valid",
                      data_format: Any = None, name: Any = None, **_: Any) -> Out:  # fmt: skip
    """Mean of each window along one axis."""
    return pooled(x, 1, pool_size, strides, padding, data_format)


@layer("keras.layers.AveragePooling2D", "keras.layers.AvgPool2D", family="pool", legacy=legacy.pool)
def average_pooling2d(x: Tensor, pool_size: Any = (2, 2), strides: Any = None, padding: Any = "valid",
                      data_format: Any = None, name: Any = None, **_: Any) -> Out:  # fmt: skip
    """Mean of each window over two axes."""
    return pooled(x, 2, pool_size, strides, padding, data_format)


@layer("keras.layers.AveragePooling3D", "keras.layers.AvgPool3D", family="pool", legacy=legacy.pool)
def average_pooling3d(x: Tensor, pool_size: Any = (2, 2, 2), strides: Any = None, padding: Any = "valid",
                      data_format: Any = None, name: Any = None, **_: Any) -> Out:  # fmt: skip
    """Mean of each window over three axes."""
    return pooled(x, 3, pool_size, strides, padding, data_format)


def _global(x: Tensor, n: int, data_format: Any, keepdims: Any) -> Out:
    return global_pool(x, n=n, channels_last=channels_last(data_format), keepdims=flag(keepdims))


@layer("keras.layers.GlobalAveragePooling1D", "keras.layers.GlobalAvgPool1D", "keras.layers.GlobalMaxPooling1D",
       "keras.layers.GlobalMaxPool1D", family="global_pool", legacy=legacy.space)  # fmt: skip
def global_pooling1d(x: Tensor, data_format: Any = None, keepdims: Any = False, **_: Any) -> Out:
    """One value per channel for all steps."""
    return _global(x, 1, data_format, keepdims)


@layer("keras.layers.GlobalAveragePooling2D", "keras.layers.GlobalAvgPool2D", "keras.layers.GlobalMaxPooling2D",
       "keras.layers.GlobalMaxPool2D", family="global_pool", legacy=legacy.space)  # fmt: skip
def global_pooling2d(x: Tensor, data_format: Any = None, keepdims: Any = False, **_: Any) -> Out:
    """One value per channel for the whole image."""
    return _global(x, 2, data_format, keepdims)


@layer("keras.layers.GlobalAveragePooling3D", "keras.layers.GlobalAvgPool3D", "keras.layers.GlobalMaxPooling3D",
       "keras.layers.GlobalMaxPool3D", family="global_pool", legacy=legacy.space)  # fmt: skip
def global_pooling3d(x: Tensor, data_format: Any = None, keepdims: Any = False, **_: Any) -> Out:
    """One value per channel for the whole volume."""
    return _global(x, 3, data_format, keepdims)


def adapted(x: Tensor, n: int, output_size: Any, data_format: Any) -> Out:
    """As many windows as asked for, over n axes."""
    sizes, bad = window(output_size, n, "output_size")
    if bad:
        return Out(faults=bad)
    return adaptive(x, n=n, sizes=sizes, kept=(False,) * n, channels_last=channels_last(data_format))


@layer("keras.layers.AdaptiveAveragePooling1D", "keras.layers.AdaptiveMaxPooling1D", family="adaptive_pool")
def adaptive_pooling1d(x: Tensor, output_size: Any, data_format: Any = None, **_: Any) -> Out:
    """As many windows as asked for, along one axis."""
    return adapted(x, 1, output_size, data_format)


@layer("keras.layers.AdaptiveAveragePooling2D", "keras.layers.AdaptiveMaxPooling2D", family="adaptive_pool")
def adaptive_pooling2d(x: Tensor, output_size: Any, data_format: Any = None, **_: Any) -> Out:
    """As many windows as asked for, over two axes."""
    return adapted(x, 2, output_size, data_format)


@layer("keras.layers.AdaptiveAveragePooling3D", "keras.layers.AdaptiveMaxPooling3D", family="adaptive_pool")
def adaptive_pooling3d(x: Tensor, output_size: Any, data_format: Any = None, **_: Any) -> Out:
    """As many windows as asked for, over three axes."""
    return adapted(x, 3, output_size, data_format)
