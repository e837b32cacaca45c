"""Containers of the standard library that hold values by name: dataclasses, named tuples, namespaces, dicts."""

from __future__ import annotations

from typing import Any

from archlint.interp.evaluator import Evaluator
from archlint.interp.python import builtin_functions as python_builtins
from archlint.interp.python import construct, iterate
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import Frame
from archlint.values import Builtin, DictValue, Object, Reason, Unknown


def deque(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`deque(items)`."""
    return python_builtins.builtins()["list"].call(ev, frame, Arguments(arguments.positional[:1], {}, arguments.span))


def ordered(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`OrderedDict(items)`."""
    return python_builtins.builtins()["dict"].call(ev, frame, arguments)


def fromkeys(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`dict.fromkeys(range(layers), False)`."""
    from archlint.interp.python import expr

    keys = iterate.items(ev, arguments.get(0, "iterable"))
    if isinstance(keys, Unknown) or not all(map(expr.is_key, keys)):
        return DictValue(None, keys if isinstance(keys, Unknown) else Unknown(Reason.DATA, "a key that is not known"))
    return DictValue(dict.fromkeys(keys, arguments.get(1, "value")))


def defaultdict(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`defaultdict(list)`."""
    if len(arguments.positional) > 1 or arguments.keywords:
        return DictValue(None, Unknown(Reason.SYNTAX, "defaultdict", arguments.span))
    return DictValue({}, default=arguments.get(0, "default_factory"))


def field(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`field(default_factory=list)`."""
    return Object(None, "dataclasses.field", dict(arguments.keywords), ev.serial(), arguments.span)


def replace(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`dataclasses.replace(cfg, depth=4)`."""
    given = arguments.get(0, "obj")
    if not isinstance(given, Object) or arguments.open_keywords:
        return Unknown(Reason.EXTERNAL, "replace", arguments.span)
    items = None if given.items is None else {k: arguments.keywords.get(k, v) for k, v in given.items.items()}
    return Object(given.cls, given.kind, {**given.attrs, **arguments.keywords}, ev.serial(), given.span, items=items)


def asdict(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`dataclasses.asdict(cfg)`."""
    given = arguments.get(0, "obj")
    if not isinstance(given, Object) or given.cls is None:
        return DictValue(None, Unknown(Reason.EXTERNAL, "asdict", arguments.span))
    return DictValue({name: given.attrs.get(name) for name, _, _ in construct.fields(given.cls)})


def namedtuple(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`Config = namedtuple("Config", ["depth", "width"])`."""
    spec = arguments.get(1, "field_names")
    names = spec.replace(",", " ").split() if isinstance(spec, str) else iterate.items(ev, spec)
    if isinstance(names, Unknown):
        return names
    defaults = iterate.items(ev, arguments.keywords.get("defaults", ()))

    def call(ev: Evaluator, frame: Frame, given: Arguments) -> Any:
        values: dict[str, Any] = {}
        tail = [] if isinstance(defaults, Unknown) else defaults
        for place, name in enumerate(names):
            default = place - (len(names) - len(tail))
            missing = tail[default] if default >= 0 else Unknown(Reason.ARGUMENT, name, given.span)
            values[name] = given.get(place, name, missing)
        attrs = {**values, "__type__": factory}
        return Object(None, "collections.namedtuple", attrs, ev.serial(), given.span, items=values)

    factory = Builtin("namedtuple", call)
    return factory


def simple_namespace(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`SimpleNamespace(depth=4)`, `EasyDict({"depth": 4})`."""
    first = arguments.get(0, "dictionary")
    items = dict(first.items) if isinstance(first, DictValue) and first.items is not None else {}
    items.update(arguments.keywords)
    return Object(None, "", {str(k): v for k, v in items.items()}, ev.serial(), arguments.span)


HANDLERS = {
    "collections.deque": deque, "collections.OrderedDict": ordered, "typing.OrderedDict": ordered,
    "collections.OrderedDict.fromkeys": fromkeys,
    "collections.defaultdict": defaultdict, "collections.namedtuple": namedtuple, "dataclasses.field": field,
    "dataclasses.replace": replace, "dataclasses.asdict": asdict, "types.SimpleNamespace": simple_namespace,
    "argparse.Namespace": simple_namespace, "easydict.EasyDict": simple_namespace,
}  # fmt: skip
