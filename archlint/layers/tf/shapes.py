"""Sizes as tensors: `tf.shape`, `tf.size`, `tf.rank`, `x.get_shape()`, and shapes stated by hand."""
# ruff: noqa: A002  the parameters bear TensorFlow's own names

from __future__ import annotations

from typing import Any

from archlint.dims import Size, product, proven_different
from archlint.layers.arguments import NotKnown
from archlint.layers.families.elementwise import like
from archlint.layers.spec import Fault, Out, function
from archlint.layers.tf import literal
from archlint.layers.tf.versions import each


@function("tensorflow.shape", family="shape")
def shape(input: Any, name: Any = None, out_type: Any = None) -> Out:
    """The sizes as a vector, with its elements known as far as the sizes are."""
    x = literal.tensor(input)
    length: Size = None if x.shape is None else len(x.shape)
    return Out((length,), axes=("",), dtype="int32", data=x.shape)


@function("tensorflow.size", family="shape")
def size_(input: Any, name: Any = None, out_type: Any = None) -> Out:
    """Number of elements."""
    x = literal.tensor(input)
    return Out((), dtype="int32", data=None if x.shape is None else product(x.shape))


@function("tensorflow.rank", family="shape")
def rank(input: Any, name: Any = None) -> Out:
    """Number of axes."""
    x = literal.tensor(input)
    return Out((), dtype="int32", data=None if x.shape is None else len(x.shape))


@each("tensorflow.ensure_shape", "tensorflow.Tensor.set_shape", family="identity")
def ensure_shape(x: Any, shape: Any, name: Any = None) -> Out:
    """The tensor with its sizes stated; a contradiction is an error."""
    given, stated = literal.tensor(x), literal.shape(shape)
    if stated is None:
        return like(given)
    if given.shape is None:
        return Out(stated, dtype=given.dtype)
    if len(given.shape) != len(stated):
        text = f"{len(stated)} axes stated, got {len(given.shape)}"
        return Out(faults=(Fault("rank", "shape", text, len(stated), len(given.shape)),))
    for i, (found, said) in enumerate(zip(given.shape, stated)):
        if proven_different(found, said):
            return Out(faults=(Fault("count", "shape", f"{said} stated for axis {i}, got {found}", said, found, i),))
    sizes = tuple(said if isinstance(said, int) or found is None else found for found, said in zip(given.shape, stated))
    return Out(sizes, axes=tuple(range(len(sizes))))


@function("tensorflow.Tensor.get_shape", family="shape")
def get_shape(x: Any) -> Any:
    """The sizes, as a `TensorShape`."""
    given = literal.tensor(x)
    if given.shape is None:
        raise NotKnown
    return given.shape
