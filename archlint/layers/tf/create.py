"""Tensors out of nothing: placeholders, variables, constants, random numbers."""
# ruff: noqa: A002  the parameters bear TensorFlow's own names

from __future__ import annotations

from dataclasses import replace
from typing import Any

from archlint.dims import Dim, Size, product
from archlint.layers.arguments import NotKnown, size
from archlint.layers.spec import Fault, Out, function
from archlint.layers.tf import layout, literal
from archlint.layers.tf.versions import each, renamed
from archlint.values import Shape, Tensor


@function("tensorflow.placeholder", family="input")
def placeholder(dtype: Any, shape: Any = None, name: Any = None) -> Out:
    """An input; sizes left open (`None`) stay open."""
    return Out(None if shape is None else literal.shape(shape), dtype=literal.dtype(dtype))


@function("tensorflow.placeholder_with_default", family="input")
def placeholder_with_default(input: Any, shape: Any, name: Any = None) -> Out:
    """An input that is `input` unless something is fed."""
    return Out(literal.shape(shape), dtype=literal.tensor(input).dtype)


def _variable(shape: Shape, dtype: str | None, trainable: Any, faults: tuple[Fault, ...] = ()) -> Out:
    """A variable: all its elements are parameters, or state when it is not trained."""
    count: Size = None if shape is None else product(shape)
    return layout.trained(Out(shape, count, axes=_fresh(shape), dtype=dtype, faults=faults), trainable)


def _fresh(shape: Shape) -> tuple[str, ...] | None:
    return None if shape is None else ("",) * len(shape)


@function("tensorflow.Variable", family="variable", weights=True, legacy=renamed(expected_shape="shape"))
def variable(
    initial_value: Any = None,
    trainable: Any = None,
    collections: Any = None,
    validate_shape: Any = True,
    caching_device: Any = None,
    name: Any = None,
    variable_def: Any = None,
    dtype: Any = None,
    import_scope: Any = None,
    constraint: Any = None,
    synchronization: Any = None,
    aggregation: Any = None,
    shape: Any = None,
    use_resource: Any = None,
    **_: Any,
) -> Out:
    """A variable of its initial value's shape; trainable unless stated otherwise."""
    start = literal.tensor(initial_value)
    stated = start.shape if shape is None else literal.shape(shape)
    made = _variable(stated, literal.dtype(dtype, start.dtype), True if trainable is None else trainable)
    return made if stated is not None else replace(made, last=start.last)


@function("tensorflow.get_variable", family="variable", weights=True)
@function("tf_slim.variable", family="variable", weights=True)
@function("tf_slim.model_variable", family="variable", weights=True)
def get_variable(
    name: Any,
    shape: Any = None,
    dtype: Any = None,
    initializer: Any = None,
    regularizer: Any = None,
    trainable: Any = None,
    collections: Any = None,
    caching_device: Any = None,
    partitioner: Any = None,
    validate_shape: Any = True,
    use_resource: Any = None,
    custom_getter: Any = None,
    constraint: Any = None,
    synchronization: Any = None,
    aggregation: Any = None,
    **_: Any,
) -> Out:
    """A named variable of the stated shape, or of its initializer's when that is a tensor."""
    stated = literal.shape(shape)
    if shape is None and isinstance(initializer, (Tensor, int, float, tuple, list)):
        stated = literal.tensor(initializer).shape
    faults = () if stated is None else tuple(_unset(axis) for axis, s in enumerate(stated) if s == -1)
    return _variable(stated, literal.dtype(dtype, "float32"), True if trainable is None else trainable, faults[:1])


def _unset(axis: int) -> Fault:
    return Fault("arguments", "shape", "a variable needs every size; -1 is not one", None, -1, axis)


@function("tensorflow.constant", "tensorflow.constant_v1", family="constant")
def constant(value: Any, dtype: Any = None, shape: Any = None, name: Any = "Const", verify_shape: Any = False) -> Out:
    """A constant; with `shape` it is filled up or reshaped to it."""
    given = literal.tensor(value)
    kind = literal.dtype(dtype, given.dtype)
    if shape is None:
        return Out(given.shape, dtype=kind, data=given.data)
    return Out(literal.shape(shape), dtype=kind)


@function("tensorflow.convert_to_tensor", family="identity", legacy=renamed(dtype_hint="preferred_dtype"))
def convert_to_tensor(value: Any, dtype: Any = None, name: Any = None, preferred_dtype: Any = None) -> Out:
    """The value as a tensor."""
    given = literal.tensor(value)
    return Out(given.shape, dtype=literal.dtype(dtype, given.dtype), data=given.data, last=given.last, like_input=True)


