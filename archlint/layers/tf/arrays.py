"""`tf.*` functions that move elements around: reshape, transpose, concat, split, gather, pad, …"""
# ruff: noqa: A002  the parameters bear TensorFlow's own names

from __future__ import annotations

from dataclasses import replace
from typing import Any

from archlint.dims import Dim, Size, divide, product, proven_different
from archlint.layers.arguments import NotKnown, axis_index, size
from archlint.layers.families import reshape as axes_of
from archlint.layers.families import split as parts_of
from archlint.layers.families.contract import divisible
from archlint.layers.families.elementwise import like
from archlint.layers.families.merge import concatenate
from archlint.layers.families.merge import stack as stacked
from archlint.layers.families.space import mirror_faults
from archlint.layers.families.space import pad as padded
from archlint.layers.keras.reading import is_open
from archlint.layers.spec import Demand, Fault, Out, function
from archlint.layers.tf import literal
from archlint.layers.tf.versions import AXIS, Call, both, renamed
from archlint.values import Tensor


def of_rank(n: int) -> Demand:
    """An input of `n` axes, whatever they are."""
    return Demand((None,) * n, ("",) * n)


@function("tensorflow.reshape", family="reshape")
def reshape(tensor: Any, shape: Any, name: Any = None) -> Out:
    """The same elements under other sizes; one of them may be -1."""
    x, target = literal.tensor(tensor), literal.shape(shape)
    if target is None:
        return Out()
    out = axes_of.reshape(x, target)
    return replace(out, data=_one_row(x.data) if out.shape is not None and len(out.shape) == 1 else None)


def _one_row(data: Any) -> Any:
    if isinstance(data, (int, Dim)):
        return (data,)
    flat = isinstance(data, tuple) and not any(isinstance(v, tuple) for v in data)
    return data if flat else None


@function("tensorflow.expand_dims", family="reshape", legacy=AXIS)
def expand_dims(input: Any, axis: Any = None, name: Any = None) -> Out:
    """A new axis of 1."""
    x = literal.tensor(input)
    out = axes_of.unsqueeze(x, literal.integer(axis), arg="axis")
    return replace(out, data=(x.data,) if isinstance(x.data, (int, Dim)) else None)


@function("tensorflow.squeeze", family="reshape", legacy=AXIS)
def squeeze(input: Any, axis: Any = None, name: Any = None) -> Out:
    """Axes of 1 go away: the given ones, or all."""
    axes = None if axis is None or axis == [] or axis == () else literal.integers(axis)
    return axes_of.squeeze(literal.tensor(input), axes, strict=True, arg="axis")


@function("tensorflow.matrix_transpose", "tensorflow.linalg.matrix_transpose", family="permute")
def matrix_transpose(a: Any, name: Any = None, conjugate: Any = False) -> Out:
    """The last two axes change places."""
    return axes_of.swap(literal.tensor(a), -2, -1)


@function("tensorflow.transpose", family="permute")
def transpose(a: Any, perm: Any = None, name: Any = None, conjugate: Any = False) -> Out:
    """Axes in another order; reversed if none is given."""
    x = literal.tensor(a)
    if perm is not None:
        order = literal.integers(perm)
        return replace(axes_of.permute(x, order, arg="perm"), demand=of_rank(len(order)))
    return Out() if x.shape is None else axes_of.permute(x, range(len(x.shape))[::-1])


def _axis_first(args: list[Any], kwargs: dict[str, Any]) -> Call:
    """`tf.concat(1, [a, b])` and `tf.split(1, 2, x)`, as it was before TensorFlow 1.0."""
    if args and isinstance(args[0], int) and not isinstance(args[0], bool):
        if len(args) > 1 and isinstance(args[1], (tuple, list)):
            return [args[1], args[0], *args[2:]], kwargs
        if len(args) > 2 and isinstance(args[2], Tensor):
            return [args[2], args[1], args[0], *args[3:]], kwargs
    return args, kwargs


@function("tensorflow.concat", "tensorflow.concat_v2", family="concat",
          legacy=both(_axis_first, renamed(concat_dim="axis")))  # fmt: skip
