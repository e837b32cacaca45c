"""torch functions and methods that join tensors, cut them up, or pick positions."""
# ruff: noqa: A002  the parameters bear torch's own names

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

from archlint.dims import Size, add, bounds, mul
from archlint.layers.arguments import NotKnown, Refused, axis_index, flag, is_unknown, known, size, tensors
from archlint.layers.families import split as family
from archlint.layers.families.elementwise import like
from archlint.layers.families.index import sliced
from archlint.layers.families.merge import concatenate
from archlint.layers.families.merge import stack as stacked
from archlint.layers.families.reshape import bad_axis, flatten
from archlint.layers.spec import Fault, Out, function
from archlint.layers.torch.activation import along
from archlint.values import SliceValue, Tensor

_METHOD = "torch.Tensor."


@function("torch.cat", "torch.concat", "torch.concatenate", family="concat")
def cat(tensors: Any, dim: Any = 0, *, out: Any = None, axis: Any = None) -> Out:
    """Tensors joined along an axis, whose sizes add up."""
    return concatenate(_sequence(tensors), dim if axis is None else axis, skip_empty=True)


def _sequence(value: Any) -> Any:
    found = tensors(value)
    if not found:
        raise Refused("no tensors")
    return found


@function("torch.stack", family="merge")
def stack(tensors: Any, dim: Any = 0, *, out: Any = None) -> Out:
    """Tensors of one shape along a new axis."""
    return stacked(_sequence(tensors), dim)


def _stack_at(name: str, axis: int, rank: int) -> None:
    @function(f"torch.{name}", family="concat")
    def stack_at(tensors: Any, *, out: Any = None) -> Out:
        """Tensors of at least two axes joined along a fixed one."""
        found = _sequence(tensors)
        if any(t.shape is None or len(t.shape) < rank for t in found):
            raise NotKnown
        return concatenate(found, axis, arg="tensors")


_stack_at("hstack", 1, 2)
_stack_at("vstack", 0, 2)
_stack_at("dstack", 2, 3)


@function("torch.chunk", _METHOD + "chunk", family="split")
def chunk(input: Tensor, chunks: Any, dim: Any = 0) -> Any:
    """At most `chunks` equal parts along an axis, the last perhaps smaller."""
    return family.chunk(input, chunks, dim)


@function("torch.split", _METHOD + "split", "torch.split_with_sizes", _METHOD + "split_with_sizes", family="split")
def split(tensor: Tensor, split_size_or_sections: Any, dim: Any = 0) -> Any:
    """Parts of one size along an axis (the last perhaps smaller), or of the given sizes."""
    if is_unknown(split_size_or_sections) and not isinstance(split_size_or_sections, (tuple, list)):
        raise NotKnown
    sections = split_size_or_sections
    parts = [size(s) for s in sections] if isinstance(sections, (tuple, list)) else size(sections)
    return family.split(tensor, parts, dim)


def _least(size: Size) -> float:
    return -1 if size is None else bounds(size)[0]


@function("torch.tensor_split", _METHOD + "tensor_split", family="split")
def tensor_split(
    input: Tensor, indices_or_sections: Any = None, dim: Any = 0, *, indices: Any = None, sections: Any = None
) -> Any:
    """Parts along an axis: so many of nearly one size, or cut at the given places."""
    indices_or_sections = next((v for v in (indices_or_sections, indices, sections) if v is not None), None)
    at = axis_index(dim, len(input.shape)) if input.shape is not None else None
    total = input.shape[at] if input.shape is not None and at is not None else None
    if at is None:
        raise NotKnown
    cuts = known(indices_or_sections)
    if isinstance(cuts, int) and cuts > 0:
        whole, rest = divmod(total, cuts) if isinstance(total, int) else (None, 0)
        lengths: list[Size] = [None if whole is None else whole + (i < rest) for i in range(cuts)]
    elif isinstance(cuts, (tuple, list)):
        sure = isinstance(total, int) or all(isinstance(c, int) and 0 <= c <= _least(total) for c in cuts)
        ends = pairwise([None, *cuts, None])
        lengths = [sliced(total, SliceValue(a, b, None)) if sure else None for a, b in ends]
    else:
        raise NotKnown
    return tuple(family.resize_axis(input, at, length) for length in lengths)


@function("torch.unbind", _METHOD + "unbind", family="split")
def unbind(input: Tensor, dim: Any = 0) -> Any:
    """Every position of an axis on its own."""
    return family.unbind(input, dim)


