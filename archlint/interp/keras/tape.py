"""Calling a functional model again: what was applied between its inputs and outputs is applied to the new input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archlint.interp.evaluator import Evaluator, Event
from archlint.interp.python import iterate
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import Frame
from archlint.interp.tensors import apply
from archlint.values import DictValue, ListValue, Object, Reason, Tensor, Unknown


def note(ev: Evaluator, positional: list[Any], keywords: dict[str, Any], redo: Callable[..., Any]) -> Any:
    """Run an application and write it down, unless it happens inside one that is written down already."""
    if ev.tape_depth:
        return redo(positional, keywords)
    ev.tape_depth += 1
    try:
        result = redo(positional, keywords)
    finally:
        ev.tape_depth -= 1
    if any(t.framework != "torch" for t in apply.tensors_in(apply.plain(result))):
        ev.tape.append(Event(positional, keywords, redo, result))
    return result


def _list(ev: Evaluator, value: Any) -> list[Any]:
    if isinstance(value, DictValue):
        return list((value.items or {}).values())
    if isinstance(value, (ListValue, tuple)):
        items = iterate.items(ev, value)
        return [] if isinstance(items, Unknown) else items
    return [value]


def replay(ev: Evaluator, frame: Frame, model: Object, arguments: Arguments) -> Any:
    """The model's outputs for new inputs; its layers keep their identity."""
    inputs, outputs = model.attrs.get("__inputs__"), model.attrs.get("__outputs__")
    given: Any = arguments.get(0, "inputs")
    if len(arguments.positional) > 1:
        given = tuple(arguments.positional)
    old, new = _list(ev, inputs), _list(ev, given)
    foreign = any(isinstance(t, Tensor) and ev.node(t.node) is None for t in old)  # applied in another session
    if foreign or len(old) != len(new) or not all(isinstance(t, Tensor) for t in (*old, *new)):
        return apply.opaque(ev, "keras.Model", arguments, Unknown(Reason.SYNTAX, "inputs of a model", arguments.span))
    known: dict[tuple[int, int], Any] = {(a.node, a.slot): b for a, b in zip(old, new)}
    ev.tape_depth += 1
    try:
        for event in list(ev.tape):
            values = [*event.positional, *event.keywords.values()]
            if not any((t.node, t.slot) in known for v in values for t in apply.tensors_in(apply.plain(v))):
                continue
            positional = [_mapped(v, known) for v in event.positional]
            keywords = {k: _mapped(v, known) for k, v in event.keywords.items()}
            _pair(event.result, event.redo(positional, keywords), known)
    finally:
        ev.tape_depth -= 1
    return _mapped(outputs, known)


def _mapped(value: Any, known: dict[tuple[int, int], Any]) -> Any:
    if isinstance(value, Tensor):
        return known.get((value.node, value.slot), value)
    if isinstance(value, tuple):
        return tuple(_mapped(v, known) for v in value)
    if isinstance(value, ListValue):
        return ListValue(None if value.items is None else [_mapped(v, known) for v in value.items], value.why)
    if isinstance(value, DictValue):
        return DictValue(
            None if value.items is None else {k: _mapped(v, known) for k, v in value.items.items()}, value.why
        )
    return value


def _pair(old: Any, new: Any, known: dict[tuple[int, int], Any]) -> None:
    if isinstance(old, Tensor):
        known[(old.node, old.slot)] = new
    elif isinstance(old, tuple) and isinstance(new, tuple):
        for a, b in zip(old, new):
            _pair(a, b, known)
    elif isinstance(old, ListValue) and isinstance(new, ListValue):
        for a, b in zip(old.items or [], new.items or []):
            _pair(a, b, known)
    elif isinstance(old, DictValue) and isinstance(new, DictValue):
        for key, value in (old.items or {}).items():
            _pair(value, (new.items or {}).get(key), known)
