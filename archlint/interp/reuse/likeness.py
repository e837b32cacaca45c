"""What a call is given, up to identity: two calls with equal parts give the same under other names.

self.conv = nn.Conv2d(64, 64, 3)     equal in every block of a stage: class, arguments, attributes
x: (N, 64, H, W)                     equal where sizes, roles and the sharing of axes are
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import EllipsisType
from typing import Any

from archlint.dims import Dim
from archlint.interp.evaluator import Evaluator
from archlint.interp.python import builtin_functions as python_builtins
from archlint.interp.python import library
from archlint.values import (
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
    SliceValue,
    Tensor,
    Unknown,
)

MAX_PARTS = 40_000
FEW_PARTS = 200
"""Of what a function is given: describing a model takes longer than most of what functions do to one."""
EFFECTS = frozenset(["__called__", "__inputs_given__", "__tensors_given__", "__entry__", "__result__"])
"""Attributes that a call leaves on a module and that no evaluation reads."""


class Irregular(Exception):
    """Holds something whose likeness cannot be told: a closure, an entry tensor that is still open."""


@dataclass(slots=True)
class Given:
    """Everything reachable from the arguments of a call, in order of the first visit.

    `objects`: what has an identity, `places` their numbers by id; `nodes`, `atoms`, `entries`: numbers in use, each
    with its order of appearance.
    """

    ev: Evaluator
    most: int = MAX_PARTS
    parts: list[Any] = field(default_factory=list)
    objects: list[Any] = field(default_factory=list)
    places: dict[int, int] = field(default_factory=dict)
    nodes: dict[int, int] = field(default_factory=dict)
    atoms: dict[int, int] = field(default_factory=dict)
    entries: dict[int, int] = field(default_factory=dict)


def describe(ev: Evaluator, roots: list[Any], most: int = MAX_PARTS) -> Given:
    """The parts of what a call is given; Irregular if that cannot be told, or if they are too many."""
    given = Given(ev, most)
    for root in roots:
        _add(given, root)
    return given


def _add(given: Given, value: Any) -> None:
    _ADD.get(type(value), _irregular)(given, value)


def _irregular(given: Given, value: Any) -> None:
    raise Irregular


def _text(given: Given, value: Any) -> None:
    given.parts.append(value)


def _typed(given: Given, value: Any) -> None:
    given.parts += (type(value), value)  # 1, 1.0 and True are equal


def _unknown(given: Given, value: Unknown) -> None:
    given.parts += (value, value.where)


def _sequence(given: Given, value: Any) -> None:
    given.parts += (type(value), len(value))
    for item in value:
        _add(given, item)


def _mapping(given: Given, value: dict[Any, Any]) -> None:
    given.parts += (dict, len(value))
    for key, item in value.items():
        _add(given, key)
        _add(given, item)


def _choice(given: Given, value: Choice) -> None:
    given.parts.append(Choice)
    _sequence(given, value.options)


def _slice(given: Given, value: SliceValue) -> None:
    given.parts.append(SliceValue)
    _sequence(given, (value.lower, value.upper, value.step))


def _first_visit(given: Given, value: Any) -> bool:
    place = given.places.get(id(value))
    if place is not None:
        given.parts += (Given, place)
        return False
    given.places[id(value)] = len(given.objects)
    given.objects.append(value)
    if len(given.parts) > given.most:
        raise Irregular
    return True


def _container(given: Given, value: ListValue | SetValue | DictValue) -> None:
    if not _first_visit(given, value):
        return
    given.parts.append(type(value))
    if value.items is None:
        _add(given, value.why)
    elif isinstance(value, DictValue):
        _mapping(given, value.items)
        _add(given, value.default)
    else:
        _sequence(given, value.items)


def _layer(given: Given, value: Layer) -> None:
    if not _first_visit(given, value):
        return
    memory = given.ev.memory
    written = value.ident in memory.rewritten
    kind = None if written else memory.layer_kinds.get(value.ident)
    if kind is None and not written:
        own = Given(given.ev)
        _mapping(own, value.args)
        if not own.objects and not own.nodes and not own.atoms:
            named = (value.spec.name, value.attrs.get("__given__"), *own.parts)
            kind = memory.layer_kinds[value.ident] = memory.kinds.setdefault(named, len(memory.kinds))
    given.parts += (Layer, kind, value.parent is None, len(value.attrs))
    if kind is None:
        given.parts += (value.spec.name, value.attrs.get("__given__"))
        _mapping(given, value.args)
    if len(value.attrs) > 1:
        for name, item in value.attrs.items():
            if name != "__given__":
                given.parts.append(name)
                _add(given, item)


def _object(given: Given, value: Object) -> None:
    if not _first_visit(given, value):
        return
    if value.cls is not None:
        _known(given, value.cls)
    given.parts += (Object, value.kind, value.parent is None)
    for name, item in value.attrs.items():
        if name not in EFFECTS:
            given.parts.append(name)
            _add(given, item)
    given.parts.append(Ellipsis)
    if value.items is not None:
        _mapping(given, value.items)
    if value.native is not None:
        _layer(given, value.native)


def _tensor(given: Given, value: Tensor) -> None:
    ev = given.ev
    fresh = ev.refresh(value)
    if fresh.shape is None and fresh.entry is not None:
        raise Irregular  # its first consumer will settle its shape
    parts = given.parts
    parts += (Tensor, fresh.shape, fresh.dtype, fresh.last, fresh.slot, value.shape is None, fresh.framework)
    parts += (type(fresh.data), fresh.data)
    if fresh.node < 0:
        parts.append(value.node < 0)
    else:
        parts.append(given.nodes.setdefault(fresh.node, len(given.nodes)))
    if fresh.entry is not None:
        parts.append(("entry", given.entries.setdefault(fresh.entry, len(given.entries))))
    if fresh.axes is None:
        return
    atoms = given.atoms
    for axis in fresh.axes:
        parts.append(len(axis))
        for atom in axis:
            parts += (atoms.setdefault(atom.ident, len(atoms)), atom.size, atom.role)


def _known(given: Given, value: Function | Class | Module) -> None:
    """Definitions that stand at module level; others hold what their enclosing call left them."""
    if id(value) not in given.ev.heap.shared:
        raise Irregular
    given.parts.append(id(value))


def _builtin(given: Given, value: Builtin) -> None:
    partial = library.PARTIALS.get(id(value))
    if partial is None:
        if python_builtins.builtins().get(value.name) is not value:
            raise Irregular
        given.parts.append(id(value))
    elif _first_visit(given, value):
        given.parts += (partial.open, *partial.spans.items())
        _add(given, partial.function)
        _mapping(given, partial.keywords)
        _sequence(given, partial.fixed)


def _method(given: Given, value: Method) -> None:
    given.parts.append(Method)
    _add(given, value.receiver)
    _add(given, value.function)
    if value.owner is not None:
        _known(given, value.owner)


_ADD: dict[type, Callable[[Given, Any], None]] = {
    **dict.fromkeys((str, type(None), Dim, External, Nominal, RangeValue, Ratio, frozenset), _text),
    **dict.fromkeys((int, float, bool, bytes, complex, EllipsisType), _typed),
    **dict.fromkeys((tuple, list), _sequence),
    **dict.fromkeys((ListValue, SetValue, DictValue), _container),
    **dict.fromkeys((Function, Class, Module), _known),
    dict: _mapping,
    Unknown: _unknown,
    Choice: _choice,
    SliceValue: _slice,
    Layer: _layer,
    Object: _object,
    Tensor: _tensor,
    Builtin: _builtin,
    Method: _method,
}