@function("torch.select", _METHOD + "select", family="index")
def select(input: Tensor, dim: Any, index: Any) -> Out:
    """One position of an axis."""
    out = family.drop_axis(input, dim)
    at = axis_index(dim, len(input.shape)) if input.shape else None
    total = input.shape[at] if input.shape is not None and at is not None else None
    if isinstance(index, int) and isinstance(total, int) and not -total <= index < total:
        text = f"index {index} is outside of axis {at} of size {total}"
        return Out(None, faults=(Fault("axis", "index", text, total, index, at),))
    return out


@function("torch.narrow", _METHOD + "narrow", family="index")
def narrow(input: Tensor, dim: Any, start: Any, length: Any) -> Out:
    """A run of positions of an axis."""
    out = family.resize_axis(input, dim, size(length))
    total = input.shape[dim] if input.shape and not out.faults and isinstance(dim, int) else None
    if isinstance(total, int) and isinstance(length, int) and length > total:
        text = f"{length} positions of {total} on axis {dim}"
        return Out(None, faults=(Fault("axis", "length", text, total, length),))
    return out


@function("torch.index_select", _METHOD + "index_select", family="index")
def index_select(input: Tensor, dim: Any, index: Tensor) -> Out:
    """The given positions of an axis."""
    return family.resize_axis(input, dim, index.shape[0] if index.shape and len(index.shape) == 1 else None)


@function("torch.gather", _METHOD + "gather", "torch.take_along_dim", _METHOD + "take_along_dim", family="index")
def gather(input: Tensor, dim: Any, index: Any, *, sparse_grad: Any = False) -> Out:
    """One element for each element of an index of the same rank."""
    if not isinstance(index, Tensor) or index.shape is None:
        return Out()
    if input.shape is not None and len(input.shape) != len(index.shape):
        text = f"index has {len(index.shape)} axes, the input {len(input.shape)}"
        return Out(None, faults=(Fault("rank", "index", text, len(input.shape), len(index.shape)),))
    return Out(index.shape, dtype=input.dtype or "")


@function("torch.masked_select", _METHOD + "masked_select", family="index")
def masked_select(input: Tensor, mask: Any) -> Out:
    """The elements where a mask is true, in one axis of unknown size."""
    return Out((None,))


@function("torch.nonzero", _METHOD + "nonzero", family="index")
def nonzero(input: Tensor, *, as_tuple: Any = False) -> Any:
    """Places of the elements that are not zero: a row of indices for each."""
    if flag(as_tuple):
        if input.shape is None:
            raise NotKnown
        return tuple(Out((None,), dtype="int64") for _ in range(max(len(input.shape), 1)))
    return Out((None, None if input.shape is None else len(input.shape)), dtype="int64")


@function("torch.roll", _METHOD + "roll", family="reverse")
def roll(input: Tensor, shifts: Any, dims: Any = None) -> Out:
    """Positions moved along axes, round the end."""
    return like(input)


@function("torch.flip", _METHOD + "flip", family="reverse")
def flip(input: Tensor, *axes: Any, dims: Any = None) -> Out:
    """Positions along the given axes in reverse order."""
    return like(input)


@function("torch.fliplr", _METHOD + "fliplr", "torch.flipud", _METHOD + "flipud", family="reverse")
def flip_matrix(input: Tensor) -> Out:
    """Columns or rows in reverse order."""
    return like(input)


@function("torch.rot90", _METHOD + "rot90", family="reverse")
def rot90(input: Tensor, k: Any = 1, dims: Any = (0, 1)) -> Out:
    """Two axes turned by quarters."""
    if input.shape is None or not isinstance(known(k), int):
        return Out()
    first, second = (axis_index(d, len(input.shape)) for d in known(dims))
    if first is None or second is None:
        return bad_axis(dims, len(input.shape), "dims")
    sizes = list(input.shape)
    if k % 2:
        sizes[first], sizes[second] = sizes[second], sizes[first]
    return Out(tuple(sizes))


@function("torch.repeat_interleave", _METHOD + "repeat_interleave", family="repeat")
def repeat_interleave(input: Tensor, repeats: Any, dim: Any = None, *, output_size: Any = None) -> Out:
    """Every position of an axis (or every element) repeated."""
    x = input
    if known(dim) is None:
        flat = flatten(x, 0, -1)
        x, dim = Tensor(flat.shape), 0
    if x.shape is None:
        return Out()
    at = axis_index(dim, len(x.shape))
    if at is None:
        return bad_axis(dim, len(x.shape), "dim")
    times = None if isinstance(repeats, (Tensor, tuple, list)) else size(repeats)
    return family.resize_axis(x, at, size(output_size) if output_size is not None else mul(x.shape[at], times))


