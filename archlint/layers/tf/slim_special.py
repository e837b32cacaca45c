"""TF-slim's rarer layers: maxout, spatial softmax, rows of images as sequences, divisive normalisation."""

from __future__ import annotations

from typing import Any

from archlint.dims import add, divide, mul, product
from archlint.layers.arguments import NotKnown, size
from archlint.layers.families.contract import divisibility_fault, rank_fault
from archlint.layers.families.elementwise import like
from archlint.layers.families.embedding import embedding
from archlint.layers.keras.reading import adding, must_be_fixed
from archlint.layers.spec import Fault, Out, function
from archlint.layers.tf import layout, literal
from archlint.layers.tf.nn import embedding_lookup


@function("tf_slim.maxout", family="maxout")
def maxout(inputs: Any, num_units: Any, axis: Any = -1, scope: Any = None) -> Out:
    """The largest of each group of channels; groups must divide them."""
    x, units, at = literal.tensor(inputs), size(num_units), literal.integer(axis)
    if x.shape is None:
        return Out(last=units if at == -1 else None)
    rank = len(x.shape)
    if not -rank <= at < rank:
        return Out(faults=(Fault("axis", "axis", f"axis {at} is out of range for {rank} axes", rank, at),))
    at %= rank
    faults = (
        *must_be_fixed(x, [at]),
        *divisibility_fault("num_units", x.shape[at], units, "channels"),
    )
    shape = (*x.shape[:at], units, *x.shape[at + 1 :])
    # The groups are cut from the row-major order of all elements, so only a grouped last axis stays what it was.
    axes = tuple(i if i != at else None for i in range(rank)) if at == rank - 1 else (None,) * rank
    return Out(None if faults else shape, axes=axes, faults=faults)


@function("tf_slim.unit_norm", family="norm")
def unit_norm(inputs: Any, dim: Any, epsilon: Any = 1e-7, scope: Any = None) -> Out:
    """Length 1 along an axis, counted from the front."""
    x = literal.tensor(inputs)
    if x.shape is None:
        return like(x)
    at, rank = literal.integer(dim), len(x.shape)
    if not 0 <= at < rank:
        return Out(faults=(Fault("axis", "dim", f"axis {at} is not one of 0 to {rank - 1}", rank, at),))
    return like(x)


@function("tf_slim.scale_gradient", family="identity")
def scale_gradient(inputs: Any, gradient_multiplier: Any) -> Out:
    """The input; only its gradient is scaled."""
    return like(literal.tensor(inputs))


@function("tf_slim.spatial_softmax", family="pool", weights=True)
def spatial_softmax(
    features: Any,
    temperature: Any = None,
    name: Any = None,
    variables_collections: Any = None,
    trainable: Any = True,
    data_format: Any = "NHWC",
) -> Out:
    """Expected position of each channel's activation: two numbers per channel, and one trained temperature."""
    x, last = literal.tensor(features), layout.channels_last(data_format)
    owned = layout.trained(Out(params=1), trainable)
    if x.shape is None:
        return owned
    if len(x.shape) > 4 and not last:
        raise NotKnown  # whatever it computes there
    if len(x.shape) != 4:
        return Out(faults=rank_fault(x, 4))
    at = 3 if last else 1
    out = Out((x.shape[0], mul(x.shape[at], 2)), owned.params, owned.state, axes=(0, "features"), sees_all=True)
    return adding(out, must_be_fixed(x, [at]))


@function("tf_slim.images_to_sequence", family="reshape")
def images_to_sequence(
    inputs: Any, data_format: Any = "NHWC", outputs_collections: Any = None, scope: Any = None
) -> Out:
    """Rows of images as sequences: `(batch, h, w, c)` to `(w, batch * h, c)`."""
    x, last = literal.tensor(inputs), layout.channels_last(data_format)
    if x.shape is None:
        return Out((None, None, None))
    if len(x.shape) != 4:
        return Out(faults=(Fault("rank", "", f"needs 4 axes, got {len(x.shape)}", 4, len(x.shape)),))
    row, column, channel = (1, 2, 3) if last else (2, 3, 1)
    batch = mul(x.shape[0], x.shape[row])
    out = Out((x.shape[column], batch, x.shape[channel]), axes=(column, (0, row), channel))
    return adding(out, must_be_fixed(x, [column, channel]))


