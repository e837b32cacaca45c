"""`tf.*` functions that pick elements: slice, gather, masks, `where`, `top_k`."""
# ruff: noqa: A002  the parameters bear TensorFlow's own names

from __future__ import annotations

from dataclasses import replace
from typing import Any

from archlint.dims import Size, proven_different
from archlint.layers.arguments import NotKnown, axis_index, size
from archlint.layers.families.contract import prefer
from archlint.layers.families.elementwise import broadcast_shapes, like
from archlint.layers.families.reshape import bad_axis
from archlint.layers.spec import Fault, Out, function
from archlint.layers.tf import literal
from archlint.layers.tf.versions import each, renamed
from archlint.values import Tensor


@function("tensorflow.slice", family="slice")
def slice_(input_: Any, begin: Any, size: Any, name: Any = None) -> Out:
    """`size` elements from `begin` on along every axis; -1 takes the rest."""
    x, start, count = literal.tensor(input_), literal.shape(begin), literal.shape(size)
    if x.shape is None or count is None:
        many = x.shape if x.shape is not None else count
        return Out(None if many is None else (None,) * len(many))
    start = (None,) * len(count) if start is None else start
    if not len(x.shape) == len(start) == len(count):
        text = f"{len(start)} starts and {len(count)} sizes for {len(x.shape)} axes"
        return Out(faults=(Fault("rank", "size", text, len(x.shape), len(count)),))
    shape: list[Size] = []
    for i, (total, lower, many_) in enumerate(zip(x.shape, start, count)):
        rest = None if total is None or lower is None else total - lower
        taken = rest if isinstance(many_, int) and many_ == -1 else many_
        if isinstance(rest, int) and isinstance(taken, int) and not 0 <= taken <= rest:
            text = f"{taken} elements from {lower} on, axis {i} has {total}"
            return Out(faults=(Fault("axis", "size", text, total, taken, i),))
        shape.append(taken)
    return Out(tuple(shape), axes=tuple(range(len(shape))), data=_cut(x, start, shape))


def _cut(x: Tensor, start: Any, shape: list[Size]) -> Any:
    """Elements of a slice of a vector of sizes."""
    if not isinstance(x.data, tuple) or len(shape) != 1:
        return None
    lower, many = start[0], shape[0]
    return x.data[lower : lower + many] if isinstance(lower, int) and isinstance(many, int) else None


@function("tensorflow.gather", family="gather")
def gather(
    params: Any, indices: Any, validate_indices: Any = None, name: Any = None, axis: Any = None, batch_dims: Any = 0
) -> Out:
    """Positions of an axis by number, the first axis unless stated otherwise."""
    x, ids = literal.tensor(params), literal.tensor(indices)
    if isinstance(name, int):  # TensorFlow 2 has the axis in this place
        axis = name
    batch = literal.integer(batch_dims)
    if batch != 0 or x.shape is None or ids.shape is None:
        return Out(last=x.features if axis in (None, 0) and x.shape is not None and len(x.shape) > 1 else None)
    at = axis_index(0 if axis is None else literal.integer(axis), len(x.shape))
    if at is None:
        return bad_axis(axis, len(x.shape), "axis")
    shape = (*x.shape[:at], *ids.shape, *x.shape[at + 1 :])
    axes = (*range(at), *(None,) * len(ids.shape), *range(at + 1, len(x.shape)))
    picked = x.data[ids.data] if isinstance(x.data, tuple) and isinstance(ids.data, int) and _inside(x, ids) else None
    return Out(shape, axes=axes, data=picked)


def _inside(x: Tensor, ids: Tensor) -> bool:
    return isinstance(x.data, tuple) and isinstance(ids.data, int) and 0 <= ids.data < len(x.data)


@function("tensorflow.gather_nd", family="gather")
def gather_nd(params: Any, indices: Any, name: Any = None, batch_dims: Any = 0, bad_indices_policy: Any = "") -> Out:
    """Elements or slices by tuples of numbers, which are the last axis of `indices`."""
    x, ids = literal.tensor(params), literal.tensor(indices)
    if literal.integer(batch_dims) != 0 or x.shape is None or ids.shape is None or not ids.shape:
        return Out()
    depth = ids.shape[-1]
    if not isinstance(depth, int):
        return Out()
    if depth > len(x.shape):
        text = f"{depth} numbers for {len(x.shape)} axes"
        return Out(faults=(Fault("rank", "indices", text, len(x.shape), depth),))
    return Out((*ids.shape[:-1], *x.shape[depth:]), axes=(*(None,) * (len(ids.shape) - 1), *range(depth, len(x.shape))))


