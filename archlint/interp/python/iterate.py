"""What a `for` loop, `*` or unpacking sees."""

from __future__ import annotations

from typing import Any

from archlint.dims import Dim
from archlint.interp.budget import MAX_LOOP
from archlint.interp.data import array_forms
from archlint.interp.evaluator import Evaluator
from archlint.interp.python import among, mappings
from archlint.interp.python.join import join
from archlint.layers.torch import contents
from archlint.values import (
    Alike,
    Among,
    Array,
    Batches,
    Choice,
    DictValue,
    ListValue,
    Object,
    RangeValue,
    Reason,
    SetValue,
    SliceValue,
    Tensor,
    Unknown,
)


def items(ev: Evaluator, value: Any) -> list[Any] | Unknown:
    """The elements in order, or why they are not known."""
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, (ListValue, SetValue)):
        return reason(value) if value.items is None else list(value.items)
    if isinstance(value, DictValue):
        return reason(value) if value.items is None else list(value.items)
    if isinstance(value, RangeValue):
        found = range(value.start, value.stop, value.step)
        return list(found) if len(found) <= MAX_LOOP else Unknown(Reason.BUDGET, "too many iterations")
    if isinstance(value, str):
        return list(value)
    if isinstance(value, bytes):
        return list(value)
    if isinstance(value, Object) and value.items is not None:
        if "__unknown_items__" in value.attrs:
            return Unknown(Reason.LOOP, "children added in a loop of unknown length")
        return list(value.items) if value.kind == "torch.nn.ModuleDict" else list(value.items.values())
    if isinstance(value, Object) and (each := mappings.special(ev, value, "__iter__")) is not None:
        return items(ev, each) if each is not value else Unknown(Reason.SYNTAX, "an iterator of the project")
    if (held := mappings.storage(value)) is not None:
        return items(ev, held)
    if isinstance(value, Object) and value.items is None and mappings.defines(value, "__getitem__"):
        return _by_index(ev, value)
    if isinstance(value, Tensor):
        return _rows(ev, value)
    if isinstance(value, Array):
        return items(ev, array_forms.rows(value))
    if isinstance(value, Batches):
        return Unknown(Reason.LOOP, "the batches of a data set")
    if isinstance(value, Choice):
        columns = [items(ev, option) for option in value.options]
        known = [c for c in columns if not isinstance(c, Unknown)]
        if len(known) == len(columns) and len({len(c) for c in known}) == 1:
            return [join(ev, list(column)) for column in zip(*known)]
        return Unknown(Reason.BRANCH, "a sequence that depends on an undecided test")
    if isinstance(value, Unknown):
        return bare(value)
    return Unknown(Reason.SYNTAX, "iteration over a value that is not modelled")


def _by_index(ev: Evaluator, value: Object) -> list[Any] | Unknown:
    """Iteration over an object that has only `__len__` and `__getitem__`: a `Sequence` of the project's."""
    count = length(ev, value) if mappings.defines(value, "__len__") else None
    if not isinstance(count, int) or count > MAX_LOOP:
        return Unknown(Reason.LOOP, "a sequence of the project's of unknown length")
    return [mappings.special(ev, value, "__getitem__", index) for index in range(count)]


def reason(*values: ListValue | DictValue | SetValue) -> Unknown:
    """Why the elements of a container (the first such) are not known."""
    for value in values:
        if value.items is None and value.why is not None:
            return bare(value.why.why if isinstance(value.why, (Alike, Among)) else value.why)
    return Unknown(Reason.LOOP, "elements not known")


def bare(why: Unknown) -> Unknown:
    """Why something is not known that is not the value itself: what stands in a list of `range(n)` is not `n`."""
    return Unknown(why.why, why.about, why.where)


def _rows(ev: Evaluator, tensor: Tensor) -> list[Any] | Unknown:
    """Iterating over a tensor goes along its first axis."""
    tensor = ev.refresh(tensor)
    if isinstance(tensor.data, tuple):
        return list(tensor.data)
    known = contents.rows(tensor)
    if known is not None:
        return list(known)
    if not tensor.shape or not isinstance(tensor.shape[0], int) or tensor.shape[0] > MAX_LOOP:
        return Unknown(Reason.DATA, "iteration over a tensor of unknown length")
    axes = None if tensor.axes is None else tensor.axes[1:]
    row = Tensor(tensor.shape[1:], tensor.dtype, axes, tensor.node, tensor.slot, framework=tensor.framework)
    return [row] * tensor.shape[0]


def unpack(ev: Evaluator, value: Any, count: int, names: list[str] | None) -> list[Any] | Unknown:
    """Elements for `a, b, c = value`.  An open shape takes its rank from the number of targets."""
    if isinstance(value, OpenShape):
        return value.take(ev, count, names)
    if isinstance(value, Unknown):
        return bare(value)
    if isinstance(value, ListValue) and value.items is None and isinstance(value.why, Alike):
        return [value.why.form] * count
    return items(ev, value)


