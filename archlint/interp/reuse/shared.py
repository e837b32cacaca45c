"""What can be reached from the names of modules: writes to it are counted (`Heap.epoch`), and outlive a call."""

from __future__ import annotations

from typing import Any

from archlint.interp.evaluator import Evaluator
from archlint.interp.python import rebound
from archlint.interp.python.frame import Frame
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
    Object,
    SetValue,
    Unknown,
)

_PLAIN = frozenset([str, int, float, bool, type(None), External, Unknown])


def scan(ev: Evaluator) -> None:
    """Find out what modules hold: of new ones after an import, of what was written to after a write to any of it.

    What they held and hold no longer stays among it: that costs a record at most.
    """
    heap = ev.heap
    if not heap.rewritten and heap.modules == len(ev.modules):
        return
    shared = heap.shared
    queue: list[Any] = list(ev.modules.values())[heap.modules :]
    for written in heap.rewritten.values():
        queue += written.values() if isinstance(written, dict) else _held(written)
    heap.rewritten.clear()
    heap.modules = len(ev.modules)
    while queue:
        value = queue.pop()
        kind = type(value)
        if kind in _PLAIN:
            continue
        if kind is tuple:
            queue += value
            continue
        if kind is Choice:
            queue += value.options
            continue
        holders = _holders(value)
        if not holders or id(holders[0]) in shared:
            continue
        seen = kind is Frame and id(value.names) in shared  # every statement of a module has a frame of its names
        for holder in holders:
            shared[id(holder)] = holder
        queue += [value.parent, value.receiver] if seen else _held(value)


def _holders(value: Any) -> list[Any]:
    """What is touched when a value is written to; first itself, where its identity matters."""
    match value:
        case ListValue() | DictValue() | SetValue() | Method():
            return [value]
        case Module():
            return [value, value.names]
        case Frame():
            return [value, value.names]
        case Class() | Function() | Layer():
            return [value, value.attrs]
        case Object():
            return [value, value.attrs, *([] if value.items is None else [value.items])]
        case Builtin():
            return [value]
    return []


def _held(value: Any) -> list[Any]:
    match value:
        case ListValue() | SetValue():
            return value.items or []
        case DictValue():
            return [value.default, *(value.items or {}).values()]
        case Module():
            return [*value.names.values(), *value.stars]
        case rebound.Rebound():
            return [value.old]
        case Frame():
            return [*value.names.values(), value.parent, value.receiver]
        case Class():
            return [*value.attrs.values(), *value.bases]
        case Function():
            return [*value.defaults.values(), *value.attrs.values(), value.closure, value.owner]
        case Layer():
            return [*value.attrs.values(), *value.args.values()]
        case Object():
            return [*value.attrs.values(), *(value.items or {}).values(), value.native, value.cls]
        case Method():
            return [value.receiver, value.function]
        case Builtin():
            from archlint.interp.python import library  # which imports what imports this

            partial = library.PARTIALS.get(id(value))
            return [] if partial is None else [partial.function, *partial.fixed, *partial.keywords.values()]
    return []
