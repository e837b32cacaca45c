"""Is a test decided?  True, False, or None when it depends on what is not known."""

from __future__ import annotations

from itertools import chain
from typing import Any

from archlint.dims import Dim, bounds, same
from archlint.interp.evaluator import Evaluator
from archlint.interp.python import mappings
from archlint.interp.python.iterate import OpenShape
from archlint.interp.python.join import identical
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
    SetValue,
    Tensor,
    Unknown,
    as_size,
)

_ALWAYS = (External, Module, Function, Class, Layer, Method, Builtin)


def truth(value: Any) -> bool | None:
    """Truth value of a program value."""
    if value is None or isinstance(value, (bool, int, float, complex, str, bytes, tuple)):
        return bool(value)
    if isinstance(value, Tensor) and value.elements is not None and len(value.elements) == 1:
        element = value.elements[0]
        return bool(element) if isinstance(element, (bool, int, float)) else None
    if isinstance(value, Dim):
        lo, hi = bounds(value)
        return True if lo > 0 or hi < 0 else None
    if isinstance(value, (ListValue, DictValue, SetValue)):
        return None if value.items is None else bool(value.items)
    if isinstance(value, RangeValue):
        return bool(range(value.start, value.stop, value.step))
    if (held := mappings.storage(value)) is not None:
        return truth(held)
    if isinstance(value, Object):
        return bool(value.items) if value.items is not None else True
    if isinstance(value, Choice):
        found = {truth(option) for option in value.options}
        return found.pop() if len(found) == 1 else None
    if isinstance(value, _ALWAYS) or value is Ellipsis:
        return True
    return None


def compare(ev: Evaluator, op: str, a: Any, b: Any) -> Any:
    """`a op b` as True, False, or None if undecided."""
    if op in ("is", "is not"):
        return _negate(_is(a, b), op == "is not")
    if op in ("in", "not in"):
        return _negate(_contains(ev, b, a), op == "not in")
    if isinstance(a, Choice) or isinstance(b, Choice):
        found = {compare(ev, op, x, y) for x in _options(a) for y in _options(b)}
        return found.pop() if len(found) == 1 else None
    if op in ("==", "!="):
        return _negate(equal(a, b), op == "!=")
    return _order(op, a, b)


UNSEEN = "undecided test of what is not known"
CHOSEN = "undecided test of what another left open"
WORDED = "undecided test of a word"


def unseen(op: str, a: Any, b: Any) -> bool:
    """Is a comparison undecided because a value was lost that may be a size, of which an arm may make sure?

    if int_shape(x)[-1] == filters: return Add()([x, y])
    """
    if op in ("is", "is not") or any(_is_no_size(v) for value in (a, b) for v in _parts(value)):
        return False
    return any(_is_lost(v) for value in (a, b) for v in _parts(value))


def _is_lost(value: Any) -> bool:
    if isinstance(value, Tensor):
        return value.shape is None
    return isinstance(value, OpenShape) or (isinstance(value, Unknown) and value.symbol is None)


def is_unseen(value: Any) -> bool:
    """Is it what such a comparison gave, or what an unknown function made of a tensor: `if alike(x, y):`?"""
    if isinstance(value, Tensor):
        return value.shape is None
    return isinstance(value, Unknown) and value.about == UNSEEN


def is_choice(value: Any) -> bool:
    """Does it hang on an earlier test: `if width != planes: self.shortcut = …`, then `if self.shortcut is None:`?"""
    return isinstance(value, Choice) or (isinstance(value, Unknown) and value.about == CHOSEN)


def is_worded(value: Any) -> bool:
    """Is it what `mode == "boxes"` gave?  Two such tests may ask for the same word, each in its own way."""
    return isinstance(value, Unknown) and value.about == WORDED


def worded(op: str, a: Any, b: Any) -> bool:
    """Is a comparison undecided because a word is not known?"""
    return op in ("==", "!=") and (isinstance(a, str) or isinstance(b, str))


def left_open(op: str, a: Any, b: Any) -> bool:
    """Is a comparison undecided because of an earlier test, or of two sizes: `self.width != self.planes`?"""
    if isinstance(a, Choice) or isinstance(b, Choice):
        return True
    return op in ("==", "!=") and as_size(a) is not None and as_size(b) is not None


def _parts(value: Any) -> tuple[Any, ...]:
    items = value.items if isinstance(value, ListValue) else value if isinstance(value, tuple) else None
    return (value,) if items is None else tuple(items)


def _is_no_size(value: Any) -> bool:
    return value is None or isinstance(value, (str, bytes, bool, External, Class, Function, Object))


def _options(value: Any) -> tuple[Any, ...]:
    return value.options if isinstance(value, Choice) else (value,)


def _negate(value: bool | None, negate: bool) -> bool | None:
    return value if value is None or not negate else not value


def _is(a: Any, b: Any) -> bool | None:
    if isinstance(a, Choice) or isinstance(b, Choice):
        found = {_is(x, y) for x in _options(a) for y in _options(b)}
        return found.pop() if len(found) == 1 else None
    if isinstance(a, Unknown) or isinstance(b, Unknown):
        return None
    for one, other in ((a, b), (b, a)):
        if other is None and isinstance(one, Dim):
            return _is_open(one)
    if isinstance(a, Tensor) or isinstance(b, Tensor):
        return identical(a, b) if isinstance(a, Tensor) and isinstance(b, Tensor) else False
    if isinstance(a, Dim) or isinstance(b, Dim):
        return None
    return identical(a, b)


