"""Methods of Python's own values: text, lists, dicts, sets, numbers."""

from __future__ import annotations

from typing import Any

from archlint.dims import Dim, floordiv
from archlint.interp.evaluator import Evaluator
from archlint.interp.python import alike, among, construct, iterate, mappings
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import Frame
from archlint.interp.python.iterate import OpenShape
from archlint.values import (
    Alike,
    Choice,
    DictValue,
    Layer,
    ListValue,
    Object,
    Ratio,
    Reason,
    SetValue,
    Tensor,
    Unknown,
)

_TEXT = frozenset(
    [
        "format",
        "join",
        "split",
        "rsplit",
        "replace",
        "strip",
        "lstrip",
        "rstrip",
        "lower",
        "upper",
        "startswith",
        "endswith",
        "title",
        "capitalize",
        "find",
        "rfind",
        "index",
        "count",
        "isdigit",
        "isalpha",
        "zfill",
        "partition",
        "rpartition",
        "splitlines",
        "removeprefix",
        "removesuffix",
        "casefold",
        "swapcase",
        "center",
        "ljust",
        "rjust",
        "isnumeric",
        "isidentifier",
        "isalnum",
        "islower",
        "isspace",
        "isupper",
    ]
)


def call_method(ev: Evaluator, frame: Frame, receiver: Any, name: str, arguments: Arguments) -> Any:
    """`layers.append(x)`, `cfg.get("depth", 4)`, `"conv{}".format(i)`."""
    if isinstance(receiver, str):
        return _text(ev, receiver, name, arguments)
    if isinstance(receiver, ListValue):
        return _list(ev, frame, receiver, name, arguments)
    if isinstance(receiver, DictValue):
        found = _dict(ev, receiver, name, arguments)
        if name in ("update", "pop", "setdefault", "clear", "popitem"):
            mappings.wrote(ev, receiver)
        return found
    if isinstance(receiver, SetValue):
        return _set(ev, receiver, name, arguments)
    if isinstance(receiver, tuple):
        return _tuple(receiver, name, arguments)
    if isinstance(receiver, OpenShape):
        if name in ("as_list", "as_proto"):
            return receiver
        if name in ("append", "clear", "extend", "insert", "pop", "remove", "reverse"):
            receiver.change()
        return Unknown(Reason.ARGUMENT, "shape of an input", arguments.span)
    if isinstance(receiver, Object) and name in ("_replace", "_asdict"):
        return _record(ev, receiver, name, arguments)
    if isinstance(receiver, Ratio) and name == "__floor__":
        return floordiv(receiver.num, receiver.den)
    if isinstance(receiver, int) and name == "bit_length":
        return receiver.bit_length()
    if isinstance(receiver, float) and name == "is_integer":
        return receiver.is_integer()
    return Unknown(Reason.SYNTAX, f"method {name}", arguments.span)


def _text(ev: Evaluator, receiver: str, name: str, arguments: Arguments) -> Any:
    values = [*arguments.positional, *arguments.keywords.values()]
    if name == "join" and values:
        items = iterate.items(ev, values[0])
        if isinstance(items, Unknown) or not all(isinstance(i, str) for i in items):
            return Unknown(Reason.DATA, "text with an unknown part", arguments.span)
        return receiver.join(items)
    if (
        name not in _TEXT
        or arguments.open
        or not all(isinstance(v, (str, int, float, tuple, type(None))) for v in values)
    ):
        return Unknown(Reason.DATA, "text with an unknown part", arguments.span)
    try:
        found = getattr(receiver, name)(*arguments.positional, **arguments.keywords)
    except Exception:
        return Unknown(Reason.DATA, f"str.{name}", arguments.span)
    return ListValue(found) if isinstance(found, list) else found


