"""Layers of Keras that take a list of tensors, and their functional forms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from archlint.dims import proven_different, show, show_shape
from archlint.layers.arguments import NotKnown, axis_index, known, tensors
from archlint.layers.families.elementwise import merged
from archlint.layers.families.merge import concatenate as joined
from archlint.layers.families.tensordot import batch_dot
from archlint.layers.keras.reading import is_open
from archlint.layers.spec import Fault, Out, function, layer
from archlint.values import Tensor


def _inputs(x: Any) -> Sequence[Tensor] | Out:
    """The tensors of the list, or the fault that there is no list."""
    if isinstance(x, Tensor):
        if x.shape is None:
            raise NotKnown  # a parameter, or what an unknown call gave, may be a list
        return Out(faults=(Fault("arguments", "", "needs a list of tensors, got one tensor"),))
    if isinstance(x, (tuple, list)) and any(not isinstance(t, Tensor) for t in x):
        raise NotKnown
    return tensors(x)


def _elementwise(x: Any, exactly: int | None = None) -> Out:
    """Sizes agree or are 1, except those of the batch, which must agree; a lower rank is padded after the batch."""
    inputs = _inputs(x)
    if isinstance(inputs, Out):
        return inputs
    if not inputs or (exactly is not None and len(inputs) != exactly):
        text = f"needs {exactly or 'at least 1'} tensors, got {len(inputs)}"
        return Out(faults=(Fault("arguments", "", text, exactly, len(inputs)),))
    if any(t.shape is None or not t.shape for t in inputs):
        return Out()
    shapes = [t.shape for t in inputs if t.shape]
    batch = shapes[0][0]
    for shape in shapes[1:]:
        if proven_different(batch, shape[0]):
            text = f"merges {', '.join(map(show_shape, shapes))}: batch sizes {show(batch)} and {show(shape[0])}"
            return Out(faults=(Fault("merge", "", text, batch, shape[0], 0),))
        batch = shape[0] if batch is None or (is_open(batch) and isinstance(shape[0], int)) else batch
    rank = max(map(len, shapes))
    padded = [Tensor((batch, *(1,) * (rank - len(s)), *s[1:]), t.dtype) for s, t in zip(shapes, inputs, strict=True)]
    return merged(padded)


@layer("keras.layers.Add", family="merge")
def add(x: Any, **_: Any) -> Out:
    """Sum of all inputs."""
    return _elementwise(x)


@layer("keras.layers.Multiply", family="merge")
def multiply(x: Any, **_: Any) -> Out:
    """Product of all inputs, element by element."""
    return _elementwise(x)


@layer("keras.layers.Average", family="merge")
def average(x: Any, **_: Any) -> Out:
    """Mean of all inputs."""
    return _elementwise(x)


@layer("keras.layers.Maximum", "keras.layers.Minimum", family="merge")
def extremum(x: Any, **_: Any) -> Out:
    """Greatest (least) of all inputs."""
    return _elementwise(x)


@layer("keras.layers.Subtract", family="merge")
def subtract(x: Any, **_: Any) -> Out:
    """Difference of two inputs."""
    return _elementwise(x, exactly=2)


@layer("keras.layers.Concatenate", family="concat")
def concatenate(x: Any, axis: Any = -1, **_: Any) -> Out:
    """Joined along one axis, all others equal; the axis counts the batch."""
    inputs = _inputs(x)
    if isinstance(inputs, Out):
        return inputs
    if not inputs:
        return Out(faults=(Fault("arguments", "", "needs at least 1 tensor, got none", 1, 0),))
    return joined(inputs, axis, arg="axis")


@layer("keras.layers.Dot", family="matmul")
def dot(x: Any, axes: Any, normalize: Any = False, **_: Any) -> Out:
    """Sum of products along one axis of each, per sample; two vectors give `(batch, 1)`."""
    inputs = _inputs(x)
    if isinstance(inputs, Out):
        return inputs
    if len(inputs) != 2:
        return Out(faults=(Fault("arguments", "", f"needs 2 tensors, got {len(inputs)}", 2, len(inputs)),))
    return contracted(inputs[0], inputs[1], axes)


def contracted(a: Tensor, b: Tensor, axes: Any, strict: bool = True) -> Out:
    """The sizes of both but those contracted; `strict`: an open size only fits an open one, as `Dot` has it."""
    left, right = (axes, axes) if not isinstance(known(axes), (tuple, list)) else axes
    if a.shape is None or b.shape is None:
        return Out()
    i, j = axis_index(left, len(a.shape)), axis_index(right, len(b.shape))
    if i is None or j is None:
        which, rank = (left, len(a.shape)) if i is None else (right, len(b.shape))
        return Out(faults=(Fault("axis", "axes", f"axis {which} does not exist in {rank} axes", rank, which),))
    if i == 0 or j == 0:
        raise NotKnown
    one, other = a.shape[i], b.shape[j]
    if strict and ((is_open(one) and isinstance(other, int)) or (is_open(other) and isinstance(one, int))):
        text = f"axis {i} is {show(one)} and axis {j} {show(other)}: both sizes must be known, or both open"
        return Out(faults=(Fault("matmul", "axes", text, one, other, i),))
    out = batch_dot(a, b, i, j)
    if out.shape is None or len(out.shape) != 1:
        return out
    return replace(out, shape=(*out.shape, 1), axes=(0, ""))


def _functional(name: str, over: Callable[..., Out]) -> None:
    def call(inputs: Any, **_: Any) -> Out:
        return over(inputs)

    call.__doc__ = over.__doc__
    function(f"keras.layers.{name}", family="merge")(call)


for _name, _layer in (("add", add), ("multiply", multiply), ("average", average), ("maximum", extremum),
                      ("minimum", extremum), ("subtract", subtract)):  # fmt: skip
    _functional(_name, _layer)


@function("keras.layers.concatenate", family="concat")
def concatenate_tensors(inputs: Any, axis: Any = -1, **_: Any) -> Out:
    """Joined along one axis, all others equal; the axis counts the batch."""
    return concatenate(inputs, axis)  # type: ignore[no-any-return]


@function("keras.layers.dot", family="matmul")
def dot_tensors(inputs: Any, axes: Any = -1, **_: Any) -> Out:
    """Sum of products along one axis of each, per sample."""
    return dot(inputs, axes)  # type: ignore[no-any-return]


@function("keras.layers.merge", family="merge")
def merge(inputs: Any, mode: Any = "sum", dot_axes: Any = -1, concat_axis: Any = -1, **_: Any) -> Out:
    """Keras 1: the merge layers by name."""
    mode = known(mode)
    if mode == "concat":
        return concatenate(inputs, concat_axis)  # type: ignore[no-any-return]
    if mode in ("sum", "mul", "ave", "max"):
        return _elementwise(inputs)
    if mode in ("dot", "cos"):
        return dot(inputs, dot_axes)  # type: ignore[no-any-return]
    raise NotKnown