def _is_open(size: Dim) -> bool:
    """A size the framework leaves open reads as None in the user's program: `x.shape[0] is None`."""
    return any(getattr(atom, "origin", "") == "dynamic" for monomial, _ in size.terms for atom in monomial)


def equal(a: Any, b: Any) -> bool | None:
    """`a == b` for program values."""
    if isinstance(a, OpenShape) or isinstance(b, OpenShape):
        return None
    if isinstance(a, (Unknown, Choice, Tensor)) or isinstance(b, (Unknown, Choice, Tensor)):
        return False if a is None or b is None else None
    if isinstance(a, Dim) or isinstance(b, Dim):
        if a is None or b is None:
            return _is(a, b)
        if isinstance(a, (int, Dim)) and isinstance(b, (int, Dim)):
            return same(a, b)
        return None if isinstance(a, float) or isinstance(b, float) else False
    if isinstance(a, ListValue) and isinstance(b, ListValue):
        return None if a.items is None or b.items is None else _equal_items(a.items, b.items)
    if isinstance(a, tuple) and isinstance(b, tuple):
        return _equal_items(a, b)
    if isinstance(a, (DictValue, SetValue, Object)) or isinstance(b, (DictValue, SetValue, Object)):
        return True if a is b else None
    if isinstance(a, Nominal) or isinstance(b, Nominal):
        return True if a == b else False if a is None or b is None else None
    return identical(a, b) or (isinstance(a, (int, float)) and isinstance(b, (int, float)) and a == b)


def _equal_items(a: Any, b: Any) -> bool | None:
    if len(a) != len(b):
        return False
    found = [equal(x, y) for x, y in zip(a, b)]
    return False if False in found else None if None in found else True


def _contains(ev: Evaluator, container: Any, item: Any) -> bool | None:
    if isinstance(container, Choice):
        found = {_contains(ev, option, item) for option in container.options}
        return found.pop() if len(found) == 1 else None
    if isinstance(container, str):
        return item in container if isinstance(item, str) else None
    if (held := mappings.storage(container)) is not None and not mappings.defines(container, "__contains__"):
        return _contains(ev, held, item)
    if isinstance(container, Object) and mappings.mixin(ev, container, "keys") is not None:
        names = mappings.names(ev, container)
        return None if isinstance(names, Unknown) else _contains(ev, tuple(names), item)
    if isinstance(container, Object) and container.items is not None:
        container = tuple(container.items)
    if isinstance(container, RangeValue):
        return item in range(container.start, container.stop, container.step) if isinstance(item, int) else None
    if isinstance(container, (ListValue, DictValue, SetValue)):
        if container.items is None:
            return None
        if isinstance(container, DictValue) and _is_constant(item) and item in container.items:
            return True
        container = tuple(container.items)
    if not isinstance(container, tuple):
        return None
    if _is_constant(item) and _all_constant(container):
        return item in container
    found = {compare(ev, "==", item, member) for member in container}
    return True if True in found else None if None in found else False


def _is_constant(value: Any) -> bool:
    return isinstance(value, (int, float, str)) or (isinstance(value, tuple) and all(map(_is_constant, value)))


def _all_constant(members: tuple[Any, ...]) -> bool:
    """Told by types alone: a table of offsets is asked for each pair of points."""
    types = set(map(type, members))
    if tuple in types:
        types.remove(tuple)
        types |= set(map(type, chain.from_iterable(m for m in members if type(m) is tuple)))
    return types <= _CONSTANTS


_CONSTANTS = frozenset([int, float, str, bool])


def _order(op: str, a: Any, b: Any) -> bool | None:
    if isinstance(a, tuple) and isinstance(b, tuple) and all(isinstance(v, (int, float, str)) for v in (*a, *b)):
        return _python_order(op, a, b)
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return _python_order(op, a, b)
    if isinstance(a, str) and isinstance(b, str):
        return _python_order(op, a, b)
    if isinstance(a, SetValue) and isinstance(b, SetValue):
        return None
    if isinstance(a, Unknown) and isinstance(b, Unknown) and a.symbol is not None and a.symbol == b.symbol:
        return op in ("<=", ">=")  # `width = width or features`, and `if width <= features:`
    if isinstance(a, Unknown) or isinstance(b, Unknown):
        return _order_of_bounds(op, _between(a), _between(b))
    if isinstance(a, (int, Dim)) and isinstance(b, (int, Dim)):
        lo, hi = bounds(a - b)
        if op in ("<", ">="):
            decided = True if hi < 0 else False if lo >= 0 else None
            return _negate(decided, op == ">=")
        decided = True if lo > 0 else False if hi <= 0 else None
        return _negate(decided, op == "<=")
    return None


def _between(value: Any) -> tuple[float, float] | None:
    """Bounds of a number: `torch.linspace(0, 0.1, 12)[3].item()`."""
    if isinstance(value, Unknown):
        return value.between
    return (value, value) if isinstance(value, (int, float)) else None


def _order_of_bounds(op: str, a: tuple[float, float] | None, b: tuple[float, float] | None) -> bool | None:
    if a is None or b is None:
        return None
    found = {_python_order(op, x, y) for x in a for y in b}
    return found.pop() if len(found) == 1 else None


def _python_order(op: str, a: Any, b: Any) -> bool | None:
    try:
        return bool({"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[op])
    except (TypeError, KeyError):
        return None
