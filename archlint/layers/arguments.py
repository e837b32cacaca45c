"""Reading a layer's arguments: what is not known stays unknown and never becomes a wrong number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archlint.dims import Dim, Size, symbols
from archlint.values import Choice, Tensor, Unknown, as_size


class NotKnown(Exception):
    """Raised by `known` for an argument that decides the form of the output; the output is then unknown."""


class Refused(NotKnown):
    """Raised for what the framework refuses whatever else it is given: `torch.cat([])`.

    No rule speaks of it: there may be nothing in a list because nobody has said yet what to build, `scales=()`.
    """


def is_unknown(value: Any) -> bool:
    """Is the value (or any element of it) not known?"""
    if isinstance(value, (Unknown, Choice)):
        return True
    return isinstance(value, (tuple, list)) and any(is_unknown(v) for v in value)


def known(value: Any) -> Any:
    """The value, if it is known down to its elements; else NotKnown: the whole output is unknown."""
    if is_unknown(value):
        raise NotKnown
    return value


def size(value: Any) -> Size:
    """A size argument: int, Dim, or None when it is not known."""
    return as_size(value)


def sizes(value: Any, n: int) -> tuple[Size, ...]:
    """An argument that is one size for all `n` axes, or a sequence of `n`: `kernel_size=3`, `(3, 1)`.

    A sequence of one serves all axes, as `stride=[2]` does in torch.  NotKnown if the length is wrong.
    """
    if isinstance(value, (tuple, list)):
        if len(value) == 1:
            return (as_size(value[0]),) * n
        if len(value) != n:
            raise NotKnown
        return tuple(as_size(v) for v in value)
    return (as_size(value),) * n


def flag(value: Any) -> bool:
    """A boolean argument that decides the form of the output; NotKnown if it is not known."""
    value = known(value)
    if isinstance(value, (Dim, Tensor)):
        raise NotKnown
    return bool(value)


def truth(value: Any) -> bool | None:
    """A boolean argument that only adds to the numbers (`bias=False`); None if it is not known."""
    return None if isinstance(value, (Unknown, Choice, Dim, Tensor)) else bool(value)


def tensor(value: Any) -> Tensor:
    """A tensor argument: of unknown rank if nothing is known of it; NotKnown if it is something else."""
    if isinstance(value, Tensor):
        return value
    if isinstance(value, (Unknown, Choice)):
        return Tensor(None)
    raise NotKnown


def tensors(value: Any) -> Sequence[Tensor]:
    """A sequence of tensors (`torch.cat([a, b])`); NotKnown if an element is not a tensor."""
    if isinstance(value, (tuple, list)) and all(isinstance(v, Tensor) for v in value):
        return value
    raise NotKnown


def axis_index(axis: Any, rank: int) -> int | None:
    """A Python-style axis as an index from 0; None if it is out of range.  NotKnown if not an int."""
    axis = known(axis)
    if isinstance(axis, bool) or not isinstance(axis, int):
        raise NotKnown
    return axis % rank if -rank <= axis < rank else None


def may_be_a_tensor(value: Any) -> bool:
    """Is it what arithmetic makes of parameters that no call gives: `def loss(output, target): output - target`?"""
    return isinstance(value, Dim) and any(v.origin == "argument" for v in symbols(value))


def may_be_a_list(value: Any) -> bool:
    """Is it a sum of such parameters, which may be tuples: `torch.zeros(batch_shape + event_shape)`?"""
    if not may_be_a_tensor(value) or value.const:
        return False
    return len(value.terms) > 1 and all(len(atoms) == 1 and times == 1 for atoms, times in value.terms)
