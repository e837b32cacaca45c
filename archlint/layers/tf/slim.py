"""TF-slim: fully connected layers, pooling and the small layers.  `tf.contrib.layers` and `tf.contrib.slim` are these.

A function in `POST_STEPS` ends, after what its declaration says, with `normalizer_fn(outputs, **normalizer_params)`
and `activation_fn(outputs)` when these arguments are given: the interpreter runs both as nodes of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from archlint.layers.arguments import size
from archlint.layers.families.contract import rank_fault
from archlint.layers.families.dense import dense
from archlint.layers.families.elementwise import like
from archlint.layers.families.reshape import flatten as flattened
from archlint.layers.keras.reading import adding, must_be_fixed
from archlint.layers.spec import Fault, Out, function
from archlint.layers.tf import layout, literal, windows
from archlint.layers.tf.create import one_hot_at
from archlint.layers.tf.slim_conv import RELU, XAVIER, ZEROS, has_bias
from archlint.layers.tf.versions import each
from archlint.layers.tf.windows import SLIM
from archlint.values import External

POST_STEPS: frozenset[str] = frozenset(
    f"tf_slim.{name}"
    for name in (
        "convolution", "convolution1d", "convolution2d", "convolution3d", "conv1d", "conv2d", "conv3d",
        "convolution2d_in_plane", "conv2d_in_plane", "separable_convolution2d", "separable_conv2d",
        "convolution2d_transpose", "conv2d_transpose", "convolution3d_transpose", "conv3d_transpose",
        "fully_connected", "linear", "relu", "relu6", "elu", "legacy_fully_connected", "legacy_linear", "legacy_relu",
        "bias_add", "batch_norm", "layer_norm", "group_norm", "instance_norm",
    )
)  # fmt: skip
"""Functions that apply `normalizer_fn` (where they have one), then `activation_fn`, to what is declared here."""


SCOPED_AS: Mapping[str, str] = {
    f"tf_slim.{name}": "tf_slim.fully_connected" for name in ("linear", "relu", "relu6", "elu")
}
"""Presets of another function: an argument scope for that one holds for them, too."""


def _connected(inputs: Any, num_outputs: Any, normalizer_fn: Any, biases_initializer: Any, trainable: Any) -> Out:
    return connected(inputs, num_outputs, has_bias(normalizer_fn, biases_initializer), trainable)


def connected(inputs: Any, units: Any, bias: bool | None, trainable: Any) -> Out:
    """A fully connected layer; it takes no vector without a batch axis."""
    x = literal.tensor(inputs)
    if x.shape is not None and len(x.shape) < 2:
        return Out(faults=(Fault("rank", "", f"needs at least 2 axes, got {len(x.shape)}", 2, len(x.shape)),))
    return adding(layout.trained(dense(x, out=size(units), bias=bias), trainable), must_be_fixed(x, [-1]))


@function("tf_slim.fully_connected", family="dense", weights=True)
def fully_connected(
    inputs: Any,
    num_outputs: Any,
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
    """Fully connected layer on the last axis, ReLU by default."""
    return _connected(inputs, num_outputs, normalizer_fn, biases_initializer, trainable)


@function("tf_slim.legacy_fully_connected", family="dense", weights=True)
def legacy_fully_connected(
    x: Any,
    num_output_units: Any,
    activation_fn: Any = None,
    weight_init: Any = XAVIER,
    bias_init: Any = ZEROS,
    name: Any = None,
    weight_collections: Any = ("weights",),
    bias_collections: Any = ("biases",),
    output_collections: Any = ("activations",),
    trainable: Any = True,
    weight_regularizer: Any = None,
    bias_regularizer: Any = None,
) -> Out:
    """Fully connected layer of early TF-slim, no activation by default."""
    return _connected(x, num_output_units, None, bias_init, trainable)


def _declare_preset(name: str, base: Callable[..., Out], activation: External | None) -> None:
    """TF-slim makes these with `functools.partial`; so its arguments after the preset one are keywords only."""
    preset = partial(base, activation_fn=activation)
    preset.__doc__ = f"`{base.__name__}` with {activation.name if activation else 'no activation'}."
    function(f"tf_slim.{name}", family="dense", weights=True)(preset)


_declare_preset("linear", fully_connected, None)
_declare_preset("relu", fully_connected, RELU)
_declare_preset("relu6", fully_connected, External("tensorflow.nn.relu6"))
_declare_preset("elu", fully_connected, External("tensorflow.nn.elu"))
_declare_preset("legacy_linear", legacy_fully_connected, None)
_declare_preset("legacy_relu", legacy_fully_connected, RELU)


@each("tf_slim.max_pool2d", "tf_slim.avg_pool2d", family="pool")
def pool2d(
    inputs: Any,
    kernel_size: Any,
    stride: Any = 2,
    padding: Any = "VALID",
    data_format: Any = "NHWC",
    outputs_collections: Any = None,
    scope: Any = None,
) -> Out:
    """2-D pooling, stride 2 and "VALID" by default."""
    return windows.pooling(inputs, 2, SLIM, kernel_size, stride, padding, data_format)


@each("tf_slim.max_pool3d", "tf_slim.avg_pool3d", family="pool")
def pool3d(
    inputs: Any,
    kernel_size: Any,
    stride: Any = 2,
    padding: Any = "VALID",
    data_format: Any = "NDHWC",
    outputs_collections: Any = None,
    scope: Any = None,
) -> Out:
    """3-D pooling, stride 2 and "VALID" by default."""
    return windows.pooling(inputs, 3, SLIM, kernel_size, stride, padding, data_format)


@function("tf_slim.pool", family="pool")
def pool(
    inputs: Any,
    kernel_size: Any,
    pooling_type: Any,
    padding: Any = "VALID",
    data_format: Any = None,
    dilation_rate: Any = 1,
    stride: Any = 1,
    outputs_collections: Any = None,
    scope: Any = None,
) -> Out:
    """Max or average pooling over all axes but batch and channels; may be dilated."""
    x = literal.tensor(inputs)
    if x.shape is None:
        return Out()
    n = len(x.shape) - 2
    if n < 1:
        return Out(faults=(Fault("rank", "", f"needs at least 3 axes, got {n + 2}", 4, n + 2),))
    words = {**SLIM, "dilation": "dilation_rate"}
    return windows.pooling(x, min(n, 3), words, kernel_size, stride, padding, data_format, dilation_rate)


@function("tf_slim.flatten", family="flatten")
def flatten(inputs: Any, outputs_collections: Any = None, scope: Any = None) -> Out:
    """Everything but the batch becomes one axis."""
    return flatten_samples(literal.tensor(inputs))


def flatten_samples(x: Any) -> Out:
    """`(batch, …)` to `(batch, features)`; a vector gets a second axis of 1."""
    if x.shape is None:
        return Out((None, None))
    if len(x.shape) == 1:
        return Out((x.shape[0], 1), axes=(0, ""))
    if not x.shape:
        return Out(faults=(Fault("rank", "", "needs at least one axis, got a scalar", 2, 0),))
    return flattened(x, 1, -1)


@function("tf_slim.dropout", family="dropout")
def dropout(
    inputs: Any,
    keep_prob: Any = 0.5,
    noise_shape: Any = None,
    is_training: Any = True,
    outputs_collections: Any = None,
    scope: Any = None,
    seed: Any = None,
) -> Out:
    """Zeroes elements; `keep_prob` is the share that stays."""
    return like(literal.tensor(inputs))


@function("tf_slim.softmax", family="activation")
def softmax(logits: Any, scope: Any = None) -> Out:
    """Softmax over the last axis."""
    x = literal.tensor(logits)
    if x.shape is not None and len(x.shape) < 2:
        return Out(faults=(Fault("rank", "", f"needs at least 2 axes, got {len(x.shape)}", 2, len(x.shape)),))
    return adding(like(x), must_be_fixed(x, [-1]))


@function("tf_slim.one_hot_encoding", family="one_hot")
def one_hot_encoding(
    labels: Any,
    num_classes: Any,
    on_value: Any = 1.0,
    off_value: Any = 0.0,
    outputs_collections: Any = None,
    scope: Any = None,
) -> Out:
    """A new last axis of `num_classes`."""
    return one_hot_at(literal.tensor(labels), size(num_classes), -1, "float32")


@function("tf_slim.bias_add", family="bias", weights=True)
def bias_add(
    inputs: Any,
    activation_fn: Any = None,
    initializer: Any = ZEROS,
    regularizer: Any = None,
    reuse: Any = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: Any = True,
    data_format: Any = "NHWC",
    scope: Any = None,
) -> Out:
    """One trainable number per channel added."""
    x, last = literal.tensor(inputs), layout.channels_last(data_format)
    faults = rank_fault(x, 2, (2, 3, 4, 5, 6)) if last else rank_fault(x, 4)
    if faults:
        return Out(faults=faults)
    channels = None if x.shape is None else x.shape[-1 if last else 1]
    out = layout.trained(replace(like(x), params=channels), trainable)
    return adding(out, must_be_fixed(x, [-1 if last else 1]))
