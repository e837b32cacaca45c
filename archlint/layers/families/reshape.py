"""The same elements under other axes: reshape, flatten, permute, squeeze, expand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archlint.dims import (
    Dim,
    Size,
    Var,
    divide,
    mul,
    product,
    proven_different,
    proven_equal,
    show,
    show_shape,
    symbols,
)
from archlint.layers.arguments import axis_index
from archlint.layers.families.contract import divisible
from archlint.layers.spec import AxisSource, Fault, Out
from archlint.values import Tensor


def bad_axis(axis: Any, rank: int, arg: str) -> Out:
    """The output when an axis does not exist."""
    return Out(None, faults=(Fault("axis", arg, f"axis {axis} does not exist in {rank} axes", rank, axis),))


def reshape(x: Tensor, target: Sequence[Size], *, arg: str = "shape", per_sample: bool = False) -> Out:
    """Row-major regrouping; one -1 is solved.  `per_sample`: the target leaves the batch axis out (Keras)."""
    sizes = list(target)
    holes = [i for i, s in enumerate(sizes) if isinstance(s, int) and s == -1]
    if len(holes) > 1:
        return Out(None, faults=(Fault("inferred", arg, f"only one size can be inferred, found {len(holes)}"),))
    if any(isinstance(s, int) and s < -1 for s in sizes):
        return Out(None, faults=(Fault("arguments", arg, f"negative size in {show_shape(tuple(sizes))}"),))
    if x.shape is None:
        filled: list[Size] = [None if i in holes else s for i, s in enumerate(sizes)]
        return Out((None, *filled) if per_sample else tuple(filled))
    batch = x.shape[:1] if per_sample else ()
    before = x.shape[len(batch) :]
    total = product(before)
    fault, solved = _solve(total, sizes, holes, frozenset().union(*map(symbols, before)))
    if fault:
        text = f"{show_shape(before)} has {show(total)} elements, which do not fit {show_shape(tuple(sizes))}"
        needed = product(s for i, s in enumerate(sizes) if i not in holes)
        return Out(None, faults=(Fault("count", arg, text, needed, total),))
    return Out((*batch, *solved), axes="reshape")


def _solve(
    total: Size, sizes: Sequence[Size], holes: Sequence[int], lengths: frozenset[Var]
) -> tuple[bool, list[Size]]:
    """Is the target impossible, and its sizes with the one that follows from the others filled in.

    A size that is not known, or is an argument that could be -1, is fixed by the others all the same; an argument
    among the `lengths` of the input is no -1.
    """
    solved = list(sizes)
    if not holes:
        if proven_equal(total, product(sizes)):
            return False, solved
        holes = [i for i, s in enumerate(sizes) if s is None or _could_be_hole(s, lengths)]
        if len(holes) != 1:
            impossible = proven_different(total, product(sizes))
            return impossible, [None if i in holes else s for i, s in enumerate(sizes)]
    at = holes[0]
    rest = product(s for i, s in enumerate(sizes) if i != at)
    if isinstance(rest, int) and rest == 0:
        return isinstance(total, int) and total != 0, [None if i == at else s for i, s in enumerate(sizes)]
    solved[at] = divide(total, rest)
    return divisible(total, rest) is False, solved


def _could_be_hole(size: Size, lengths: frozenset[Var]) -> bool:
    """A bare parameter of the user's function, whose value may be -1."""
    if not isinstance(size, Dim) or size.const or len(size.terms) != 1:
        return False
    (monomial, coefficient) = size.terms[0]
    atom = monomial[0]
    bare = coefficient == 1 and len(monomial) == 1 and isinstance(atom, Var)
    return bare and isinstance(atom, Var) and atom.origin == "argument" and atom not in lengths


def flatten(x: Tensor, start: Any, end: Any, *, start_arg: str = "start_dim", end_arg: str = "end_dim") -> Out:
    """Axes `start` to `end`, both included, become one."""
    if x.shape is None:
        return Out()
    rank = max(len(x.shape), 1)
    first, last = axis_index(start, rank), axis_index(end, rank)
    if first is None or last is None:
        return bad_axis(start if first is None else end, rank, start_arg if first is None else end_arg)
    if not x.shape:
        return Out((1,))
    if first > last:
        return Out(None, faults=(Fault("axis", start_arg, f"axis {start} comes after axis {end}", end, start),))
    shape = (*x.shape[:first], product(x.shape[first : last + 1]), *x.shape[last + 1 :])
    merged: AxisSource = first if first == last else tuple(range(first, last + 1))
    return Out(shape, axes=(*range(first), merged, *range(last + 1, rank)))


def unflatten(x: Tensor, axis: Any, sizes: Sequence[Size], *, axis_arg: str = "dim", arg: str = "sizes") -> Out:
    """One axis becomes several, in row-major order; one -1 is solved."""
    if x.shape is None:
        return Out()
    at = axis_index(axis, len(x.shape))
    if at is None:
        return bad_axis(axis, len(x.shape), axis_arg)
    part = reshape(Tensor((x.shape[at],)), sizes, arg=arg)
    if part.shape is None:
        return Out(None, faults=part.faults)
    return Out((*x.shape[:at], *part.shape, *x.shape[at + 1 :]), axes="reshape")


def permute(x: Tensor, order: Sequence[Any], *, arg: str = "dims") -> Out:
    """Axes in another order."""
    if x.shape is None:
        return Out((None,) * len(order))
    rank = len(x.shape)
    if len(order) != rank:
        text = f"{len(order)} axes for a tensor of {rank}: {show_shape(x.shape)}"
        return Out(None, faults=(Fault("order", arg, text, rank, len(order)),))
    found = [axis_index(axis, rank) for axis in order]
    if None in found or len(set(found)) < rank:
        text = f"{tuple(order)} is not an order of {rank} axes"
        return Out(None, faults=(Fault("order", arg, text, rank, tuple(order)),))
    kept = [i for i in found if i is not None]
    return Out(tuple(x.shape[i] for i in kept), axes=tuple(kept))