@function("torch.unfold_copy", _METHOD + "unfold", family="unfold")
def unfold(input: Tensor, dimension: Any, size: Any, step: Any) -> Out:
    """Windows along an axis: their number in its place, their elements in a new last axis."""
    if input.shape is None:
        return Out()
    at = axis_index(dimension, len(input.shape))
    if at is None:
        return bad_axis(dimension, len(input.shape), "dimension")
    total, window = input.shape[at], _size(size)
    count: Size = None
    if isinstance(total, int) and isinstance(window, int) and isinstance(step, int) and step > 0:
        count = (total - window) // step + 1
        if window > total:
            text = f"a window of {window} does not fit axis {at} of size {total}"
            return Out(None, faults=(Fault("empty", "size", text, total, window, at),))
    return Out((*input.shape[:at], count, *input.shape[at + 1 :], window))


@function("torch.diff", _METHOD + "diff", family="elementwise")
def diff(input: Tensor, n: Any = 1, dim: Any = -1, prepend: Any = None, append: Any = None) -> Out:
    """Differences of neighbours along an axis."""
    at = axis_index(dim, len(input.shape)) if input.shape else None
    if input.shape is None or at is None or known(n) != 1:
        return Out()
    left = add(input.shape[at], -1)
    for beside in (prepend, append):
        if beside is not None:
            fits = isinstance(beside, Tensor) and beside.shape is not None and len(beside.shape) == len(input.shape)
            left = add(left, beside.shape[at]) if fits else None
    return family.resize_axis(input, at, 0 if isinstance(left, int) and left < 0 else left)


@function("torch.scatter", _METHOD + "scatter", _METHOD + "scatter_", "torch.scatter_add", _METHOD + "scatter_add",
          _METHOD + "scatter_add_", _METHOD + "index_add", _METHOD + "index_add_", _METHOD + "index_copy",
          _METHOD + "index_copy_", _METHOD + "index_fill", _METHOD + "index_fill_", family="index")  # fmt: skip
def scatter(input: Tensor, dim: Any, index: Any, *operands: Any, **options: Any) -> Out:
    """The input with some elements replaced or added to."""
    return like(input)


@function("torch.topk", _METHOD + "topk", family="sort")
def topk(input: Tensor, k: Any, dim: Any = -1, largest: Any = True, sorted: Any = True) -> Any:
    """The `k` greatest along an axis, and where they were."""
    if input.shape is None:
        return Out(), Out(dtype="int64")
    at = axis_index(dim, max(len(input.shape), 1))
    if at is None:
        return bad_axis(dim, len(input.shape), "dim")
    wanted, total = size(k), input.shape[at] if input.shape else 1
    if isinstance(wanted, int) and isinstance(total, int) and wanted > total:
        text = f"the {wanted} greatest of {total} on axis {at}"
        return Out(None, faults=(Fault("arguments", "k", text, total, wanted, at),))
    found = family.resize_axis(input, at, wanted) if input.shape else Out(())
    return found, replace(found, dtype="int64")


@function("torch.sort", _METHOD + "sort", family="sort")
def sort(input: Tensor, dim: Any = -1, descending: Any = False, stable: Any = False) -> Any:
    """The elements in order along an axis, and where they were."""
    found = along(input, dim, none_is_fine=False)
    return found, replace(found, dtype="int64", faults=())


@function("torch.argsort", _METHOD + "argsort", family="sort")
def argsort(input: Tensor, dim: Any = -1, descending: Any = False, stable: Any = False) -> Out:
    """Places of the elements in order along an axis."""
    return along(input, dim, dtype="int64", none_is_fine=False)


@function("torch.cumsum", _METHOD + "cumsum", "torch.cumprod", _METHOD + "cumprod", "torch.logcumsumexp",
          _METHOD + "logcumsumexp", family="elementwise")  # fmt: skip
def cumulate(input: Tensor, dim: Any, *, dtype: Any = None) -> Out:
    """Sums or products of everything up to each position along an axis."""
    return along(input, dim, none_is_fine=False)


@function("torch.cummax", _METHOD + "cummax", "torch.cummin", _METHOD + "cummin", family="elementwise")
def cumulative_extreme(input: Tensor, dim: Any) -> Any:
    """The greatest or least up to each position, and where it was."""
    found = along(input, dim, none_is_fine=False)
    return found, replace(found, dtype="int64", faults=())


_size = size
