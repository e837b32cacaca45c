"""`tf.nn.*` without weights of its own: activations, normalisation, dropout, embeddings, losses."""
# ruff: noqa: A002  the parameters bear TensorFlow's own names

from __future__ import annotations

from dataclasses import replace
from typing import Any

from archlint.dims import Size, mul
from archlint.layers.arguments import NotKnown, axis_index, truth
from archlint.layers.families.contract import prefer, size_fault
from archlint.layers.families.elementwise import like, matmul
from archlint.layers.families.reduce import reduce
from archlint.layers.families.reshape import bad_axis
from archlint.layers.families.space import image_demand
from archlint.layers.spec import Fault, Out, function
from archlint.layers.tf import layout, literal
from archlint.layers.tf.versions import AXIS, each, renamed
from archlint.values import Tensor


@each("tensorflow.nn.relu", "tensorflow.nn.relu6", "tensorflow.nn.elu", "tensorflow.nn.selu",
      "tensorflow.nn.softplus tensorflow.math.softplus", "tensorflow.nn.softsign tensorflow.math.softsign",
      family="activation")  # fmt: skip
def activation(features: Any, name: Any = None) -> Out:
    """A non-linearity, element by element."""
    return like(literal.tensor(features))


@function("tensorflow.nn.leaky_relu", family="activation")
def leaky_relu(features: Any, alpha: Any = 0.2, name: Any = None) -> Out:
    """ReLU that lets a share of negative values through."""
    return like(literal.tensor(features))


@function("tensorflow.nn.swish", "tensorflow.nn.silu", family="activation")
def swish(features: Any, beta: Any = 1.0) -> Out:
    """`x * sigmoid(beta * x)`."""
    return like(literal.tensor(features))


@function("tensorflow.nn.gelu", family="activation")
def gelu(features: Any, approximate: Any = False, name: Any = None) -> Out:
    """Gaussian error linear unit."""
    return like(literal.tensor(features))


@each("tensorflow.nn.softmax tensorflow.math.softmax", "tensorflow.nn.log_softmax tensorflow.math.log_softmax",
      family="activation", legacy=AXIS)  # fmt: skip
def softmax(logits: Any, axis: Any = None, name: Any = None) -> Out:
    """Softmax along an axis, the last one unless stated otherwise."""
    x = literal.tensor(logits)
    return like(x) if x.shape != () else Out(faults=(Fault("rank", "", "needs at least one axis, got a scalar", 1, 0),))


@function("tensorflow.nn.crelu", family="activation")
def crelu(features: Any, name: Any = None, axis: Any = -1) -> Out:
    """ReLU of the input and of its negative, side by side: twice the channels."""
    x = literal.tensor(features)
    if isinstance(name, int):
        axis = name
    place = literal.integer(axis)
    if x.shape is None:
        return Out(last=mul(x.last, 2) if place == -1 else None)
    at = axis_index(place, len(x.shape))
    if at is None:
        return bad_axis(axis, len(x.shape), "axis")
    doubled = mul(x.shape[at], 2)
    return Out((*x.shape[:at], doubled, *x.shape[at + 1 :]),
               axes=tuple(i if i != at else "channel" for i in range(len(x.shape))))  # fmt: skip


@function("tensorflow.nn.dropout", family="dropout")
def dropout(
    x: Any, keep_prob: Any = None, noise_shape: Any = None, seed: Any = None, name: Any = None, rate: Any = None
) -> Out:
    """Zeroes elements: `keep_prob` stay (TensorFlow 1; by position), or `rate` go (TensorFlow 2)."""
    return like(literal.tensor(x))


@function("tensorflow.nn.local_response_normalization", "tensorflow.nn.lrn", family="norm")
def lrn(input: Any, depth_radius: Any = 5, bias: Any = 1, alpha: Any = 1, beta: Any = 0.5, name: Any = None) -> Out:
    """Normalisation over neighbouring channels of `(batch, h, w, c)`."""
    x = literal.tensor(input)
    if x.shape is not None and len(x.shape) != 4:
        return Out(faults=(Fault("rank", "", f"needs 4 axes, got {len(x.shape)}", 4, len(x.shape)),))
    return replace(like(x), demand=image_demand(2, channels_last=True))


@function("tensorflow.nn.l2_normalize", "tensorflow.math.l2_normalize", "tensorflow.linalg.l2_normalize",
          family="norm", legacy=AXIS)  # fmt: skip