def swap(x: Tensor, a: Any, b: Any, *, a_arg: str = "dim0", b_arg: str = "dim1") -> Out:
    """Two axes change places."""
    if x.shape is None:
        return Out()
    rank = len(x.shape)
    first, second = axis_index(a, max(rank, 1)), axis_index(b, max(rank, 1))
    if first is None or second is None:
        return bad_axis(a if first is None else b, rank, a_arg if first is None else b_arg)
    order = list(range(rank))
    if rank:
        order[first], order[second] = order[second], order[first]
    return Out(tuple(x.shape[i] for i in order), axes=tuple(order))


def move(x: Tensor, source: Sequence[Any], destination: Sequence[Any]) -> Out:
    """Axes `source` go to places `destination`; the others keep their order."""
    if x.shape is None:
        return Out()
    rank = len(x.shape)
    start = [axis_index(a, rank) for a in source]
    goal = [axis_index(a, rank) for a in destination]
    distinct = len(set(start)) == len(start) == len(goal) == len(set(goal))
    if None in start or None in goal or not distinct:
        text = f"axes {tuple(source)} cannot move to {tuple(destination)} in {rank} axes"
        return Out(None, faults=(Fault("order", "source", text, rank, tuple(source)),))
    rest = iter(i for i in range(rank) if i not in start)
    placed = dict(zip(goal, start, strict=True))
    order = [placed[i] if i in placed else next(rest) for i in range(rank)]
    return permute(x, order)


def unsqueeze(x: Tensor, axis: Any, *, arg: str = "dim") -> Out:
    """A new axis of 1."""
    if x.shape is None:
        return Out(last=x.last if type(axis) is int and 0 <= axis < 1 else None)
    rank = len(x.shape) + 1
    at = axis_index(axis, rank)
    if at is None:
        return bad_axis(axis, rank - 1, arg)
    return Out((*x.shape[:at], 1, *x.shape[at:]), axes=(*range(at), "", *range(at, rank - 1)))


def squeeze(x: Tensor, axes: Sequence[Any] | None, *, strict: bool = False, arg: str = "dim") -> Out:
    """Axes of 1 go away: the given ones, or all; rank is not known where a size may or may not be 1.

    `strict`: an axis that is not 1 is an error (Keras, numpy); else it stays.
    """
    if x.shape is None:
        return Out()
    rank = len(x.shape)
    found = range(rank) if axes is None else [axis_index(a, max(rank, 1)) for a in axes]
    if None in found:
        return bad_axis(tuple(axes or ()), rank, arg)
    if len(set(found)) < len(found):
        text = f"an axis is named twice in {tuple(axes or ())}"
        return Out(None, faults=(Fault("axis", arg, text, rank, tuple(axes or ())),))
    dropped: set[int] = set()
    for i in found:
        if i is None or not rank:
            continue
        if proven_equal(x.shape[i], 1) or (strict and axes is not None and not proven_different(x.shape[i], 1)):
            dropped.add(i)
        elif not proven_different(x.shape[i], 1):
            return Out()
        elif strict and axes is not None:
            fault = Fault("axis", arg, f"axis {i} has size {show(x.shape[i])}, not 1", 1, x.shape[i], i)
            return Out(None, faults=(fault,))
    kept = [i for i in range(rank) if i not in dropped]
    return Out(tuple(x.shape[i] for i in kept), axes=tuple(kept))


def expand(x: Tensor, target: Sequence[Size], *, arg: str = "size") -> Out:
    """Axes of 1 repeated up to the target; -1 keeps a size; new axes in front."""
    if x.shape is None:
        return Out(tuple(None if isinstance(s, int) and s == -1 else s for s in target))
    new = len(target) - len(x.shape)
    if new < 0:
        text = f"{len(target)} sizes for {len(x.shape)} axes"
        return Out(None, faults=(Fault("rank", arg, text, len(x.shape), len(target)),))
    shape: list[Size] = list(target[:new])
    axes: list[AxisSource] = [""] * new
    for i, (size, goal) in enumerate(zip(x.shape, target[new:], strict=True)):
        keeps = isinstance(goal, int) and goal == -1
        if not keeps and proven_different(size, 1) and proven_different(size, goal):
            text = f"axis {i} of size {show(size)} cannot be repeated to {show(goal)}: {show_shape(x.shape)}"
            return Out(None, faults=(Fault("broadcast", arg, text, goal, size, i),))
        shape.append(size if keeps or proven_different(size, 1) else goal)
        axes.append(i if proven_equal(shape[-1], size) else None)
    return Out(tuple(shape), axes=tuple(axes))


def tile(x: Tensor, times: Sequence[Size], *, arg: str = "repeats", pad_times: bool = False) -> Out:
    """The whole tensor repeated along each axis; `pad_times`: missing factors are 1 (torch.tile)."""
    if x.shape is None:
        return Out(None if pad_times else (None,) * len(times))
    if pad_times and len(times) < len(x.shape):
        times = (*(1,) * (len(x.shape) - len(times)), *times)
    new = len(times) - len(x.shape)
    if new < 0:
        text = f"{len(times)} factors for {len(x.shape)} axes"
        return Out(None, faults=(Fault("rank", arg, text, len(x.shape), len(times)),))
    shape = tuple(mul(a, b) for a, b in zip((*(1,) * new, *x.shape), times, strict=True))
    axes = tuple("" if i < new else i - new if proven_equal(shape[i], x.shape[i - new]) else None
                 for i in range(len(times)))  # fmt: skip
    return Out(shape, axes=axes)
