"""Functions of `keras.ops` and `keras.backend` that regroup, join, split or repeat axes; axes count the batch."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from archlint.dims import Size, add, divide, mul, product
from archlint.layers.arguments import NotKnown, axis_index, known, size, tensors
from archlint.layers.families import merge, reshape, split
from archlint.layers.families.contract import divisibility_fault, rank_fault
from archlint.layers.families.conv import Layout
from archlint.layers.families.space import pad as pad_axes
from archlint.layers.keras.reading import axis_list, channels_last, shape_argument, tensor
from archlint.layers.spec import Out, function
from archlint.values import Tensor


@function("keras.ops.reshape", family="reshape")
def ops_reshape(x: Any, newshape: Any) -> Out:
    """Row-major regrouping, the batch included; one `-1` is inferred."""
    return reshape.reshape(tensor(x), shape_argument(newshape), arg="newshape")


@function("keras.backend.reshape", family="reshape")
def backend_reshape(x: Any, shape: Any) -> Out:
    """Row-major regrouping, the batch included; one `-1` is inferred."""
    return reshape.reshape(tensor(x), shape_argument(shape), arg="shape")


@function("keras.ops.transpose", family="permute")
def ops_transpose(x: Any, axes: Any = None) -> Out:
    """Axes in another order, or reversed."""
    return _permuted(tensor(x), axes, "axes")


@function("keras.backend.permute_dimensions", family="permute")
def permute_dimensions(x: Any, pattern: Any) -> Out:
    """Axes in another order."""
    return _permuted(tensor(x), pattern, "pattern")


@function("keras.backend.transpose", family="permute")
def backend_transpose(x: Any) -> Out:
    """Axes in reverse order."""
    return _permuted(tensor(x), None, "")


def _permuted(x: Tensor, order: Any, arg: str) -> Out:
    if known(order) is None:
        return Out() if x.shape is None else reshape.permute(x, range(len(x.shape))[::-1])
    if not isinstance(order, (tuple, list)):
        raise NotKnown
    return reshape.permute(x, order, arg=arg)


@function("keras.ops.swapaxes", family="permute")
def swapaxes(x: Any, axis1: Any, axis2: Any) -> Out:
    """Two axes change places."""
    return reshape.swap(tensor(x), axis1, axis2, a_arg="axis1", b_arg="axis2")


@function("keras.ops.moveaxis", family="permute")
def moveaxis(x: Any, source: Any, destination: Any) -> Out:
    """Axes go to other places, the others keep their order."""
    return reshape.move(tensor(x), axis_list(source), axis_list(destination))


@function("keras.ops.expand_dims", family="reshape")
def ops_expand_dims(x: Any, axis: Any) -> Out:
    """A new axis of 1, or several, which are counted in the result."""
    if isinstance(axis, (tuple, list)):
        return _several_axes(tensor(x), axis)
    return reshape.unsqueeze(tensor(x), axis, arg="axis")


def _several_axes(x: Tensor, axes: Sequence[Any]) -> Out:
    if x.shape is None:
        return Out()
    rank = len(x.shape) + len(axes)
    places = [axis_index(axis, rank) for axis in axes]
    if None in places or len(set(places)) < len(places):
        raise NotKnown
    rest = iter(range(len(x.shape)))
    sources = tuple("" if at in places else next(rest) for at in range(rank))
    return Out(tuple(1 if isinstance(s, str) else x.shape[s] for s in sources), axes=sources)


@function("keras.backend.expand_dims", family="reshape")
def backend_expand_dims(x: Any, axis: Any = -1) -> Out:
    """A new axis of 1."""
    return reshape.unsqueeze(tensor(x), axis, arg="axis")


@function("keras.ops.squeeze", "keras.backend.squeeze", family="reshape")
def squeeze(x: Any, axis: Any = None) -> Out:
    """Axes of 1 go away."""
    axes = None if known(axis) is None else axis_list(axis)
    return reshape.squeeze(tensor(x), axes, strict=True, arg="axis")


@function("keras.ops.ravel", "keras.backend.flatten", family="flatten")
def ravel(x: Any) -> Out:
    """All axes become one."""
    given = tensor(x)
    return Out((None,)) if given.shape is None else reshape.reshape(given, (-1,))


@function("keras.backend.batch_flatten", family="flatten")
def batch_flatten(x: Any) -> Out:
    """All axes but the first become one."""
    given = tensor(x)
    if given.shape is None or len(given.shape) < 2:
        return Out((None, None))
    return reshape.flatten(given, 1, -1)


@function("keras.ops.concatenate", family="concat")
def ops_concatenate(xs: Any, axis: Any = 0) -> Out:
    """Joined along an axis, all others equal."""
    return merge.concatenate(tensors(xs), axis, arg="axis")


@function("keras.backend.concatenate", family="concat")
def backend_concatenate(tensors: Any, axis: Any = -1) -> Out:  # the parameter is named so in Keras
    """Joined along an axis, all others equal."""
    return ops_concatenate(tensors, axis)  # type: ignore[no-any-return]


@function("keras.ops.stack", "keras.backend.stack", family="stack")
def stack(x: Any, axis: Any = 0) -> Out:
    """A new axis over tensors of one shape."""
    return merge.stack(tensors(x), axis, arg="axis")


@function("keras.ops.split", family="split")
def ops_split(x: Any, indices_or_sections: Any, axis: Any = 0) -> Any:
    """Equal parts of an axis, or parts that end at the given places."""
    given, parts = tensor(x), known(indices_or_sections)
    if isinstance(parts, int) and not isinstance(parts, bool) and parts > 0:
        at = None if given.shape is None else axis_index(axis, len(given.shape))
        whole = None if given.shape is None or at is None else given.shape[at]
        faults = divisibility_fault("indices_or_sections", whole, parts, f"positions of axis {axis}")
        part = split.resize_axis(given, axis, divide(whole, parts), arg="axis")
        return Out(faults=faults) if faults else (part,) * parts
    if not isinstance(parts, (tuple, list)):
        raise NotKnown
    places = [size(p) for p in parts]
    at = None if given.shape is None else axis_index(axis, len(given.shape))
    ends: list[Size] = [0, *places, None if given.shape is None or at is None else given.shape[at]]
    return tuple(split.resize_axis(given, axis, _between(a, b), arg="axis") for a, b in pairwise(ends))


def _between(start: Size, end: Size) -> Size:
    length = add(end, mul(start, -1))
    return length if isinstance(start, int) and isinstance(end, int) and 0 <= start <= end else _checked(start, length)


def _checked(start: Size, length: Size) -> Size:
    """A part up to a symbolic end; a place counted from the end, or past it, is not followed."""
    return None if isinstance(length, int) or not isinstance(start, int) or start < 0 else length


@function("keras.ops.unstack", family="split")
def unstack(x: Any, num: Any = None, axis: Any = 0) -> Any:
    """Every position of an axis on its own."""
    return split.unbind(tensor(x), axis)


@function("keras.ops.take", family="index")
def take(x: Any, indices: Any, axis: Any = None) -> Out:
    """Positions of an axis chosen by integers."""
    given = tensor(x)
    if isinstance(indices, int) and not isinstance(indices, bool):
        return split.drop_axis(given, axis, arg="axis") if known(axis) is not None else Out(())
    if not isinstance(indices, Tensor) or indices.shape is None or given.shape is None:
        raise NotKnown
    if known(axis) is None:
        return Out(indices.shape)
    at = axis_index(axis, len(given.shape))
    if at is None:
        return reshape.bad_axis(axis, len(given.shape), "axis")
    return Out((*given.shape[:at], *indices.shape, *given.shape[at + 1 :]))


@function("keras.backend.gather", family="index")
def gather(reference: Any, indices: Any) -> Out:
    """Rows chosen by integers."""
    return take(reference, indices, 0)  # type: ignore[no-any-return]


@function("keras.ops.repeat", family="repeat")
def ops_repeat(x: Any, repeats: Any, axis: Any = None) -> Out:
    """Every position of an axis repeated."""
    given = tensor(x)
    if known(axis) is None:
        return Out((mul(product(given.shape), size(repeats)),)) if given.shape is not None else Out((None,))
    return _repeated(given, repeats, axis)


@function("keras.backend.repeat_elements", family="repeat")
def repeat_elements(x: Any, rep: Any, axis: Any) -> Out:
    """Every position of an axis repeated."""
    return _repeated(tensor(x), rep, axis)


def _repeated(x: Tensor, times: Any, axis: Any) -> Out:
    at = None if x.shape is None else axis_index(axis, len(x.shape))
    before = None if x.shape is None or at is None else x.shape[at]
    return split.resize_axis(x, axis, mul(before, size(times)), arg="axis")


@function("keras.backend.repeat", family="repeat")
def backend_repeat(x: Any, n: Any) -> Out:
    """`(batch, features)` to `(batch, n, features)`."""
    given = tensor(x)
    wrong = rank_fault(given, 2)
    if given.shape is None or wrong:
        return Out(None if wrong else (None, size(n), given.last), faults=wrong)
    return Out((given.shape[0], size(n), given.shape[1]), axes=(0, "time", 1))


@function("keras.ops.tile", family="repeat")
def ops_tile(x: Any, repeats: Any) -> Out:
    """The whole tensor repeated along its axes."""
    return reshape.tile(tensor(x), shape_argument(repeats), pad_times=True)


@function("keras.backend.tile", family="repeat")
def backend_tile(x: Any, n: Any) -> Out:
    """The whole tensor repeated along its axes."""
    return reshape.tile(tensor(x), shape_argument(n), arg="n", pad_times=True)


@function("keras.ops.broadcast_to", family="reshape")
def broadcast_to(x: Any, shape: Any) -> Out:
    """Axes of 1 repeated up to a shape."""
    return reshape.expand(tensor(x), shape_argument(shape), arg="shape")


@function("keras.ops.pad", family="pad")
def ops_pad(x: Any, pad_width: Any, mode: Any = "constant", constant_values: Any = None) -> Out:
    """Positions added before and after on every axis."""
    given, width = tensor(x), known(pad_width)
    if given.shape is None:
        return Out()
    rank = len(given.shape)
    if not isinstance(width, (tuple, list)):
        width = ((width, width),) * rank
    elif width and not isinstance(width[0], (tuple, list)):
        width = (width,) * rank
    if len(width) == 1:
        width = tuple(width) * rank
    if len(width) != rank or any(not isinstance(p, (tuple, list)) or len(p) not in (1, 2) for p in width):
        raise NotKnown
    return pad_axes(given, range(rank), [(size(p[0]), size(p[-1])) for p in width], arg="pad_width")


@function("keras.backend.temporal_padding", family="pad")
def temporal_padding(x: Any, padding: Any = (1, 1)) -> Out:
    """Steps added before and after."""
    given = tensor(x)
    wrong = rank_fault(given, 3)
    if given.shape is None or wrong:
        return Out(faults=wrong)
    before, after = known(padding)
    return pad_axes(given, (1,), [(size(before), size(after))])


@function("keras.backend.spatial_2d_padding", family="pad")
def spatial_2d_padding(x: Any, padding: Any = ((1, 1), (1, 1)), data_format: Any = None) -> Out:
    """Zeros around an image."""
    given = tensor(x)
    wrong = rank_fault(given, 4)
    if given.shape is None or wrong:
        return Out(faults=wrong)
    pairs = [(size(a), size(b)) for a, b in known(padding)]
    return pad_axes(given, Layout(2, channels_last(data_format)).space, pairs)