def concat(values: Any, axis: Any, name: Any = "concat") -> Out:
    """Tensors joined along an axis; all other sizes must agree."""
    if isinstance(values, Tensor):
        return like(values)
    if not isinstance(values, (tuple, list)) or not values:
        raise NotKnown
    given = [literal.tensor(v) for v in values]
    out = concatenate(given, literal.integer(axis), arg="axis")
    known = all(isinstance(t.data, tuple) for t in given) and out.shape is not None
    return replace(out, data=tuple(n for t in given for n in (t.data or ())) if known else None)  # type: ignore[union-attr]


@function("tensorflow.stack", "tensorflow.pack", "tensorflow.parallel_stack", family="merge")
def stack(values: Any, axis: Any = 0, name: Any = "stack") -> Out:
    """A new axis over tensors of one shape."""
    if isinstance(values, Tensor):
        values = _rows(values)
    if not isinstance(values, (tuple, list)) or not values:
        raise NotKnown
    given = [literal.tensor(v) for v in values]
    out = stacked(given, literal.integer(axis), arg="axis")
    scalars = all(t.shape == () for t in given)
    return replace(out, data=literal.tensor(values).data if scalars else None)


def _rows(x: Tensor) -> tuple[Tensor, ...]:
    if x.shape is None or not x.shape or not isinstance(x.shape[0], int):
        raise NotKnown
    return (Tensor(x.shape[1:], x.dtype),) * x.shape[0]


@function("tensorflow.unstack", "tensorflow.unpack", family="split")
def unstack(value: Any, num: Any = None, axis: Any = 0, name: Any = "unstack") -> Any:
    """Every position of an axis as a tensor of its own."""
    x, stated = literal.tensor(value), size(num)
    at = literal.integer(axis)
    if isinstance(x.data, tuple) and x.shape is not None and len(x.shape) == 1 and len(x.data) == x.shape[0]:
        return [Out((), dtype=x.dtype, data=n) for n in x.data]
    if x.shape is None and isinstance(stated, int):
        return [Out()] * stated
    if x.shape is not None and -len(x.shape) <= at < len(x.shape):
        found = x.shape[at]
        if stated is not None and proven_different(found, stated):
            text = f"{stated} positions stated, axis {at} has {found}"
            return Out(faults=(Fault("count", "num", text, stated, found, at % len(x.shape)),))
        if num is None and is_open(found):
            text = "how many there are must be known, or stated as `num`"
            return Out(faults=(Fault("dynamic", "num", text, None, found, at % len(x.shape)),))
        if isinstance(stated, int):
            return [parts_of.drop_axis(x, at, arg="axis")] * stated
    return parts_of.unbind(x, at)


@function("tensorflow.split", family="split",
          legacy=both(_axis_first, renamed(split_dim="axis", num_split="num_or_size_splits")))  # fmt: skip
def split(value: Any, num_or_size_splits: Any, axis: Any = 0, num: Any = None, name: Any = "split") -> Any:
    """Equal parts along an axis (their number must divide it), or parts of the given sizes (one may be -1)."""
    x, at = literal.tensor(value), literal.integer(axis)
    if isinstance(num_or_size_splits, Tensor) and num_or_size_splits.data is not None:
        num_or_size_splits = num_or_size_splits.data
    if isinstance(num_or_size_splits, (tuple, list)):
        parts = _filled(x, [size(p) for p in num_or_size_splits], at)
        if any(isinstance(p, int) and p < 0 for p in parts):
            return Out(faults=(Fault("count", "num_or_size_splits", f"parts {parts} of one axis", 0, parts),))
        return parts_of.split(x, parts, at, arg="num_or_size_splits")
    many = literal.integer(num_or_size_splits)
    if x.shape is None:
        return [Out()] * many
    index = axis_index(at, len(x.shape))
    if index is None:
        return axes_of.bad_axis(at, len(x.shape), "axis")
    return _equal_parts(x, many, index)


def _equal_parts(x: Tensor, parts: int, at: int) -> Any:
    assert x.shape is not None
    if parts < 1 or divisible(x.shape[at], parts) is False:
        text = f"{x.shape[at]} cannot be split into {parts} equal parts"
        return Out(faults=(Fault("count", "num_or_size_splits", text, parts, x.shape[at], at),))
    return [parts_of.resize_axis(x, at, divide(x.shape[at], parts), arg="axis")] * parts