def l2_normalize(x: Any, axis: Any = None, epsilon: Any = 1e-12, name: Any = None) -> Out:
    """Vectors along an axis brought to length 1."""
    return like(literal.tensor(x))


@function("tensorflow.nn.batch_normalization", family="norm")
def batch_normalization(
    x: Any, mean: Any, variance: Any, offset: Any, scale: Any, variance_epsilon: Any, name: Any = None
) -> Out:
    """Normalisation with given statistics; the weights are variables of their own."""
    return like(literal.tensor(x))


@function("tensorflow.nn.fused_batch_norm", family="norm")
def fused_batch_norm(
    x: Any,
    scale: Any,
    offset: Any,
    mean: Any = None,
    variance: Any = None,
    epsilon: Any = 0.001,
    data_format: Any = "NHWC",
    is_training: Any = True,
    name: Any = None,
    exponential_avg_factor: Any = 1.0,
) -> tuple[Out, Out, Out]:
    """Normalised input, and the mean and variance of each channel."""
    given, gamma = literal.tensor(x), literal.tensor(scale)
    channels: Size = gamma.shape[0] if gamma.shape else None
    faults: tuple[Fault, ...] = ()
    if given.shape is not None and len(given.shape) in (4, 5):
        at = len(given.shape) - 1 if layout.channels_last(data_format) else 1
        faults = size_fault("channels", "scale", channels, given.shape[at], at)
        channels = given.shape[at]
    statistics = Out((channels,), axes=("channel",))
    return replace(like(given), faults=faults), statistics, statistics


@function("tensorflow.nn.moments", family="reduce", legacy=renamed(keep_dims="keepdims"))
def moments(x: Any, axes: Any, shift: Any = None, name: Any = None, keepdims: Any = None) -> tuple[Out, Out]:
    """Mean and variance over axes."""
    given, keeps = literal.tensor(x), truth(name if isinstance(name, bool) else keepdims)
    if keeps is None:
        raise NotKnown
    out = reduce(given, literal.integers(axes), keeps, arg="axes")
    return out, replace(out, faults=())


@function("tensorflow.nn.bias_add", family="bias")
def bias_add(value: Any, bias: Any, data_format: Any = None, name: Any = None) -> Out:
    """One number per channel added."""
    x, vector = literal.tensor(value), literal.tensor(bias)
    if vector.shape is not None and len(vector.shape) != 1:
        text = f"the bias needs one axis, got {len(vector.shape)}"
        return Out(faults=(Fault("rank", "bias", text, 1, len(vector.shape)),))
    if x.shape is None:
        return like(x)
    last = layout.channels_last(data_format)
    least = 2 if last else 3
    if len(x.shape) < least:
        text = f"needs at least {least} axes, got {len(x.shape)}"
        return Out(faults=(Fault("rank", "", text, least, len(x.shape)),))
    at = len(x.shape) - 1 if last else 1
    given = None if vector.shape is None else vector.shape[0]
    shape = (*x.shape[:at], prefer(x.shape[at], given), *x.shape[at + 1 :])
    return replace(like(x), shape=shape, faults=size_fault("channels", "bias", given, x.shape[at], at))


@each("tensorflow.nn.xw_plus_b", "tensorflow.nn.relu_layer", family="matmul")
def xw_plus_b(x: Any, weights: Any, biases: Any, name: Any = None) -> Out:
    """`x @ weights + biases`, both matrices."""
    left, right, vector = literal.tensor(x), literal.tensor(weights), literal.tensor(biases)
    for arg, given in (("", left), ("weights", right)):
        if given.shape is not None and len(given.shape) < 2:
            return Out(faults=(Fault("rank", arg, f"needs 2 axes, got {len(given.shape)}", 2, len(given.shape)),))
    out = matmul(left, right)
    if out.shape is not None and vector.shape is not None and len(vector.shape) == 1:
        units, last = vector.shape[0], len(out.shape) - 1
        faults = size_fault("features", "biases", units, out.shape[-1], last)
        return replace(out, shape=(*out.shape[:-1], prefer(out.shape[-1], units)), faults=faults)
    return out


