"""Where each output axis comes from: roles and row-major atoms follow the tensors."""

from __future__ import annotations

from archlint.dims import Size, divide, proven_equal
from archlint.interp.evaluator import Evaluator
from archlint.layers.spec import Demand, Out
from archlint.values import Atom, Axis, Shape, Tensor


def mark(tensor: Tensor, demand: Demand) -> Tensor:
    """The input with the roles that its consumer reads its axes as, where they had none."""
    if tensor.axes is None or demand.last_only or len(tensor.axes) != len(demand.roles):
        return tensor
    axes = tuple(
        (Atom(axis[0].ident, axis[0].size, role),) if role and len(axis) == 1 and not axis[0].role else axis
        for axis, role in zip(tensor.axes, demand.roles)
    )
    return Tensor(
        tensor.shape,
        tensor.dtype,
        axes,
        tensor.node,
        tensor.slot,
        tensor.last,
        tensor.entry,
        tensor.data,
        tensor.framework,
    )


def trace(ev: Evaluator, x: Tensor | None, out: Out) -> tuple[Axis, ...] | None:
    """Axes of an output."""
    if out.shape is None:
        return None
    source = x.axes if x is not None else None
    if source is None or x is None or x.shape is None:
        roles = [a if isinstance(a, str) else "" for a in out.axes] if isinstance(out.axes, tuple) else []
        return ev.atoms(out.shape, roles)
    if out.axes == "reshape":
        return regroup(ev, source, out.shape)
    if not isinstance(out.axes, tuple):
        return tuple(
            source[i] if len(out.shape) == len(source) and proven_equal(size, x.shape[i]) else _fresh(ev, size)
            for i, size in enumerate(out.shape)
        )
    axes: list[Axis] = []
    for size, origin in zip(out.shape, out.axes):
        if isinstance(origin, int) and origin < len(source):
            axis = source[origin]
            axes.append(axis if proven_equal(size, x.shape[origin]) else _fresh(ev, size, _role(axis)))
        elif isinstance(origin, tuple):
            axes.append(tuple(atom for i in origin if i < len(source) for atom in source[i]) or _fresh(ev, size))
        else:
            axes.append(_fresh(ev, size, origin if isinstance(origin, str) else ""))
    return tuple(axes)


def _fresh(ev: Evaluator, size: Size, role: str = "") -> Axis:
    return (Atom(ev.serial(), size, role),)


def _role(axis: Axis) -> str:
    return axis[0].role if len(axis) == 1 else ""


def regroup(ev: Evaluator, source: tuple[Axis, ...], shape: Shape) -> tuple[Axis, ...]:
    """Deal the input's atoms, in row-major order, to the axes of the new shape; split an atom where a size divides it.

    (N, T, F) seen as (N * T, F) has a first axis of two atoms, which a later view back to (N, T, F) takes apart.
    """
    assert shape is not None
    atoms = [atom for axis in source for atom in axis if not proven_equal(atom.size, 1)]
    axes: list[Axis] = []
    for place, size in enumerate(shape):
        taken = _take(ev, atoms, size, place == len(shape) - 1)
        if taken is None:
            return (*axes, *(_fresh(ev, s) for s in shape[place:]))
        axes.append(taken or _fresh(ev, size))
    return tuple(axes)


def _take(ev: Evaluator, atoms: list[Atom], size: Size, is_last: bool) -> Axis | None:
    """Atoms whose product is `size`, taken from the front of the list; None if they do not fit."""
    if proven_equal(size, 1):
        return ()
    taken: list[Atom] = []
    left = size
    while atoms:
        atom = atoms.pop(0)
        if proven_equal(atom.size, left):
            return (*taken, atom)
        rest = divide(left, atom.size)
        if rest is not None:
            taken.append(atom)
            left = rest
            continue
        behind = divide(atom.size, left)
        if behind is None:
            return None
        front = Atom(ev.serial(), left, atom.role)
        atoms.insert(0, Atom(ev.serial(), behind, atom.role))
        return (*taken, front)
    return None