def _list(ev: Evaluator, frame: Frame, receiver: ListValue, name: str, arguments: Arguments) -> Any:
    first = arguments.get(0, "object")
    if name == "copy":
        return ListValue(None if receiver.items is None else list(receiver.items), receiver.why)
    if name in ("as_list", "tolist"):
        return receiver
    if name in ("appendleft", "popleft"):  # of a deque
        end = Arguments([0, *arguments.positional], {}, arguments.span)
        return _list(ev, frame, receiver, "insert" if name == "appendleft" else "pop", end)
    if name in ("append", "extend", "insert", "pop", "remove", "reverse", "clear", "sort"):
        ev.heap.touch(receiver)
        if name == "append":
            alike.appended(ev, receiver, first)
        else:
            ev.growing.pop(id(receiver), None)
    if receiver.items is None:
        if name == "append":
            among.appended(receiver, first)
        elif name in ("extend", "insert", "pop", "remove", "reverse", "sort"):
            among.spoiled(receiver)
        if isinstance(receiver.why, Alike):
            if name in ("append", "extend", "insert"):
                receiver.why = receiver.why.why
            elif name == "pop":
                return receiver.why.form
        if name == "clear":
            receiver.items, receiver.why = [], None
            return None
        return None if name in ("append", "extend", "insert", "sort", "reverse") else iterate.reason(receiver)
    items = receiver.items
    if name == "append":
        items.append(first)
    elif name == "extend":
        iterate.extend(ev, receiver, first)
    elif name == "insert" and isinstance(first, int):
        items.insert(first, arguments.get(1, "object"))
    elif name == "reverse":
        items.reverse()
    elif name == "clear":
        items.clear()
    elif name == "pop" and (first is None or isinstance(first, int)):
        at = -1 if first is None else first
        return items.pop(at) if -len(items) <= at < len(items) else Unknown(Reason.DATA, "pop", arguments.span)
    elif name in ("index", "count") and not isinstance(first, (Unknown, Choice, Tensor)):
        return items.index(first) if name == "index" and first in items else items.count(first)
    elif name == "sort" and all(isinstance(i, (int, float)) for i in items) and "key" not in arguments.keywords:
        items.sort(reverse=bool(arguments.keywords.get("reverse", False)))
    else:
        if name in ("insert", "pop", "remove", "sort"):
            receiver.items, receiver.why = None, Unknown(Reason.DATA, name, arguments.span)
        return Unknown(Reason.DATA, f"list.{name}", arguments.span)
    return None


def _dict(ev: Evaluator, receiver: DictValue, name: str, arguments: Arguments) -> Any:
    key, default = arguments.get(0, "key"), arguments.get(1, "default")
    if name in ("update", "pop", "setdefault", "clear", "popitem", "move_to_end"):
        ev.heap.touch(receiver)
        if id(receiver) in ev.forms:
            receiver.items, receiver.why = None, Unknown(Reason.LOOP, "one of many was written to", arguments.span)
    if name == "update":
        return _update(receiver, key, arguments)
    if receiver.items is None:
        if name == "setdefault":
            return default if default is not None else iterate.reason(receiver)
        return iterate.reason(receiver)
    items = receiver.items
    if name == "items":
        return ListValue([(k, v) for k, v in items.items()])
    if name == "keys":
        return ListValue(list(items))
    if name == "values":
        return ListValue(list(items.values()))
    if name == "copy":
        return DictValue(dict(items))
    if name == "clear":
        items.clear()
        return None
    if name in ("get", "pop", "setdefault"):
        if isinstance(key, (Unknown, Choice, Tensor, ListValue, Dim)):
            if name != "get":
                receiver.items, receiver.why = None, Unknown(Reason.DATA, "a key that is not known", arguments.span)
            return Unknown(Reason.DATA, "a key that is not known", arguments.span)
        if name == "setdefault":
            return items.setdefault(key, default)
        return items.pop(key, default) if name == "pop" else items.get(key, default)
    return Unknown(Reason.DATA, f"dict.{name}", arguments.span)


def _update(receiver: DictValue, given: Any, arguments: Arguments) -> None:
    if arguments.open_keywords or (
        given is not None and not (isinstance(given, DictValue) and given.items is not None)
    ):
        receiver.items, receiver.why = None, Unknown(Reason.DATA, "update from an unknown mapping", arguments.span)
        return
    if receiver.items is not None:
        receiver.items.update((given.items or {}) if isinstance(given, DictValue) else {})
        receiver.items.update(arguments.keywords)


