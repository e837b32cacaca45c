"""Doing again what a call did, with its nodes, layers and axes under new numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import EllipsisType
from typing import Any

from archlint.dims import Dim
from archlint.graph import Node
from archlint.interp.evaluator import Evaluator
from archlint.interp.python import library
from archlint.interp.reuse import likeness
from archlint.interp.reuse.memory import Place, Record
from archlint.interp.tensors import apply
from archlint.values import (
    Alike,
    Among,
    Atom,
    Axis,
    Builtin,
    Choice,
    Class,
    DictValue,
    External,
    Function,
    Layer,
    ListValue,
    Method,
    Module,
    Nominal,
    Object,
    RangeValue,
    Ratio,
    SetValue,
    Tensor,
    Unknown,
)


@dataclass(slots=True)
class Copy:
    """A copy of values in the making.

    While a record is made, `places` names what the call was given, and nothing is renumbered.  While it is replayed,
    `given` holds what stands in those places now; nodes from `first` to `last` and serial numbers behind `mark` are
    moved by `nodes_by` and `serials_by`, given ones are looked up.
    """

    ev: Evaluator
    first: int
    mark: int
    last: int = 0
    places: dict[int, int] = field(default_factory=dict)
    given: list[Any] = field(default_factory=list)
    nodes_by: int = 0
    serials_by: int = 0
    nodes: dict[int, int] = field(default_factory=dict)
    atoms: dict[int, int] = field(default_factory=dict)
    entries: dict[int, int] = field(default_factory=dict)
    renumbers: bool = False
    made: dict[int, Any] = field(default_factory=dict)
    axes: dict[int, tuple[Any, Any]] = field(default_factory=dict)

    def value(self, value: Any) -> Any:
        """The copy of a value; Irregular if it holds what cannot be copied."""
        copy = _COPY.get(type(value))
        if copy is None:
            raise likeness.Irregular
        return copy(self, value)

    def serial(self, number: int) -> int:
        """A serial number as it is called in the copy."""
        return number + self.serials_by if number > self.mark else number

    def tensor(self, tensor: Tensor) -> Tensor:
        """A tensor under its new numbers, one for each old one."""
        if not self.renumbers:
            return tensor
        known = self.made.get(id(tensor))
        if known is not None:
            return known[1]  # type: ignore[no-any-return]
        node = tensor.node
        node = node + self.nodes_by if self.first <= node < self.last else self.nodes.get(node, node)
        entry = None if tensor.entry is None else self.entries.get(tensor.entry, tensor.entry)
        axes = None if tensor.axes is None else tuple(self.axis(axis) for axis in tensor.axes)
        copied = Tensor(
            tensor.shape, tensor.dtype, axes, node, tensor.slot, tensor.last, entry, tensor.data, tensor.framework
        )
        self.made[id(tensor)] = (tensor, copied)
        return copied

    def axis(self, axis: Axis) -> Axis:
        """An axis under its new numbers."""
        known = self.axes.get(id(axis))
        if known is not None:
            return known[1]  # type: ignore[no-any-return]
        atoms, shift, mark = self.atoms, self.serials_by, self.mark
        copied = tuple(
            Atom(a.ident + shift if a.ident > mark else atoms.get(a.ident, a.ident), a.size, a.role) for a in axis
        )
        self.axes[id(axis)] = (axis, copied)
        return copied

    def node(self, node: Node, record: Record, calls: tuple[Any, ...], branch: tuple[Any, ...]) -> Node:
        """An application on the new tensors, by the new layer."""
        path, made_at, layer, args, arg_spans = node.path, node.made_at, node.layer, node.args, node.arg_spans
        place = None if layer is None else record.layers.get(layer)
        if place is not None:
            own: Layer = self.given[place]
            path, made_at, layer, args, arg_spans = apply.path_of(own), own.span, own.ident, own.args, own.arg_spans
        else:
            layer = None if layer is None else self.serial(layer)
            if next(apply.tensors_in(args), None) is not None:
                args = _raw(self, args)
        inputs = [self.tensor(t) for t in node.inputs]
        span = node.span
        if node.op == "join":
            origin = self.ev.node(inputs[0].node)
            span = origin.span if origin is not None else span
        inner = tuple((self.serial(test), arm) for test, arm in node.branch[record.branches :])
        return Node(
            node.id + self.nodes_by,
            node.op,
            node.family,
            path,
            span,
            inputs,
            [self.tensor(t) for t in node.outputs],
            node.out,
            args,
            node.given,
            arg_spans,
            made_at,
            layer,
            node.faults,
            [],
            calls + node.calls[record.depth :] if node.calls else (),
            branch + inner,
            node.weights,
            node.repeats,
            node.scope_known,
            node.unknown,
        )


def again(ev: Evaluator, record: Record, given: likeness.Given) -> Any:
    """Do what the record says to what is given now; the value of the call.  RecursionError leaves all as it was."""
    first, mark = ev.next_node(), ev.reserve(record.used)
    copy = Copy(
        ev,
        record.first,
        record.mark,
        record.first + len(record.made),
        given=given.objects,
        nodes_by=first - record.first,
        serials_by=mark - record.mark,
        nodes=dict(zip(record.nodes, given.nodes)),
        atoms=dict(zip(record.atoms, given.atoms)),
        entries=dict(zip(record.entries, given.entries)),
        renumbers=True,
    )
    objects = [copy.value(made) for made in record.objects]  # first: should it recurse too deeply, nothing is done
    layers = [copy.value(made) for made in record.layers_made]
    result = copy.value(record.result)
    calls, branch = tuple(ev.calls), tuple(ev.branches)
    for node, names in record.made:
        made = ev.add_node(copy.node(node, record, calls, branch))
        made.names += names
    numbers = list(given.nodes)
    for place, names in record.named:
        origin = ev.node(numbers[place])
        if origin is not None:
            origin.names += names
    for place in record.called:
        given.objects[place].attrs["__called__"] = True
    ev.session.stops += record.stops
    ev.doubts += record.doubts
    ev.session.objects += objects
    ev.session.layers += layers
    return result


def _same(copy: Copy, value: Any) -> Any:
    return value


def _tuple(copy: Copy, value: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(copy.value(item) for item in value)


def _raw(copy: Copy, value: Any) -> Any:
    """An argument as a declaration got it: plain containers, where only tensors need copying."""
    if isinstance(value, Tensor):
        return copy.tensor(value)
    if isinstance(value, (list, tuple)):
        return type(value)(_raw(copy, v) for v in value)
    if isinstance(value, dict):
        return {k: _raw(copy, v) for k, v in value.items()}
    return value


def _tensor(copy: Copy, value: Tensor) -> Tensor:
    return copy.tensor(value)


def _place(copy: Copy, value: Place) -> Any:
    return copy.given[value.number]


def _known(copy: Copy, value: Function | Class | Module) -> Any:
    if not copy.renumbers and id(value) not in copy.ev.heap.shared:
        raise likeness.Irregular
    return value


def _builtin(copy: Copy, value: Builtin) -> Any:
    place = copy.places.get(id(value))
    if place is not None:
        return Place(place)
    partial = library.PARTIALS.get(id(value))
    if partial is not None and not copy.renumbers:  # made by the call itself: shared, if all it holds can be
        parts = (partial.function, *partial.fixed, *partial.keywords.values())
        if any(_COPY.get(type(part)) not in (_same, _known) for part in parts):
            raise likeness.Irregular
        for part in parts:
            copy.value(part)
    return value


def _found(copy: Copy, value: Any, holder: Any) -> Any:
    """What stands for a thing with an identity that is given, shared by the module, or copied already."""
    known = copy.made.get(id(value))
    if known is not None:
        return known[1]
    place = copy.places.get(id(value))
    if place is not None:
        return Place(place)
    return value if id(holder) in copy.ev.heap.shared else None


def _container(copy: Copy, value: ListValue | SetValue | DictValue) -> Any:
    found = _found(copy, value, value)
    if found is not None:
        return found
    if isinstance(value.why, (Alike, Among)):
        raise likeness.Irregular  # its form holds the numbers of this call's nodes
    made: Any = copy.ev.heap.born(type(value)(None, value.why))
    copy.made[id(value)] = (value, made)
    if isinstance(value, DictValue):
        made.default = copy.value(value.default)
        made.items = None if value.items is None else {k: copy.value(v) for k, v in value.items.items()}
    else:
        made.items = None if value.items is None else [copy.value(v) for v in value.items]
    return made


def _layer(copy: Copy, value: Layer) -> Any:
    found = _found(copy, value, value.attrs)
    if found is not None:
        return found
    if value.ident <= copy.mark:
        raise likeness.Irregular
    made = Layer(value.spec, value.args, value.arg_spans, value.span, copy.serial(value.ident), value.name)
    copy.made[id(value)] = (value, made)
    if any(_COPY.get(type(arg)) not in (_same, _tuple, _known) for arg in value.args.values()):
        made.args = {k: copy.value(v) for k, v in value.args.items()}
    made.parent = copy.value(value.parent)
    made.attrs = {k: copy.value(v) for k, v in value.attrs.items()}
    return made


def _object(copy: Copy, value: Object) -> Any:
    found = _found(copy, value, value.attrs)
    if found is not None:
        return found
    if value.ident <= copy.mark or "__inputs_given__" in value.attrs:
        raise likeness.Irregular
    if value.cls is not None:
        copy.value(value.cls)
    born = copy.ev.heap.born
    made = Object(value.cls, value.kind, born({}), copy.serial(value.ident), value.span, value.name)
    copy.made[id(value)] = (value, made)
    made.parent = copy.value(value.parent)
    made.attrs.update({k: copy.value(v) for k, v in value.attrs.items()})
    made.items = None if value.items is None else born({k: copy.value(v) for k, v in value.items.items()})
    made.native = copy.value(value.native)
    made.attr_spans = dict(value.attr_spans)
    return made


def _list(copy: Copy, value: list[Any]) -> list[Any]:
    return [copy.value(item) for item in value]


def _choice(copy: Copy, value: Choice) -> Choice:
    return Choice(tuple(copy.value(option) for option in value.options))


def _method(copy: Copy, value: Method) -> Method:
    if not isinstance(value.function, str):
        copy.value(value.function)
    return Method(copy.value(value.receiver), value.function, value.owner)


_ATOMIC = (str, type(None), int, float, bool, bytes, complex, EllipsisType, Dim, External, Nominal, RangeValue, Ratio)
_COPY: dict[type, Callable[[Copy, Any], Any]] = {
    **dict.fromkeys((*_ATOMIC, Unknown, frozenset), _same),
    **dict.fromkeys((ListValue, SetValue, DictValue), _container),
    **dict.fromkeys((Function, Class, Module), _known),
    tuple: _tuple,
    list: _list,
    Tensor: _tensor,
    Place: _place,
    Builtin: _builtin,
    Layer: _layer,
    Object: _object,
    Choice: _choice,
    Method: _method,
}