@function("tensorflow.scatter_nd", family="gather")
def scatter_nd(indices: Any, updates: Any, shape: Any, name: Any = None, bad_indices_policy: Any = "") -> Out:
    """Elements put into zeros of the given shape."""
    return Out(literal.shape(shape), dtype=literal.tensor(updates).dtype)


@each("tensorflow.unsorted_segment_sum tensorflow.math.unsorted_segment_sum",
      "tensorflow.unsorted_segment_mean tensorflow.math.unsorted_segment_mean",
      "tensorflow.unsorted_segment_max tensorflow.math.unsorted_segment_max", family="reduce")  # fmt: skip
def unsorted_segment(data: Any, segment_ids: Any, num_segments: Any, name: Any = None) -> Out:
    """Rows of one segment reduced to one."""
    x, ids = literal.tensor(data), literal.tensor(segment_ids)
    if x.shape is None or ids.shape is None:
        return Out()
    rest = range(len(ids.shape), len(x.shape))
    return Out((size(num_segments), *(x.shape[i] for i in rest)), axes=("", *rest))


@function("tensorflow.boolean_mask", family="gather")
def boolean_mask(tensor: Any, mask: Any, name: Any = "boolean_mask", axis: Any = None) -> Out:
    """Positions where the mask is true; how many is not known."""
    x, chosen, at = literal.tensor(tensor), literal.tensor(mask), 0 if axis is None else literal.integer(axis)
    if x.shape is None or chosen.shape is None or at < 0 or not chosen.shape:
        return Out()
    after = at + len(chosen.shape)
    if after > len(x.shape):
        text = f"a mask of {len(chosen.shape)} axes for {len(x.shape)}"
        return Out(faults=(Fault("rank", "mask", text, len(x.shape), after),))
    return Out((*x.shape[:at], None, *x.shape[after:]), axes=(*range(at), None, *range(after, len(x.shape))))


@function("tensorflow.where", "tensorflow.select", "tensorflow.where_v2", family="elementwise")
def where(condition: Any, x: Any = None, y: Any = None, name: Any = None) -> Out:
    """Elements of `x` or `y`; alone, the places where the condition is true."""
    chosen = literal.tensor(condition)
    if x is None and y is None:
        return Out((None, None if chosen.shape is None else len(chosen.shape)), dtype="int64")
    first, second = literal.tensor(x), literal.tensor(y)
    if first.shape is None or second.shape is None:
        return Out()
    if len(first.shape) != len(second.shape):  # only TensorFlow 2 takes them, and broadcasts
        joined, faults = broadcast_shapes([t.shape for t in (chosen, first, second)])
        return Out() if faults else Out(joined, dtype=second.dtype if first.shape == () else first.dtype)
    if any(proven_different(a, b) for a, b in zip(first.shape, second.shape)):
        return Out()  # TensorFlow 2 broadcasts here, TensorFlow 1 does not
    if chosen.shape is None or len(chosen.shape) > len(first.shape):
        return Out()
    sizes = tuple(prefer(a, b) for a, b in zip(first.shape, second.shape))
    wide = all(isinstance(s, int) and s > 1 for s in sizes) or chosen.shape == () or chosen.shape == first.shape
    return Out(sizes if wide else None, axes=None, dtype=first.dtype)


@function("tensorflow.sequence_mask", family="mask")
def sequence_mask(lengths: Any, maxlen: Any = None, dtype: Any = None, name: Any = None) -> Out:
    """For each length as many ones, then zeros up to `maxlen`."""
    given = literal.tensor(lengths)
    if given.shape is None:
        return Out(last=size(maxlen), dtype=literal.dtype(dtype, "bool"))
    return Out((*given.shape, size(maxlen)), dtype=literal.dtype(dtype, "bool"))


@function("tensorflow.meshgrid", family="constant")
def meshgrid(*args: Any, indexing: Any = "xy", **_: Any) -> Any:
    """One grid per vector; the first two axes change places under "xy"."""
    sizes = [t.shape[0] if t.shape is not None and len(t.shape) == 1 else None for t in map(literal.tensor, args)]
    if literal.text(indexing, "XY") == "XY" and len(sizes) > 1:
        sizes[:2] = sizes[1], sizes[0]
    return [Out(tuple(sizes), axes=("",) * len(sizes))] * len(args)