@function("tensorflow.nn.embedding_lookup", family="embedding")
def embedding_lookup(
    params: Any, ids: Any, partition_strategy: Any = "mod", name: Any = None, validate_indices: Any = True,
    max_norm: Any = None,
) -> Out:  # fmt: skip
    """Every id becomes a row of the table."""
    if isinstance(params, (tuple, list)) and len(params) == 1:
        params = params[0]
    table, given = literal.tensor(params), literal.tensor(ids)
    if isinstance(params, (tuple, list)) or table.shape is None or given.shape is None:
        return Out()
    row = table.shape[1:]
    return Out((*given.shape, *row), axes=(*range(len(given.shape)), *("features",) * len(row)), dtype=table.dtype)


@function("tensorflow.nn.zero_fraction", "tensorflow.math.zero_fraction", family="reduce")
def zero_fraction(value: Any, name: Any = None) -> Out:
    """Share of zeros."""
    return Out((), dtype="float32")


@function("tensorflow.nn.l2_loss", family="loss")
def l2_loss(t: Any, name: Any = None) -> Out:
    """Half the sum of squares."""
    return Out(())


def _pairwise(labels: Any, logits: Any) -> tuple[Tensor, tuple[Fault, ...]]:
    """Logits, and a fault if the labels cannot have their shape."""
    given, scores = literal.tensor(labels), literal.tensor(logits)
    if given.shape is None or scores.shape is None:
        return scores, ()
    if len(given.shape) != len(scores.shape):
        text = f"labels have {len(given.shape)} axes, logits {len(scores.shape)}"
        return scores, (Fault("rank", "labels", text, len(scores.shape), len(given.shape)),)
    for i, (a, b) in enumerate(zip(given.shape, scores.shape)):
        faults = size_fault("merge", "labels", a, b, i)
        if faults and 1 not in (a, b):
            return scores, faults
    return scores, ()


@each("tensorflow.nn.softmax_cross_entropy_with_logits", "tensorflow.nn.softmax_cross_entropy_with_logits_v2",
      family="loss", legacy=AXIS)  # fmt: skip
def softmax_cross_entropy(labels: Any = None, logits: Any = None, axis: Any = -1, name: Any = None) -> Out:
    """Loss of each sample from scores and a distribution over the classes."""
    scores, faults = _pairwise(labels, logits)
    if scores.shape is None or faults:
        return Out(faults=faults)
    return reduce(scores, (literal.integer(-1 if axis is None else axis),), False, arg="axis")


@function("tensorflow.nn.sparse_softmax_cross_entropy_with_logits", family="loss")
def sparse_softmax_cross_entropy(labels: Any = None, logits: Any = None, name: Any = None) -> Out:
    """Loss of each sample from scores and the number of the right class."""
    given, scores = literal.tensor(labels), literal.tensor(logits)
    if given.shape is not None and scores.shape is not None and len(given.shape) != len(scores.shape) - 1:
        if len(given.shape) == len(scores.shape) + 1:
            return Out()  # TensorFlow before 1.0 took the logits first
        text = f"labels have {len(given.shape)} axes, logits {len(scores.shape)}: needs one less"
        return Out(faults=(Fault("rank", "labels", text, len(scores.shape) - 1, len(given.shape)),))
    if given.shape is None:
        return Out() if scores.shape is None else Out(scores.shape[:-1], dtype=scores.dtype)
    for i, (a, b) in enumerate(zip(given.shape, scores.shape or ())):
        faults = size_fault("merge", "labels", a, b, i)
        if faults:
            return Out(faults=faults)
    return replace(like(given), dtype=scores.dtype)


@function("tensorflow.nn.sigmoid_cross_entropy_with_logits", family="loss")
def sigmoid_cross_entropy(labels: Any = None, logits: Any = None, name: Any = None) -> Out:
    """Loss of each element, every class on its own."""
    scores, faults = _pairwise(labels, logits)
    exact = scores.shape is not None and not faults
    given = literal.tensor(labels)
    if exact and given.shape is not None and scores.shape is not None:
        for i, (a, b) in enumerate(zip(given.shape, scores.shape)):
            faults = faults or size_fault("merge", "labels", a, b, i)
    return Out(faults=faults) if faults else like(scores)


@function("tensorflow.nn.weighted_cross_entropy_with_logits", family="loss", legacy=renamed(targets="labels"))
def weighted_cross_entropy(labels: Any = None, logits: Any = None, pos_weight: Any = None, name: Any = None) -> Out:
    """Loss of each element with a weight for the positive ones."""
    return like(literal.tensor(logits))
