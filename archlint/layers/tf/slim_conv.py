"""Convolutions of TF-slim.  Normalisation and activation that follow are steps of their own: see `slim.POST_STEPS`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from archlint.dims import add, product
from archlint.layers.arguments import size, sizes, truth
from archlint.layers.spec import Out, function
from archlint.layers.tf import layout, literal, windows
from archlint.layers.tf.windows import SLIM
from archlint.values import External

RELU = External("tensorflow.nn.relu")
XAVIER = External("tf_slim.xavier_initializer")
ZEROS = External("tensorflow.zeros_initializer")


def has_bias(normalizer_fn: Any, biases_initializer: Any) -> bool | None:
    """Biases exist only without a normaliser; None when that is not known."""
    normalised, initialised = truth(normalizer_fn), truth(biases_initializer)
    if normalised is True or initialised is False:
        return False
    return None if normalised is None or initialised is None else True


@function("tf_slim.convolution", family="conv", weights=True)
def convolution(
    inputs: Any,
    num_outputs: Any,
    kernel_size: Any,
    stride: Any = 1,
    padding: Any = "SAME",
    data_format: Any = None,
    rate: Any = 1,
    activation_fn: Any = RELU,
    normalizer_fn: Any = None,
    normalizer_params: Any = None,
    weights_initializer: Any = XAVIER,
    weights_regularizer: Any = None,
    biases_initializer: Any = ZEROS,
    biases_regularizer: Any = None,
    reuse: Any = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: Any = True,
    scope: Any = None,
    conv_dims: Any = None,
) -> Out:
    """Convolution over as many axes as the input has besides batch and channels."""
    x = literal.tensor(inputs)
    if conv_dims is None and x.shape is None:
        last = size(num_outputs) if layout.channels_last(data_format) else None
        return layout.trained(Out(last=last, params=None), trainable)
    n = len(x.shape or ()) - 2 if conv_dims is None else literal.integer(conv_dims)
    bias = has_bias(normalizer_fn, biases_initializer)
    # A rank that no convolution takes is reported as that of the nearest one.
    return windows.convolution(x, min(max(n, 1), 3), SLIM, num_outputs, kernel_size, stride, padding, data_format, rate,
                               bias, trainable)  # fmt: skip


def _declare_convolution(n: int) -> None:
    @function(f"tf_slim.conv{n}d", f"tf_slim.convolution{n}d", family="conv", weights=True)
    def convolve(
        inputs: Any,
        num_outputs: Any,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = "SAME",
        data_format: Any = None,
        rate: Any = 1,
        activation_fn: Any = RELU,
        normalizer_fn: Any = None,
        normalizer_params: Any = None,
        weights_initializer: Any = XAVIER,
        weights_regularizer: Any = None,
        biases_initializer: Any = ZEROS,
        biases_regularizer: Any = None,
        reuse: Any = None,
        variables_collections: Any = None,
        outputs_collections: Any = None,
        trainable: Any = True,
        scope: Any = None,
    ) -> Out:
        """Convolution over one, two or three axes, "SAME" and ReLU by default."""
        bias = has_bias(normalizer_fn, biases_initializer)
        return windows.convolution(inputs, n, SLIM, num_outputs, kernel_size, stride, padding, data_format, rate,
                                   bias, trainable)  # fmt: skip


for _n in (1, 2, 3):
    _declare_convolution(_n)


@function("tf_slim.conv2d_in_plane", "tf_slim.convolution2d_in_plane", family="conv", weights=True)
def convolution2d_in_plane(
    inputs: Any,
    kernel_size: Any,
    stride: Any = 1,
    padding: Any = "SAME",
    activation_fn: Any = RELU,
    normalizer_fn: Any = None,
    normalizer_params: Any = None,
    weights_initializer: Any = XAVIER,
    weights_regularizer: Any = None,
    biases_initializer: Any = ZEROS,
    biases_regularizer: Any = None,
    reuse: Any = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: Any = True,
    scope: Any = None,
) -> Out:
    """One 2-D kernel shared by all channels, applied to each on its own."""
    x, bias = literal.tensor(inputs), has_bias(normalizer_fn, biases_initializer)
    out = windows.separated(x, 2, SLIM, None, kernel_size, stride, padding, None, 1, 1, bias, True)
    if out.shape is None and out.faults:
        return out
    channels = x.shape[3] if x.shape is not None else x.last
    biases = None if bias is None else channels if bias else 0
    return layout.trained(replace(out, params=add(product(sizes(kernel_size, 2)), biases)), trainable)


@function("tf_slim.separable_conv2d", "tf_slim.separable_convolution2d", family="conv", weights=True)
def separable_convolution2d(
    inputs: Any,
    num_outputs: Any,
    kernel_size: Any,
    depth_multiplier: Any = 1,
    stride: Any = 1,
    padding: Any = "SAME",
    data_format: Any = "NHWC",
    rate: Any = 1,
    activation_fn: Any = RELU,
    normalizer_fn: Any = None,
    normalizer_params: Any = None,
    weights_initializer: Any = XAVIER,
    pointwise_initializer: Any = None,
    weights_regularizer: Any = None,
    biases_initializer: Any = ZEROS,
    biases_regularizer: Any = None,
    reuse: Any = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: Any = True,
    scope: Any = None,
) -> Out:
    """A kernel per channel, then 1x1 over all of them; without the latter when `num_outputs` is None."""
    bias = has_bias(normalizer_fn, biases_initializer)
    return windows.separated(inputs, 2, SLIM, num_outputs, kernel_size, stride, padding, data_format, rate,
                             depth_multiplier, bias, trainable)  # fmt: skip


def _declare_transposed(n: int, layout_word: str) -> None:
    names = (f"tf_slim.conv{n}d_transpose", f"tf_slim.convolution{n}d_transpose")

    @function(*names, family="conv_transpose", weights=True)
    def transpose(
        inputs: Any,
        num_outputs: Any,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = "SAME",
        data_format: Any = layout_word,
        activation_fn: Any = RELU,
        normalizer_fn: Any = None,
        normalizer_params: Any = None,
        weights_initializer: Any = XAVIER,
        weights_regularizer: Any = None,
        biases_initializer: Any = ZEROS,
        biases_regularizer: Any = None,
        reuse: Any = None,
        variables_collections: Any = None,
        outputs_collections: Any = None,
        trainable: Any = True,
        scope: Any = None,
    ) -> Out:
        """Transposed convolution over two or three axes: "SAME" multiplies the sizes by the stride."""
        bias = has_bias(normalizer_fn, biases_initializer)
        return windows.transposed(inputs, n, SLIM, num_outputs, kernel_size, stride, padding, data_format, bias,
                                  trainable)  # fmt: skip


_declare_transposed(2, "NHWC")
_declare_transposed(3, "NDHWC")
