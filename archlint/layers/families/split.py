"""Parts of a tensor along one axis: chunk, split, unbind, select."""

from __future__ import annotations

from typing import Any

from archlint.dims import Size, add, divide, proven_different, proven_equal, show
from archlint.layers.arguments import NotKnown, axis_index
from archlint.layers.families.reshape import bad_axis
from archlint.layers.spec import Demand, Fault, Out
from archlint.values import Tensor


def resize_axis(x: Tensor, axis: Any, size: Size, *, arg: str = "dim") -> Out:
    """One axis with another size."""
    if x.shape is None:
        return Out()
    at = axis_index(axis, len(x.shape))
    if at is None:
        return bad_axis(axis, len(x.shape), arg)
    return _with_size(x, at, size)


def _with_size(x: Tensor, at: int, size: Size) -> Out:
    assert x.shape is not None
    return Out((*x.shape[:at], size, *x.shape[at + 1 :]), axes=tuple(range(len(x.shape))))


def drop_axis(x: Tensor, axis: Any, *, arg: str = "dim") -> Out:
    """One position of an axis is taken: the axis goes away."""
    if x.shape is None:
        return Out()
    at = axis_index(axis, len(x.shape))
    if at is None:
        return bad_axis(axis, len(x.shape), arg)
    return Out((*x.shape[:at], *x.shape[at + 1 :]), axes=(*range(at), *range(at + 1, len(x.shape))))


def chunk(x: Tensor, chunks: Any, axis: Any) -> Any:
    """At most `chunks` equal parts, the last perhaps smaller.

    Of a symbolic size two parts are two (unless the size is 1), and equal if it divides; more may be fewer.
    """
    if type(chunks) is not int:
        raise NotKnown
    if x.shape is None:
        part = divide(x.last, chunks) if axis == -1 else None
        if part is None or part == 0:
            raise NotKnown
        return (Out(last=part),) * chunks
    at = axis_index(axis, len(x.shape))
    if at is None:
        return bad_axis(axis, len(x.shape), "dim")
    if chunks < 1:
        return Out(None, faults=(Fault("arguments", "chunks", f"{chunks} chunks"),))
    total = x.shape[at]
    part = divide(total, chunks)
    if part is not None and part != 0:
        return (_with_size(x, at, part),) * chunks
    if not isinstance(total, int) and chunks == 2:
        return (_with_size(x, at, None),) * 2
    if not isinstance(total, int) or total == 0:
        raise NotKnown
    return split(x, -(-total // chunks), at)


def split(x: Tensor, parts: Any, axis: Any, *, arg: str = "split_size_or_sections") -> Any:
    """Parts of one size (the last perhaps smaller), or of the given sizes, which must add up."""
    if x.shape is None:
        return _of_open(x.last, parts, axis)
    at = axis_index(axis, len(x.shape))
    if at is None:
        return bad_axis(axis, len(x.shape), "dim")
    total = x.shape[at]
    if isinstance(parts, (tuple, list)):
        wanted: Size = 0
        for part in parts:
            wanted = add(wanted, part)
        if proven_different(wanted, total):
            text = f"parts add up to {show(wanted)}, axis {at} has {show(total)}"
            return Out(None, faults=(Fault("count", arg, text, wanted, total, at),))
        return tuple(_with_size(x, at, part) for part in parts)
    if isinstance(parts, int) and isinstance(total, int) and parts > 0 and total > 0:
        whole, rest = divmod(total, parts)
        return tuple(_with_size(x, at, s) for s in (*(parts,) * whole, *((rest,) if rest else ())))
    many = divide(total, parts)
    if isinstance(many, int) and 0 < many <= 4096:
        return tuple(_with_size(x, at, parts) for _ in range(many))
    raise NotKnown


def _of_open(last: Size, parts: Any, axis: Any) -> tuple[Out, ...]:
    """Parts of a tensor of unknown rank.

    Two or three that make up its last axis say which one that is: `q, k, v = qkv.split(width, dim=2)`.
    """
    listed = isinstance(parts, (tuple, list))
    many = 0 if listed else divide(last, parts)
    sizes = tuple(parts) if listed else (parts,) * many if isinstance(many, int) and many <= 4096 else ()
    if axis == -1 and sizes:
        return tuple(Out(last=size) for size in sizes)
    whole: Size = 0
    for size in sizes:
        whole = add(whole, size)
    if type(axis) is int and 0 < axis < 4 and len(sizes) in (2, 3) and proven_equal(whole, last):
        roles = ("batch", *("time",) * (axis == 2), *("",) * (axis - 1 - (axis == 2)), "features")
        return (Out(demand=Demand((*(None,) * axis, last), roles)),) * len(sizes)
    if not listed:
        raise NotKnown
    return tuple(Out() for _ in sizes)


def unbind(x: Tensor, axis: Any) -> Any:
    """Every position of an axis on its own."""
    if x.shape is None:
        raise NotKnown
    at = axis_index(axis, len(x.shape))
    if at is None:
        return bad_axis(axis, len(x.shape), "dim")
    size = x.shape[at]
    if not isinstance(size, int) or not 0 < size <= 4096:
        raise NotKnown
    return tuple(drop_axis(x, at) for _ in range(size))
