"""Python's built-in functions on program values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

from archlint.dims import Dim, bounds, floordiv
from archlint.interp.data import batches
from archlint.interp.evaluator import Evaluator
from archlint.interp.python import alike, among, imports, iterate, rebound, reflection, subscript
from archlint.interp.python import call as calls
from archlint.interp.python import eval_text as evaluated
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import Frame
from archlint.interp.python.handlers import Call, on_constants
from archlint.interp.python.join import lift
from archlint.interp.python.truth import compare, truth
from archlint.layers import canonical
from archlint.layers import find as find_spec
from archlint.layers.torch import contents, rounding
from archlint.values import (
    Batches,
    Builtin,
    Class,
    DictValue,
    External,
    ListValue,
    Nominal,
    Object,
    RangeValue,
    Ratio,
    Reason,
    SetValue,
    Tensor,
    Unknown,
)


def _unknown(what: str, arguments: Arguments) -> Unknown:
    return Unknown(Reason.SYNTAX, what, arguments.span)


def _range(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    given = arguments.positional
    if not given or not all(isinstance(v, int) for v in given) or arguments.open:
        first = next((v for v in given if isinstance(v, Unknown)), None)
        why = first if first is not None else Unknown(Reason.LOOP, "range of unknown length", arguments.span)
        one = Unknown(Reason.LOOP, "a number of a range", arguments.span, number=True, whole=True)
        return alike.listed(ev, why, one)
    found = range(*given) if len(given) < 3 or given[2] else range(0)
    return RangeValue(found.start, found.stop, found.step)


def _len(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    def length(value: Any) -> Any:
        found = iterate.length(ev, value)
        return replace(found, number=True, whole=True) if isinstance(found, Unknown) else found

    return lift(ev, arguments.get(0, "obj"), length)


def _zip(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    if arguments.open:
        return ListValue(None, _unknown("unpacked arguments", arguments))
    given = [v for v in arguments.positional if isinstance(v, Batches)]
    if given and len(given) == len(arguments.positional) and len({v.framework for v in given}) == 1:
        return Batches(tuple(v.item for v in given), None, given[0].framework)
    columns = [iterate.items(ev, v) for v in arguments.positional]
    known = [column for column in columns if not isinstance(column, Unknown)]
    if len(known) < len(columns):
        why = next(column for column in columns if isinstance(column, Unknown))
        given = arguments.positional
        return alike.zipped(ev, why, given, columns) if any(alike.form(v) is not None for v in given) else why
    return ListValue([tuple(row) for row in zip(*known)])


def _enumerate(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    source = arguments.get(0, "iterable")
    if isinstance(source, Batches):
        number = Unknown(Reason.LOOP, "a number of a batch", arguments.span, number=True)
        return Batches((number, source.item), source.length, source.framework)
    items, start = iterate.items(ev, source), arguments.get(1, "start", 0)
    found = alike.form(arguments.get(0, "iterable"))
    if isinstance(items, Unknown) and found is not None:
        place = Unknown(Reason.LOOP, "a place", arguments.span, number=True, whole=True)
        return alike.listed(ev, items, (place, found))
    if isinstance(items, Unknown) or not isinstance(start, int):
        return items if isinstance(items, Unknown) else _unknown("enumerate", arguments)
    return ListValue(list(enumerate(items, start)))


def _reversed(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    items = iterate.items(ev, arguments.get(0, "sequence"))
    return items if isinstance(items, Unknown) else ListValue(items[::-1])


def _sorted(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    items = iterate.items(ev, arguments.get(0, "iterable"))
    if isinstance(items, Unknown):
        return items
    key = arguments.keywords.get("key")
    keys = items if key is None else [_call(ev, frame, key, [i], arguments) for i in items]
    reverse = arguments.keywords.get("reverse", False)
    try:
        order = sorted(range(len(items)), key=lambda i: keys[i], reverse=bool(reverse))
    except TypeError:
        return ListValue(None, Unknown(Reason.DATA, "an order that is not known", arguments.span))
    return ListValue([items[i] for i in order])


def _call(ev: Evaluator, frame: Frame, function: Any, values: list[Any], arguments: Arguments) -> Any:
    return calls.call(ev, frame, function, Arguments(values, {}, arguments.span))


def _map(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    if arguments.open:
        return ListValue(None, _unknown("unpacked arguments", arguments))
    columns = [iterate.items(ev, v) for v in arguments.positional[1:]]
    known = [column for column in columns if not isinstance(column, Unknown)]
    if len(known) < len(columns):
        return next(column for column in columns if isinstance(column, Unknown))
    return ListValue([_call(ev, frame, arguments.positional[0], list(row), arguments) for row in zip(*known)])


def _filter(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    items = iterate.items(ev, arguments.get(1, "iterable"))
    if isinstance(items, Unknown):
        return items
    test = arguments.get(0, "function")
    kept = []
    for item in items:
        decided = truth(item if test is None else _call(ev, frame, test, [item], arguments))
        if decided is not False:
            kept.append((item, decided is True))
    return among.listed(Unknown(Reason.BRANCH, "undecided filter", arguments.span), kept)


def _sequence(make: Callable[[list[Any]], Any]) -> Call:
    def build(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
        if not arguments.positional:
            return make([])
        value = arguments.positional[0]
        if isinstance(value, iterate.OpenShape):  # what follows the leading sizes may be written to in a list
            return iterate.OpenShape(value.tensor, value.part) if make is ListValue else value
        if isinstance(value, Batches) and make is ListValue:
            return value
        items = iterate.items(ev, value)
        if isinstance(items, Unknown):
            if alike.form(value) is not None and make is not _set:
                return alike.listed(ev, items, alike.form(value))
            return items if make is tuple else ListValue(None, items)
        return make(items)

    return build


def _set(items: list[Any]) -> SetValue:
    kept: list[Any] = []
    for item in items:
        if not any(item is k or (type(item) is type(k) and item == k) for k in kept):
            kept.append(item)
    return SetValue(kept)


def _dict(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    items: dict[Any, Any] = {}
    if arguments.positional:
        first = arguments.positional[0]
        if isinstance(first, DictValue):
            if first.items is None:
                return DictValue(None, first.why)
            items.update(first.items)
        elif isinstance(first, Object) and first.items is not None:
            items.update(first.items)
        else:
            pairs = iterate.items(ev, first)
            if isinstance(pairs, Unknown) or not all(isinstance(p, tuple) and len(p) == 2 for p in pairs):
                return DictValue(None, pairs if isinstance(pairs, Unknown) else _unknown("dict", arguments))
            items.update(pairs)
    if arguments.open_keywords:
        return DictValue(None, _unknown("unpacked arguments", arguments))
    items.update(arguments.keywords)
    return DictValue(items)


def _int(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    def convert(value: Any) -> Any:
        if isinstance(value, Dim):
            return value
        if isinstance(value, Ratio):
            return floordiv(value.num, value.den) if bounds(value.num)[0] >= 0 else _unknown("int", arguments)
        if isinstance(value, Unknown) and value.symbol is not None:
            return Unknown(Reason.ARGUMENT, value.about, value.where, number=True, whole=True)
        try:
            found = int(value) if isinstance(value, (int, float, str)) else _as_unknown(value, "int", arguments)
            return replace(found, number=True, whole=True, symbol=None) if isinstance(found, Unknown) else found
        except (ValueError, OverflowError):
            return _unknown("int", arguments)

    return lift(ev, arguments.get(0, "x", 0), convert)


def _as_unknown(value: Any, what: str, arguments: Arguments) -> Any:
    if isinstance(value, Tensor) and isinstance(value.data, (int, Dim)):
        return value.data
    if isinstance(value, Tensor) and value.elements is not None and len(value.elements) == 1:
        whole = rounding.convert(value.elements[0], "int64")
        return Unknown(Reason.DATA, what, arguments.span, number=True) if whole is None else whole
    return value if isinstance(value, Unknown) else Unknown(Reason.DATA, what, arguments.span)


def _extreme(pick: Callable[..., Any]) -> Call:
    def apply(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
        items: Any = arguments.positional
        if len(items) == 1:
            items = iterate.items(ev, items[0])
            if isinstance(items, Unknown):
                return items
        if not items:
            return arguments.keywords.get("default", _unknown("extreme of nothing", arguments))
        key = arguments.keywords.get("key")
        keys = items if key is None else [_call(ev, frame, key, [v], arguments) for v in items]
        if all(isinstance(v, (int, float)) for v in keys) or all(isinstance(v, str) for v in keys):
            return items[keys.index(pick(keys))]
        order = ">=" if pick is max else "<="
        for candidate, own in zip(items, keys):
            if all(compare(ev, order, own, other) is True for other in keys):
                return candidate
        if all(isinstance(v, (int, float, Dim, Ratio)) or (isinstance(v, Unknown) and v.number) for v in items):
            return Unknown(Reason.DATA, "an extreme of sizes", arguments.span, number=True)
        return next((v for v in items if isinstance(v, Unknown)), _unknown("extreme of unknown sizes", arguments))

    return apply


def _sum(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    from archlint.interp.python import operators

    items = iterate.items(ev, arguments.get(0, "iterable"))
    if isinstance(items, Unknown):
        return items
    total: Any = arguments.get(1, "start", 0)
    for item in items:
        total = (
            item
            if total == 0 and isinstance(item, Tensor)
            else operators.binary(ev, frame, "+", total, item, arguments.span)
        )
    return total


def _any_all(stop: bool) -> Call:
    def apply(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
        items = iterate.items(ev, arguments.get(0, "iterable"))
        if isinstance(items, Unknown):
            return items
        found = [truth(i) for i in items]
        if stop in found:
            return stop
        return _unknown("undecided test", arguments) if None in found else not stop

    return apply


def _round(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    value = arguments.get(0, "number")
    if isinstance(value, Dim):
        return value
    return on_constants(round, int, float)(ev, frame, arguments)


def _abs(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    value = arguments.get(0, "x")
    if isinstance(value, Dim) and bounds(value)[0] >= 0:
        return value
    from archlint.interp.tensors import methods as tensor_methods

    if isinstance(value, Tensor):
        return tensor_methods.call(ev, frame, value, "abs", Arguments([], {}, arguments.span))
    return on_constants(abs, int, float)(ev, frame, arguments)


def _str(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    value = arguments.get(0, "object", "")
    if isinstance(value, (str, int, float, bool)) or value is None:
        return str(value)
    if isinstance(value, External) and value.name == "torch.Tensor":
        return "<class 'torch.Tensor'>"
    if isinstance(value, Class):
        path = value.module.path.removesuffix(".py").replace("/", ".").replace("\\", ".")
        path = "__main__" if path.endswith(".ipynb") else path
        return f"<class '{path}.{value.name}'>"
    if isinstance(value, tuple) and value and all(isinstance(one, Class) for one in value):  # `str(cls.__bases__)`
        parts = [_str(ev, frame, Arguments([one], {}, arguments.span)) for one in value]
        return f"({', '.join(parts)}{',' * (len(parts) == 1)})"
    return value if isinstance(value, (Unknown, Nominal)) else Unknown(Reason.DATA, "text", arguments.span)


def _nothing(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    return None


def _next(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    value = arguments.get(0, "iterator")
    if isinstance(value, ListValue) and value.items:
        ev.heap.touch(value)
        return value.items.pop(0)
    if isinstance(value, Batches):
        return batches.each(ev, value, arguments.span)
    return Unknown(Reason.DATA, "next", arguments.span)


def _bool(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    decided = truth(arguments.get(0, "x", False))
    return Unknown(Reason.BRANCH, "undecided test", arguments.span) if decided is None else decided


def _float(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    value = arguments.get(0, "x", 0.0)
    if isinstance(value, Tensor) and value.elements is not None and len(value.elements) == 1:
        return contents.number(rounding.convert(value.elements[0], "float64"))
    if isinstance(value, (Dim, Ratio)):
        return value
    found = on_constants(float, int, float, str)(ev, frame, arguments)
    return replace(found, number=True, whole=False) if isinstance(found, Unknown) else found


def _object(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    return Object(None, "", {}, ev.serial(), arguments.span)


_CALLS: dict[str, Call] = {
    "range": _range, "len": _len, "zip": _zip, "enumerate": _enumerate, "reversed": _reversed, "sorted": _sorted,
    "map": _map, "filter": _filter, "list": _sequence(ListValue), "tuple": _sequence(tuple), "set": _sequence(_set),
    "frozenset": _sequence(_set), "iter": _sequence(ListValue), "dict": _dict, "int": _int, "float": _float,
    "str": _str, "bool": _bool, "repr": _str, "max": _extreme(max), "min": _extreme(min), "sum": _sum,
    "any": _any_all(True), "all": _any_all(False), "round": _round, "abs": _abs, "print": _nothing, "next": _next,
    "eval": lambda ev, frame, given: evaluated.evaluate(ev, frame, given),
    "exec": lambda ev, frame, given: rebound.executed(ev, frame, given),
    "globals": lambda ev, frame, given: rebound.written(ev, frame, given),
    "object": _object, "pow": on_constants(pow, int, float), "divmod": on_constants(divmod, int, float),
    "__import__": lambda ev, frame, given: imports.top_by_name(ev, frame, given),
    "ord": on_constants(ord, str), "chr": on_constants(chr, int), "complex": on_constants(complex, int, float),
    "bytes": on_constants(bytes, int), "staticmethod": lambda ev, frame, given: given.get(0, "f"),
    "slice": lambda ev, frame, given: subscript.of_slice(ev, frame, given),
}  # fmt: skip
_EXTRA = {
    name: External(name) for name in ("classmethod", "property", "Exception", "ValueError", "NotImplementedError")
}
_VALUES = {"NotImplemented": External("NotImplemented"), "__file__": "", "__debug__": True}


@cache
def builtins() -> dict[str, Builtin]:
    """Python's built-in functions; made at the first call, since the modules import each other."""
    return {name: Builtin(name, function) for name, function in {**_CALLS, **reflection.CALLS}.items()}


def find(name: str) -> Any:
    """A built-in by name, or None."""
    found = builtins().get(name) or _EXTRA.get(name) or _VALUES.get(name)
    if found is None and (
        name.endswith(("Error", "Exception", "Warning")) or name in ("open", "input", "vars", "id", "hash")
    ):
        return External(name)
    return found


_KERAS_PARTS = frozenset(
    f"keras.{part}"
    for part in ("layers", "models", "backend", "ops", "applications", "activations", "initializers", "regularizers",
                 "constraints", "optimizers", "losses", "metrics", "callbacks", "datasets", "utils", "preprocessing")
)  # fmt: skip


def star_offers(prefix: str, name: str) -> bool:
    """May `from prefix import *` bring in `name`?  Only names that archlint models are claimed."""
    from archlint.interp.python import library

    full = canonical(f"{prefix}.{name}")
    if full in _KERAS_PARTS:
        return True
    return not name.startswith("_") and (
        find_spec(full) is not None or library.handler(full) is not None or full in library.BASES
    )