@function("tensorflow.matrix_band_part", "tensorflow.linalg.band_part", family="elementwise")
def band_part(input: Any, num_lower: Any, num_upper: Any, name: Any = None) -> Out:
    """Matrices with all but some diagonals zeroed."""
    return like(literal.tensor(input))


@function("tensorflow.random_shuffle", "tensorflow.random.shuffle", family="elementwise")
def random_shuffle(value: Any, seed: Any = None, name: Any = None) -> Out:
    """Positions of the first axis in random order."""
    return like(literal.tensor(value))


@each("tensorflow.diag tensorflow.linalg.tensor_diag", family="diag")
def diag(diagonal: Any, name: Any = None) -> Out:
    """A tensor of twice the rank, whose diagonal is given."""
    x = literal.tensor(diagonal)
    return Out() if x.shape is None else Out((*x.shape, *x.shape))


@each("tensorflow.diag_part tensorflow.linalg.tensor_diag_part", family="diag")
def diag_part(input: Any, name: Any = None) -> Out:
    """The diagonal of a tensor whose shape is one shape twice."""
    x = literal.tensor(input)
    if x.shape is None or len(x.shape) % 2:
        raise NotKnown
    half = len(x.shape) // 2
    return Out(tuple(prefer(a, b) for a, b in zip(x.shape[:half], x.shape[half:])))


@each("tensorflow.space_to_batch", "tensorflow.space_to_batch_nd", "tensorflow.batch_to_space",
      "tensorflow.batch_to_space_nd", family="reshape")  # fmt: skip
def space_to_batch(input: Any, paddings: Any = None, block_size: Any = None, name: Any = None, block_shape: Any = None,
                   crops: Any = None) -> Out:  # fmt: skip
    """Blocks of space moved to the batch, or back; only the channels are known."""
    x = literal.tensor(input)
    if x.shape is None or len(x.shape) != 4:
        return Out(None if x.shape is None else (None,) * len(x.shape))
    return Out((None, None, None, x.shape[3]), axes=(None, None, None, 3))


@function("tensorflow.top_k", "tensorflow.nn.top_k", "tensorflow.math.top_k", family="sort")
def top_k(input: Any, k: Any = 1, sorted: Any = True, name: Any = None, index_type: Any = None) -> Any:
    """The largest `k` of the last axis, and where they were."""
    x = literal.tensor(input)
    many = size(k)
    if x.shape == ():
        return Out(faults=(Fault("rank", "", "needs at least one axis, got a scalar", 1, 0),)), Out()
    if x.shape is None:
        out = Out(last=many)
    else:
        found = x.shape[-1]
        if isinstance(found, int) and isinstance(many, int) and many > found:
            fault = Fault("count", "k", f"{many} of {found}", found, many, len(x.shape) - 1)
            return Out(faults=(fault,)), Out()
        out = Out((*x.shape[:-1], many), axes=(*range(len(x.shape) - 1), None))
    return out, replace(out, dtype="int32", axes=None)


@each("tensorflow.sort", "tensorflow.argsort", family="sort")
def sort(values: Any, axis: Any = -1, direction: Any = "ASCENDING", stable: Any = False, name: Any = None) -> Out:
    """An axis in order."""
    return like(literal.tensor(values))


@function("tensorflow.clip_by_value", family="elementwise", legacy=renamed(x="t"))
def clip_by_value(t: Any, clip_value_min: Any, clip_value_max: Any, name: Any = None) -> Out:
    """Elements kept between two bounds."""
    return like(literal.tensor(t))


@each("tensorflow.clip_by_norm", "tensorflow.clip_by_average_norm", family="elementwise")
def clip_by_norm(t: Any, clip_norm: Any, axes: Any = None, name: Any = None) -> Out:
    """A tensor shortened to a length."""
    return like(literal.tensor(t))


@function("tensorflow.invert_permutation", "tensorflow.math.invert_permutation", family="elementwise")
def invert_permutation(x: Any, name: Any = None) -> Out:
    """The order that undoes an order."""
    return like(literal.tensor(x))
