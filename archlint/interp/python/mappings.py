"""Objects whose class derives from `dict` or `OrderedDict`, and the `__dict__` of plain objects.

class Output(OrderedDict):               what `dict` itself holds for the object stands in a DictValue of its own,
    def __setitem__(self, key, value):   which `super().__setitem__(key, value)` writes to
        super().__setitem__(key, value)
"""

from __future__ import annotations

from typing import Any

from archlint.interp.evaluator import Evaluator
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import Frame
from archlint.layers import canonical
from archlint.values import Builtin, Class, DictValue, External, Object, Reason, Unknown

_MAPPINGS = {"dict", "collections.OrderedDict", "collections.UserDict", "typing.OrderedDict"}
_METHODS = {
    "get", "items", "keys", "values", "update", "pop", "setdefault", "copy", "clear", "popitem", "move_to_end",
    "__getitem__", "__setitem__", "__contains__", "__len__", "__iter__",
}  # fmt: skip
_HIDDEN = "__mapping__"


def storage(value: Any) -> DictValue | None:
    """What `dict` holds for an object of a class that derives from it."""
    held = value.attrs.get(_HIDDEN) if isinstance(value, Object) else None
    return held if isinstance(held, DictValue) else None


def begin(ev: Evaluator, made: Object, cls: Class) -> None:
    """An instance was made: give it its storage if its class derives from `dict`."""
    if any(_is_mapping(base) for base in cls.mro):
        made.attrs[_HIDDEN] = ev.heap.born(DictValue({}))


def _is_mapping(base: Any) -> bool:
    name = base.name if isinstance(base, Builtin) else canonical(base.name) if isinstance(base, External) else ""
    return name in _MAPPINGS


def initialised(ev: Evaluator, frame: Frame, made: Object, base: Any, arguments: Arguments) -> bool:
    """`super().__init__(pairs)` that reaches `dict`."""
    from archlint.interp.python import builtin_functions as python_builtins

    held = storage(made)
    if held is None or not _is_mapping(base):
        return False
    filled = python_builtins.builtins()["dict"].call(ev, frame, arguments)
    ev.heap.touch(held)
    held.items, held.why = (filled.items, filled.why) if isinstance(filled, DictValue) else (None, None)
    return True


def offers(name: str) -> bool:
    """Is it a method of `dict`?"""
    return name in _METHODS


def call(ev: Evaluator, frame: Frame, held: DictValue, name: str, arguments: Arguments) -> Any:
    """`dict`'s own method on what it holds."""
    from archlint.interp.python import containers, iterate, subscript

    key = arguments.get(0, "key")
    if name == "__getitem__":
        return subscript.get(ev, frame, held, key, arguments.span)
    if name == "__setitem__":
        return subscript.put(ev, held, key, arguments.get(1, "value"))
    if name == "__contains__":
        known = held.items is not None and not isinstance(key, Unknown)
        return key in (held.items or ()) if known else Unknown(Reason.BRANCH, "undecided test", arguments.span)
    if name == "__len__":
        return iterate.length(ev, held)
    if name == "__iter__":
        return held
    return containers.call_method(ev, frame, held, name, arguments)


_ABSTRACT = {"collections.abc.MutableMapping", "collections.abc.Mapping", "typing.Mapping", "typing.MutableMapping"}


def mixin(ev: Evaluator, value: Object, name: str) -> Builtin | None:
    """A method that `collections.abc.Mapping` makes of the class's own `__iter__` and `__getitem__`."""
    bases = value.cls.mro if value.cls is not None else ()
    if name not in ("get", "keys", "items", "values", "__contains__"):
        return None
    if not any(isinstance(base, External) and base.name in _ABSTRACT for base in bases):
        return None

    def run(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
        from archlint.interp.python import iterate

        names = iterate.items(ev, value)
        if isinstance(names, Unknown):
            return names
        pairs = {key: special(ev, value, "__getitem__", key) for key in names} if name != "__contains__" else {}
        held = DictValue(pairs or dict.fromkeys(names))
        return call(ev, frame, held, name, arguments)

    return Builtin(name, run)


def names(ev: Evaluator, value: Object) -> list[Any] | Unknown:
    """The keys of such an object."""
    from archlint.interp.python import iterate

    return iterate.items(ev, value)


def defines(value: Any, name: str) -> bool:
    """Does the project's class of an object define a method of that name?"""
    cls = value.cls if isinstance(value, Object) else None
    return cls is not None and any(isinstance(base, Class) and name in base.attrs for base in cls.mro)


def special(ev: Evaluator, value: Any, name: str, *given: Any) -> Any:
    """What `value.__len__()` and its like give where the project's class defines it; else None."""
    from archlint.interp.python import functions

    found = functions.method(value, name)
    if found is None:
        return None
    return functions.invoke(ev, found[0], Arguments([value, *given], {}, value.span), value)


def dictionary(ev: Evaluator, value: Object) -> DictValue:
    """`self.__dict__`: one object for all its reads, that follows assignments to attributes and makes them."""
    held = value.attrs.get("__dict__")
    if not isinstance(held, DictValue) or ev.dictionaries.get(id(held), (None, None))[1] is not value:
        held = value.attrs["__dict__"] = DictValue({})
        ev.dictionaries[id(held)] = (held, value)
    ev.heap.touch(held)
    held.items = {k: v for k, v in value.attrs.items() if not (k.startswith("__") and k.endswith("__"))}
    return held


def follow(ev: Evaluator, owner: Object, name: str, value: Any) -> None:
    """An attribute was written: so was the object's `__dict__`, if somebody holds it."""
    held = owner.attrs.get("__dict__")
    if isinstance(held, DictValue) and held.items is not None:
        ev.heap.touch(held)
        held.items[name] = value


def wrote(ev: Evaluator, held: DictValue) -> None:
    """`self.__dict__.update(settings)`: a dict was written to; an object whose `__dict__` it is has it all."""
    from archlint.interp.python import attribute

    found = ev.dictionaries.get(id(held))
    if found is None:
        return
    _, owner = found
    if held.items is None:
        attribute.put_named(ev, owner, None, None, owner.span)
        return
    ev.heap.touch(owner.attrs)
    for name in [n for n in owner.attrs if not n.startswith("__") and n not in held.items]:
        del owner.attrs[name]
    owner.attrs.update({str(name): value for name, value in held.items.items()})