A_SIZE = Unknown(Reason.ARGUMENT, "shape of an input of unknown rank", number=True, whole=True)


class OpenShape:
    """`x.shape` of a tensor whose rank is not known yet; `part`: some of its sizes, `x.shape[-2:]`.

    `without`: all but so many of the last ones, followed by the sizes `more`: `x.shape[:-1] + (64,)`.
    """

    __slots__ = ("more", "part", "tensor", "without")

    def __init__(
        self, tensor: Tensor, part: bool = False, without: int | None = None, more: tuple[Any, ...] = ()
    ) -> None:
        self.tensor, self.part, self.without, self.more = tensor, part, without, more

    def take(self, ev: Evaluator, count: int, names: list[str] | None) -> list[Any] | Unknown:
        """`b, c, h, w = x.shape` proves the rank: the entry tensor gets symbols of these names."""
        if self.part:
            return [*[A_SIZE] * (count - len(self.more)), *self.more]
        fresh = ev.refresh(self.tensor)
        if fresh.shape is not None:
            return list(fresh.shape)
        if names is None or self.tensor.entry is None or ev.branches:
            return Unknown(Reason.ARGUMENT, "shape of an input of unknown rank")
        entry = ev.entry(self.tensor.entry)
        if entry is None:
            return Unknown(Reason.ARGUMENT, "shape of an input of unknown rank")
        shape: list[Any] = [ev.symbol(_letter(n)) for n in names]
        if entry.last is not None:
            shape[-1] = entry.last
        ev.bind_entry(self.tensor.entry, tuple(shape), ("",) * count, "first layer")
        return shape

    def at(self, ev: Evaluator, index: int) -> Any:
        """`x.shape[0]`, `x.size(-1)` of a tensor of unknown rank: a symbol for its batch, or its last size."""
        if self.part:
            return self.more[index] if -len(self.more) <= index < 0 else A_SIZE
        fresh = ev.refresh(self.tensor)
        if fresh.shape is not None:
            inside = -len(fresh.shape) <= index < len(fresh.shape)
            return fresh.shape[index] if inside else Unknown(Reason.SYNTAX, "axis out of range")
        if index == -1 and fresh.last is not None:
            return fresh.last
        entry = ev.entry(self.tensor.entry)
        if entry is not None:
            entry.asked = True
        return A_SIZE

    def cut(self, index: SliceValue) -> OpenShape:
        """`x.shape[-2:]`: some of the sizes; `x.shape[:-1]`: the leading ones."""
        leading = index.lower in (None, 0) and index.step in (None, 1)
        if self.part or not leading or type(index.upper) is not int or index.upper >= 0:
            return OpenShape(self.tensor, True)
        return OpenShape(self.tensor, True, -index.upper)

    def change(self) -> None:
        """`sizes = list(x.shape); sizes.append(4)`: which sizes these are is not known any more."""
        self.part, self.without, self.more = True, None, ()

    def followed(self, sizes: list[Any]) -> OpenShape:
        """`x.shape[:-1] + (64,)`."""
        return OpenShape(self.tensor, True, self.without, (*self.more, *sizes))


def _letter(name: str) -> str:
    return "_".join(part for part in name.split("_") if part) or "D"


def extend(ev: Evaluator, target: ListValue, value: Any) -> None:
    """`target += value` in place."""
    more = items(ev, value)
    ev.heap.touch(target)
    ev.growing.pop(id(target), None)
    if isinstance(more, Unknown):
        target.items, target.why = None, more
    elif target.items is not None:
        target.items.extend(more)
    else:
        among.spoiled(target)


def length(ev: Evaluator, value: Any) -> int | Dim | Unknown:
    """`len(value)`."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, Tensor):
        value = ev.refresh(value)
        if isinstance(value.data, tuple):
            return len(value.data)
        size = value.shape[0] if value.shape else None
        return Unknown(Reason.DATA, "length of a tensor") if size is None else size
    if isinstance(value, (Array, Batches)):
        size = value.length if isinstance(value, Batches) else value.shape[0] if value.shape else None
        return Unknown(Reason.DATA, "length of data") if size is None else size
    if isinstance(value, OpenShape):
        return Unknown(Reason.ARGUMENT, "rank of an input")
    if isinstance(value, Object) and (counted := mappings.special(ev, value, "__len__")) is not None:
        return counted if isinstance(counted, (int, Dim, Unknown)) else Unknown(Reason.DATA, "__len__")
    found = items(ev, value)
    return found if isinstance(found, Unknown) else len(found)
