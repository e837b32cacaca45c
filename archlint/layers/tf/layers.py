"""`tf.layers.*`: functions, and the classes behind them (`tf.layers.Dense(10)(x)`)."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from archlint.layers.arguments import NotKnown, truth
from archlint.layers.families.elementwise import like
from archlint.layers.families.norm import channel_norm
from archlint.layers.keras.reading import adding, must_be_fixed
from archlint.layers.spec import Out, function, layer
from archlint.layers.tf import layout, literal, windows
from archlint.layers.tf.slim import connected, flatten_samples
from archlint.layers.tf.windows import LAYERS
from archlint.values import External

ZEROS, ONES = External("tensorflow.zeros_initializer"), External("tensorflow.ones_initializer")


def _declare(fn: Callable[..., Out], name: str, class_name: str, family: str, weights: bool = False) -> None:
    """Declare the function, and the class: the same arguments but the input and those of the call."""
    function(f"tensorflow.layers.{name}", family=family, weights=weights)(fn)
    own = [p for p in list(inspect.signature(fn).parameters.values())[1:] if p.name not in ("reuse", "training")]
    names = [p.name for p in own]

    def apply(x: Any, *args: Any, **_: Any) -> Out:
        return fn(x, **dict(zip(names, args)))

    first = inspect.Parameter("x", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    rest = inspect.Parameter("_", inspect.Parameter.VAR_KEYWORD)
    apply.__signature__ = inspect.Signature([first, *own, rest])  # type: ignore[attr-defined]
    apply.__doc__ = fn.__doc__
    layer(f"tensorflow.layers.{class_name}", family=family, weights=weights)(apply)


def _declare_convolution(n: int) -> None:
    one: Any = 1 if n == 1 else (1,) * n

    def convolution(
        inputs: Any,
        filters: Any,
        kernel_size: Any,
        strides: Any = one,
        padding: Any = "valid",
        data_format: Any = "channels_last",
        dilation_rate: Any = one,
        activation: Any = None,
        use_bias: Any = True,
        kernel_initializer: Any = None,
        bias_initializer: Any = ZEROS,
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        trainable: Any = True,
        name: Any = None,
        reuse: Any = None,
    ) -> Out:
        """Convolution over one to three axes, without padding by default."""
        x, bias = literal.tensor(inputs), truth(use_bias)
        if x.shape is not None and len(x.shape) > n + 2:
            raise NotKnown  # more axes of samples: an error in TensorFlow 1 only
        return windows.convolution(x, n, LAYERS, filters, kernel_size, strides, padding, data_format,
                                   dilation_rate, bias, trainable)  # fmt: skip

    _declare(convolution, f"conv{n}d", f"Conv{n}D", "conv", weights=True)


def _declare_transposed(n: int) -> None:
    def transposed(
        inputs: Any,
        filters: Any,
        kernel_size: Any,
        strides: Any = (1,) * n,
        padding: Any = "valid",
        data_format: Any = "channels_last",
        activation: Any = None,
        use_bias: Any = True,
        kernel_initializer: Any = None,
        bias_initializer: Any = ZEROS,
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        trainable: Any = True,
        name: Any = None,
        reuse: Any = None,
    ) -> Out:
        """Transposed convolution over two or three axes."""
        return windows.transposed(inputs, n, LAYERS, filters, kernel_size, strides, padding, data_format,
                                  truth(use_bias), trainable)  # fmt: skip

    _declare(transposed, f"conv{n}d_transpose", f"Conv{n}DTranspose", "conv_transpose", weights=True)


def _declare_separable(n: int) -> None:
    one: Any = 1 if n == 1 else (1,) * n

    def separable_convolution(
        inputs: Any,
        filters: Any,
        kernel_size: Any,
        strides: Any = one,
        padding: Any = "valid",
        data_format: Any = "channels_last",
        dilation_rate: Any = one,
        depth_multiplier: Any = 1,
        activation: Any = None,
        use_bias: Any = True,
        depthwise_initializer: Any = None,
        pointwise_initializer: Any = None,
        bias_initializer: Any = ZEROS,
        depthwise_regularizer: Any = None,
        pointwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        pointwise_constraint: Any = None,
        bias_constraint: Any = None,
        trainable: Any = True,
        name: Any = None,
        reuse: Any = None,
    ) -> Out:
        """A kernel per channel, then a mixture of all channels."""
        return windows.separated(inputs, n, LAYERS, filters, kernel_size, strides, padding, data_format, dilation_rate,
                                 depth_multiplier, truth(use_bias), trainable)  # fmt: skip

    _declare(separable_convolution, f"separable_conv{n}d", f"SeparableConv{n}D", "conv", weights=True)


def _declare_pool(n: int) -> None:
    def pooling(
        inputs: Any,
        pool_size: Any,
        strides: Any,
        padding: Any = "valid",
        data_format: Any = "channels_last",
        name: Any = None,
    ) -> Out:
        """Pooling over one to three axes; its stride must be stated."""
        words = {**LAYERS, "kernel": "pool_size"}
        return windows.pooling(inputs, n, words, pool_size, strides, padding, data_format)

    _declare(pooling, f"max_pooling{n}d", f"MaxPooling{n}D", "pool")
    _declare(pooling, f"average_pooling{n}d", f"AveragePooling{n}D", "pool")


for _n in (1, 2, 3):
    _declare_convolution(_n)
    _declare_pool(_n)
for _n in (2, 3):
    _declare_transposed(_n)
for _n in (1, 2):
    _declare_separable(_n)


def dense(
    inputs: Any,
    units: Any,
    activation: Any = None,
    use_bias: Any = True,
    kernel_initializer: Any = None,
    bias_initializer: Any = ZEROS,
    kernel_regularizer: Any = None,
    bias_regularizer: Any = None,
    activity_regularizer: Any = None,
    kernel_constraint: Any = None,
    bias_constraint: Any = None,
    trainable: Any = True,
    name: Any = None,
    reuse: Any = None,
) -> Out:
    """Fully connected layer on the last axis."""
    return connected(inputs, units, truth(use_bias), trainable)


def flatten(inputs: Any, name: Any = None, data_format: Any = "channels_last") -> Out:
    """Everything but the batch becomes one axis."""
    return flatten_samples(literal.tensor(inputs))


def dropout(
    inputs: Any, rate: Any = 0.5, noise_shape: Any = None, seed: Any = None, training: Any = False, name: Any = None
) -> Out:
    """Zeroes elements; `rate` is the share that goes, and nothing happens unless `training`."""
    return like(literal.tensor(inputs))


def batch_normalization(
    inputs: Any,
    axis: Any = -1,
    momentum: Any = 0.99,
    epsilon: Any = 0.001,
    center: Any = True,
    scale: Any = True,
    beta_initializer: Any = ZEROS,
    gamma_initializer: Any = ONES,
    moving_mean_initializer: Any = ZEROS,
    moving_variance_initializer: Any = ONES,
    beta_regularizer: Any = None,
    gamma_regularizer: Any = None,
    beta_constraint: Any = None,
    gamma_constraint: Any = None,
    training: Any = False,
    trainable: Any = True,
    name: Any = None,
    reuse: Any = None,
    renorm: Any = False,
    renorm_clipping: Any = None,
    renorm_momentum: Any = 0.99,
    fused: Any = None,
    virtual_batch_size: Any = None,
    adjustment: Any = None,
) -> Out:
    """Batch normalisation: scale, shift, and two running statistics per channel."""
    x, at = literal.tensor(inputs), literal.integer(axis)
    out = channel_norm(x, axis=at, affine=(truth(scale), truth(center)), tracked=True)
    if truth(renorm) is not False:
        out = replace(out, state=None)
    return adding(layout.trained(out, trainable), must_be_fixed(x, [at]))


_declare(dense, "dense", "Dense", "dense", weights=True)
_declare(flatten, "flatten", "Flatten", "flatten")
_declare(dropout, "dropout", "Dropout", "dropout")
_declare(batch_normalization, "batch_normalization", "BatchNormalization", "norm", weights=True)