def _filled(shape: Any, dtype: Any, default: str = "float32", arg: str = "shape") -> Out:
    """A tensor of the stated shape; a negative size is an error at run time."""
    stated = literal.shape(shape)
    for axis, s in enumerate(stated or ()):
        if isinstance(s, int) and s < 0:
            return Out(faults=(Fault("empty", arg, f"size {s} is negative", 0, s, axis),))
    return Out(stated, axes=_fresh(stated), dtype=literal.dtype(dtype, default))


@each("tensorflow.zeros", "tensorflow.ones", family="constant")
def zeros(shape: Any, dtype: Any = None, name: Any = None, layout: Any = None) -> Out:
    """The same number everywhere."""
    return _filled(shape, dtype)


@function("tensorflow.fill", family="constant")
def fill(dims: Any, value: Any, name: Any = None, layout: Any = None) -> Out:
    """One value everywhere."""
    return _filled(dims, literal.tensor(value).dtype, arg="dims")


@each("tensorflow.zeros_like", "tensorflow.ones_like", family="constant", legacy=renamed(input="tensor"))
def zeros_like(tensor: Any, dtype: Any = None, name: Any = None, optimize: Any = True, layout: Any = None) -> Out:
    """The same number everywhere, in the shape of another tensor."""
    given = literal.tensor(tensor)
    return Out(given.shape, dtype=literal.dtype(dtype, given.dtype), last=given.last, like_input=True)


@each("tensorflow.random_normal tensorflow.random.normal",
      "tensorflow.truncated_normal tensorflow.random.truncated_normal", family="random")  # fmt: skip
def random_normal(
    shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = None, seed: Any = None, name: Any = None
) -> Out:
    """Normally distributed numbers."""
    return _filled(shape, dtype)


@function("tensorflow.random_uniform", "tensorflow.random.uniform", family="random")
def random_uniform(
    shape: Any, minval: Any = 0, maxval: Any = None, dtype: Any = None, seed: Any = None, name: Any = None
) -> Out:
    """Uniformly distributed numbers."""
    return _filled(shape, dtype)


@function("tensorflow.eye", "tensorflow.linalg.eye", family="constant")
def eye(num_rows: Any, num_columns: Any = None, batch_shape: Any = None, dtype: Any = None, name: Any = None) -> Out:
    """The unit matrix, once per element of the batch."""
    batch = () if batch_shape is None else literal.shape(batch_shape)
    if batch is None:
        raise NotKnown
    rows = size(num_rows)
    return _filled((*batch, rows, rows if num_columns is None else size(num_columns)), dtype)


@function("tensorflow.range", family="constant")
def range_(start: Any, limit: Any = None, delta: Any = 1, dtype: Any = None, name: Any = "range") -> Out:
    """The numbers from `start` up to `limit`, or from 0 up to `start`."""
    first, last = (0, size(start)) if limit is None else (size(start), size(limit))
    step = size(delta)
    if isinstance(first, int) and isinstance(last, int) and isinstance(step, int) and step != 0:
        numbers = range(first, last, step)
        return Out((len(numbers),), axes=("",), dtype=literal.dtype(dtype, "int32"), data=tuple(numbers[:64])
                   if len(numbers) <= 64 else None)  # fmt: skip
    count: Size = last if first == 0 and step == 1 and isinstance(last, Dim) else None
    return Out((count,), axes=("",), dtype=literal.dtype(dtype))


@function("tensorflow.linspace", "tensorflow.lin_space", family="constant")
def linspace(start: Any, stop: Any, num: Any, name: Any = None, axis: Any = 0) -> Out:
    """`num` numbers from `start` to `stop`, both included."""
    if literal.tensor(start).shape != ():
        raise NotKnown
    return Out((size(num),), axes=("",), dtype="float32")


@function("tensorflow.one_hot", family="one_hot")
def one_hot(
    indices: Any,
    depth: Any,
    on_value: Any = None,
    off_value: Any = None,
    axis: Any = None,
    dtype: Any = None,
    name: Any = None,
) -> Out:
    """A new axis of `depth` classes, the last one unless stated otherwise."""
    return one_hot_at(literal.tensor(indices), size(depth), -1 if axis is None else literal.integer(axis),
                      literal.dtype(dtype, "float32"))  # fmt: skip


def one_hot_at(ids: Tensor, depth: Size, axis: int, dtype: str | None) -> Out:
    """Ids of any shape, and one axis more."""
    if ids.shape is None:
        return Out(last=depth if axis == -1 else None, dtype=dtype)
    rank = len(ids.shape)
    if not -1 <= axis <= rank:
        return Out(faults=(Fault("axis", "axis", f"axis {axis} is out of range for {rank} axes", rank, axis),))
    at = rank if axis == -1 else axis
    sources = (*range(at), "classes", *range(at, rank))
    return Out((*ids.shape[:at], depth, *ids.shape[at:]), axes=sources, dtype=dtype)