def _set(ev: Evaluator, receiver: SetValue, name: str, arguments: Arguments) -> Any:
    ev.heap.touch(receiver)
    first = arguments.get(0, "elem")
    if receiver.items is None:
        return None if name in ("add", "update", "discard") else iterate.reason(receiver)
    if name == "add":
        if first not in receiver.items:
            receiver.items.append(first)
        return None
    if name == "update":
        more = iterate.items(ev, first)
        if isinstance(more, Unknown):
            receiver.items, receiver.why = None, more
        else:
            receiver.items.extend(m for m in more if m not in receiver.items)
        return None
    if name in ("discard", "remove"):
        receiver.items = [i for i in receiver.items if i != first]
        return None
    return Unknown(Reason.DATA, f"set.{name}", arguments.span)


def _tuple(receiver: tuple[Any, ...], name: str, arguments: Arguments) -> Any:
    if name in ("as_list", "tolist"):
        return ListValue(list(receiver))
    if name == "numel":
        from archlint.dims import product

        sizes = [s if isinstance(s, (int, Dim)) else None for s in receiver]
        total = product(sizes)
        return Unknown(Reason.ARGUMENT, "size of an input") if total is None else total
    if name in ("rank", "ndims", "ndim"):
        return len(receiver)
    if name in ("dims", "shape"):
        return receiver
    first = arguments.get(0, "value")
    if name in ("index", "count") and not isinstance(first, (Unknown, Choice, Tensor)):
        return receiver.index(first) if name == "index" and first in receiver else receiver.count(first)
    return Unknown(Reason.SYNTAX, f"tuple.{name}", arguments.span)


def _record(ev: Evaluator, receiver: Object, name: str, arguments: Arguments) -> Any:
    values = dict(receiver.attrs)
    if name == "_asdict":
        return DictValue(values)
    values.update(arguments.keywords)
    items = None if receiver.items is None else {k: values[k] for k in receiver.items}
    return Object(receiver.cls, receiver.kind, values, ev.serial(), receiver.span, items=items)


def deep_copy(ev: Evaluator, value: Any, seen: dict[int, Any]) -> Any:
    """`copy.deepcopy`: layers and modules get identities of their own."""
    if id(value) in seen:
        return seen[id(value)]
    if isinstance(value, tuple):
        return tuple(deep_copy(ev, v, seen) for v in value)
    copied: Any
    if isinstance(value, ListValue):
        copied = seen[id(value)] = ListValue(None, value.why)
        copied.items = None if value.items is None else [deep_copy(ev, v, seen) for v in value.items]
        return copied
    if isinstance(value, DictValue):
        copied = seen[id(value)] = DictValue(None, value.why)
        copied.items = None if value.items is None else {k: deep_copy(ev, v, seen) for k, v in value.items.items()}
        return copied
    if isinstance(value, Layer):
        copied = Layer(value.spec, dict(value.args), value.arg_spans, value.span, ev.serial(), attrs=dict(value.attrs))
        seen[id(value)] = copied
        ev.session.layers.append(copied)
        return copied
    if isinstance(value, Object):
        return _copy_object(ev, value, seen)
    return value


def _copy_object(ev: Evaluator, value: Object, seen: dict[int, Any]) -> Object:
    made = Object(value.cls, value.kind, {}, ev.serial(), value.span, attr_spans=dict(value.attr_spans))
    seen[id(value)] = made
    ev.session.objects.append(made)
    made.attrs.update({k: deep_copy(ev, v, seen) for k, v in value.attrs.items()})
    for name, child in made.attrs.items():
        construct.adopt(made, name, child)
    if value.items is not None:
        made.items = {}
        for name, child in value.items.items():
            construct.put_child(ev, made, name, deep_copy(ev, child, seen))
    if value.native is not None:
        made.native = deep_copy(ev, value.native, seen)
    return made
