"""One value for what an expression may be after an undecided test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archlint.dims import Size, same
from archlint.graph import Node
from archlint.interp.budget import MAX_OPTIONS
from archlint.interp.data import array_forms
from archlint.interp.evaluator import Evaluator
from archlint.layers import canonical
from archlint.layers.spec import Out
from archlint.text import Span
from archlint.values import Array, Choice, External, Reason, Tensor, Unknown

_ATOMIC = (bool, int, float, str, bytes, complex)


def identical(a: Any, b: Any) -> bool:
    """Are two values certainly the same value?"""
    if a is b:
        return True
    if type(a) is not type(b):
        return False
    if isinstance(a, External):  # `keras.layers`, whether keras is `import keras` or `from tensorflow import keras`
        return a.name == b.name or canonical(a.name) == canonical(b.name)
    if isinstance(a, tuple):
        return len(a) == len(b) and all(identical(x, y) for x, y in zip(a, b))
    try:
        return bool(a == b)
    except TypeError:
        return False


def join(ev: Evaluator, values: list[Any]) -> Any:
    """The join: the value itself where all agree, a tensor of what is common, a Choice, or Unknown."""
    options = flatten(values)
    first = options[0]
    if len(options) == 1:
        return first
    for value in options:
        if isinstance(value, Unknown):
            return value
    if all(isinstance(v, Array) for v in options):
        return array_forms.join(options)
    if all(isinstance(v, Tensor) for v in options):
        return join_tensors(ev, options)
    if all(isinstance(v, tuple) and len(v) == len(first) for v in options if isinstance(first, tuple)) and isinstance(
        first, tuple
    ):
        return tuple(join(ev, list(column)) for column in zip(*options))
    tensors = [v for v in options if isinstance(v, Tensor)]
    if len(tensors) > 1:
        options = [*(v for v in options if not isinstance(v, Tensor)), join_tensors(ev, tensors)]
    if len(options) > MAX_OPTIONS:
        return Unknown(Reason.BRANCH, "more than four possibilities")
    return Choice(tuple(options))


def flatten(values: list[Any]) -> list[Any]:
    """Distinct options, choices opened."""
    options: list[Any] = []
    for value in values:
        for option in value.options if isinstance(value, Choice) else (value,):
            if not any(identical(option, known) for known in options):
                options.append(option)
    return options


def join_tensors(ev: Evaluator, tensors: list[Tensor]) -> Tensor:
    """A tensor with what all of them share; a node marks the place where the paths meet."""
    tensors = [ev.refresh(t) for t in tensors]
    first = tensors[0]
    shape: tuple[Size, ...] | None = None
    if first.shape is not None and all(t.rank == first.rank for t in tensors):
        columns = zip(*(t.shape for t in tensors if t.shape is not None))
        shape = tuple(c[0] if all(same(c[0], s) is True for s in c) else None for c in columns)
    last = first.features if all(same(first.features, t.features) is True for t in tensors) else None
    dtype = first.dtype if all(t.dtype == first.dtype for t in tensors) else None
    axes = first.axes if all(t.axes == first.axes for t in tensors) else ev.atoms(shape)
    entry = first.entry if all(t.entry == first.entry for t in tensors) else None
    if all(t.node == first.node and t.slot == first.slot for t in tensors):
        return Tensor(shape, dtype, axes, first.node, first.slot, last, entry, None, first.framework)
    made = Tensor(shape, dtype, axes, ev.next_node(), 0, last, entry, None, first.framework)
    origin = ev.node(first.node)
    span = origin.span if origin is not None else Span("", 0, 0)
    branch = tuple(ev.branches)
    ev.add_node(Node(made.node, "join", "join", "", span, tensors, [made], Out(shape), branch=branch))
    return made


def lift(ev: Evaluator, value: Any, function: Callable[[Any], Any]) -> Any:
    """Apply a function to a value, or to each option of a choice."""
    if isinstance(value, Choice):
        return join(ev, [function(option) for option in value.options])
    return function(value)