def _filled(x: Tensor, parts: list[Size], at: int) -> list[Size]:
    """The parts with a single -1 replaced by what is left."""
    holes = [i for i, p in enumerate(parts) if isinstance(p, int) and p == -1]
    if len(holes) != 1:
        return parts
    total = None if x.shape is None or not -len(x.shape) <= at < len(x.shape) else x.shape[at]
    for i, part in enumerate(parts):
        if i != holes[0]:
            total = None if total is None or part is None else total - part
    return [total if i == holes[0] else p for i, p in enumerate(parts)]


@function("tensorflow.tile", family="tile")
def tile(input: Any, multiples: Any, name: Any = None) -> Out:
    """The whole tensor repeated along each axis."""
    x, times = literal.tensor(input), literal.shape(multiples)
    if times is None:
        return Out(None if x.shape is None else (None,) * len(x.shape))
    if x.shape is not None and len(times) != len(x.shape):
        text = f"{len(times)} factors for {len(x.shape)} axes"
        return Out(faults=(Fault("rank", "multiples", text, len(x.shape), len(times)),))
    return replace(axes_of.tile(x, times, arg="multiples"), demand=of_rank(len(times)))


@function("tensorflow.broadcast_to", family="tile")
def broadcast_to(input: Any, shape: Any, name: Any = None) -> Out:
    """Axes of 1 repeated up to the given shape."""
    x, target = literal.tensor(input), literal.shape(shape)
    if target is None:
        return Out()
    out = axes_of.expand(x, target, arg="shape")
    return out if out.faults else replace(out, shape=target)


@function("tensorflow.repeat", family="tile")
def repeat(input: Any, repeats: Any, axis: Any = None, name: Any = None) -> Out:
    """Every element repeated along an axis; of all elements in a row if there is none."""
    x, times = literal.tensor(input), size(repeats)
    if x.shape is None:
        return Out()
    if axis is None:
        total = product(x.shape)
        return Out((None if total is None or times is None else total * times,))
    at = axis_index(literal.integer(axis), len(x.shape))
    if at is None:
        return axes_of.bad_axis(axis, len(x.shape), "axis")
    found = x.shape[at]
    return parts_of.resize_axis(x, at, None if found is None or times is None else found * times)


@function("tensorflow.reverse", "tensorflow.reverse_v2", family="reverse")
def reverse(tensor: Any, axis: Any, name: Any = None) -> Out:
    """Some axes backwards."""
    return like(literal.tensor(tensor))


@function("tensorflow.reverse_sequence", family="reverse", legacy=renamed(seq_dim="seq_axis", batch_dim="batch_axis"))
def reverse_sequence(
    input: Any, seq_lengths: Any, seq_axis: Any = None, batch_axis: Any = None, name: Any = None
) -> Out:
    """The first elements of each sequence backwards."""
    return like(literal.tensor(input))


@function("tensorflow.roll", "tensorflow.manip.roll", family="reverse")
def roll(input: Any, shift: Any, axis: Any, name: Any = None) -> Out:
    """Elements moved around along axes."""
    return like(literal.tensor(input))


@function("tensorflow.pad", family="pad")
def pad(tensor: Any, paddings: Any, mode: Any = "CONSTANT", name: Any = None, constant_values: Any = 0) -> Out:
    """`(before, after)` more positions on every axis."""
    x = literal.tensor(tensor)
    if x.shape is None:
        stated = literal.tensor(paddings).shape
        many = stated[0] if stated else None
        if not isinstance(many, int) or not 0 < many <= 16:
            return Out()
        return Out((None,) * many, demand=of_rank(many))
    rows = literal.tensor(paddings)
    if rows.shape is not None and rows.shape and proven_different(rows.shape[0], len(x.shape)):
        text = f"{rows.shape[0]} pairs for {len(x.shape)} axes"
        return Out(faults=(Fault("rank", "paddings", text, len(x.shape), rows.shape[0]),))
    amounts, everywhere = literal.pairs(paddings, len(x.shape)), range(len(x.shape))
    word = literal.text(mode, "CONSTANT")
    if word != "CONSTANT":
        faults = mirror_faults(x, everywhere, amounts, repeats_edge=word == "SYMMETRIC", arg="paddings")
        if faults:
            return Out(faults=faults)
    return padded(x, everywhere, amounts, arg="paddings")