@function("tf_slim.sequence_to_images", family="reshape")
def sequence_to_images(
    inputs: Any,
    height: Any,
    output_data_format: Any = "channels_last",
    outputs_collections: Any = None,
    scope: Any = None,
) -> Out:
    """Sequences back to rows of images: `(w, batch * h, c)` to `(batch, h, w, c)`."""
    x, rows, last = literal.tensor(inputs), size(height), layout.channels_last(output_data_format)
    if x.shape is not None and len(x.shape) != 3:
        return Out(faults=(Fault("rank", "", f"needs 3 axes, got {len(x.shape)}", 3, len(x.shape)),))
    width, many, channels = x.shape or (None, None, None)
    batch = divide(many, rows)
    faults = (*must_be_fixed(x, [0, 2]), *divisibility_fault("height", many, rows, "sequences"))
    shape = (batch, rows, width, channels) if last else (batch, channels, rows, width)
    axes = ("batch", "space0", 0, 2) if last else ("batch", 2, "space0", 0)
    return Out(None if faults else shape, axes=axes, faults=faults)


@function("tf_slim.gdn", family="norm", weights=True)
def gdn(
    inputs: Any,
    inverse: Any = False,
    beta_min: Any = 1e-6,
    gamma_init: Any = 0.1,
    reparam_offset: Any = 2**-18,
    data_format: Any = "channels_last",
    activity_regularizer: Any = None,
    trainable: Any = True,
    name: Any = None,
    reuse: Any = None,
) -> Out:
    """Divisive normalisation: a vector and a square matrix over the channels."""
    x, last = literal.tensor(inputs), layout.channels_last(data_format)
    if x.shape is None:
        return Out(None, None, like_input=True, last=x.last)
    if not 3 <= len(x.shape) <= 5:
        return Out(faults=(Fault("rank", "", f"needs 3 to 5 axes, got {len(x.shape)}", 4, len(x.shape)),))
    at = -1 if last else 1
    channels = x.shape[at]
    params = add(mul(channels, channels), channels)
    out = Out(x.shape, params, like_input=True, axes=tuple(range(len(x.shape))))
    return adding(out, must_be_fixed(x, [at]))


@function("tf_slim.dense_to_sparse", family="sparse")
def dense_to_sparse(tensor: Any, eos_token: Any = 0, outputs_collections: Any = None, scope: Any = None) -> Out:
    """A sparse tensor, which is not modelled."""
    raise NotKnown


@function("tf_slim._inner_flatten", family="flatten")
def inner_flatten(inputs: Any, new_rank: Any, output_collections: Any = None, scope: Any = None) -> Out:
    """The last axes become one, so that `new_rank` are left."""
    x, rank = literal.tensor(inputs), literal.integer(new_rank)
    if x.shape is None:
        return Out((None,) * rank if 0 < rank <= 16 else None)
    if len(x.shape) < rank:
        return Out(faults=(Fault("rank", "new_rank", f"needs {rank} axes, got {len(x.shape)}", rank, len(x.shape)),))
    merged = tuple(range(rank - 1, len(x.shape)))
    return Out((*x.shape[: rank - 1], product(x.shape[rank - 1 :])), axes=(*range(rank - 1), merged))


@function("tf_slim.embed_sequence", family="embedding", weights=True)
def embed_sequence(
    ids: Any,
    vocab_size: Any = None,
    embed_dim: Any = None,
    unique: Any = False,
    initializer: Any = None,
    regularizer: Any = None,
    trainable: Any = True,
    scope: Any = None,
    reuse: Any = None,
) -> Out:
    """A row of a table of its own for every id (`tf.contrib.layers` only)."""
    return layout.trained(embedding(literal.tensor(ids), rows=size(vocab_size), width=size(embed_dim)), trainable)


@function("tf_slim.embedding_lookup_unique", family="embedding")
def embedding_lookup_unique(params: Any, ids: Any, partition_strategy: Any = "mod", name: Any = None) -> Out:
    """Every id becomes a row of the given table (`tf.contrib.layers` only)."""
    return embedding_lookup(params, ids)  # type: ignore[no-any-return]
