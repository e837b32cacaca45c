"""Operators on program values: numbers, symbolic sizes, sequences, tensors."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Any

from archlint.dims import Dim, divide, floordiv
from archlint.interp.budget import MAX_BITS, MAX_ELEMENTS
from archlint.interp.data import arrays
from archlint.interp.evaluator import Evaluator
from archlint.interp.keras import tape as keras_tape
from archlint.interp.python import functions, iterate
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import Frame
from archlint.interp.python.join import join
from archlint.interp.tensors import apply
from archlint.interp.tensors import operators as tensor_operators
from archlint.text import Span
from archlint.values import (
    Array,
    Builtin,
    Choice,
    Class,
    DictValue,
    External,
    ListValue,
    Object,
    RangeValue,
    Ratio,
    Reason,
    SetValue,
    Tensor,
    Unknown,
    as_size,
)

_PYTHON: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "//": operator.floordiv,
    "%": operator.mod, "**": operator.pow, "<<": operator.lshift, ">>": operator.rshift, "&": operator.and_,
    "|": operator.or_, "^": operator.xor,
}  # fmt: skip
_SPECIAL = {"+": "__add__", "-": "__sub__", "*": "__mul__", "/": "__truediv__", "//": "__floordiv__", "@": "__matmul__"}
_NUMBERS = (int, float, complex)


def binary(ev: Evaluator, frame: Frame, op: str, a: Any, b: Any, where: Span) -> Any:
    """`a op b`."""
    if isinstance(a, Choice) or isinstance(b, Choice):
        left = a.options if isinstance(a, Choice) else (a,)
        right = b.options if isinstance(b, Choice) else (b,)
        if len(left) * len(right) > 16:
            return Unknown(Reason.BRANCH, "too many possibilities", where)
        return join(ev, [binary(ev, frame, op, x, y, where) for x in left for y in right])
    a, b = _entry(ev, a), _entry(ev, b)
    if isinstance(a, Tensor) or isinstance(b, Tensor):
        scalar = _scalars(op, a, b)
        if scalar is not None:
            return scalar
        return keras_tape.note(
            ev, [a, b], {}, lambda pair, _: tensor_operators.operate(ev, op, pair[0], pair[1], where)
        )
    if isinstance(a, Array) or isinstance(b, Array):
        return arrays.operate(ev, op, a, b, where)
    if isinstance(a, _NUMBERS) and isinstance(b, _NUMBERS):
        return _numbers(op, a, b, where)
    size = _sizes(op, a, b)
    if size is not None:
        return size
    if _is_number(a) and _is_number(b):
        whole = op in ("+", "-", "*", "//", "%") and _is_whole(a) and _is_whole(b)
        return Unknown(Reason.ARGUMENT, "a number", where, number=True, whole=whole)
    if isinstance(a, Object) and op in _SPECIAL:
        found = functions.method(a, _SPECIAL[op])
        if found is not None:
            return functions.invoke(ev, found[0], Arguments([a, b], {}, where), a)
    for value in (a, b):
        if isinstance(value, Unknown):
            return Unknown(value.why, value.about, value.where)
    return _containers(ev, op, a, b, where)


def _entry(ev: Evaluator, value: Any) -> Any:
    """A parameter that turned out to be an entry tensor is no number: `shape = ops.shape(x)`, then `2 * x - 1`."""
    if isinstance(value, Unknown) and value.symbol is not None:
        for entry in ev.session.entries:
            if entry.name == value.about and entry.span == value.where:
                return apply.entry_of(ev, value)
    return value


def _is_whole(value: Any) -> bool:
    return value.whole if isinstance(value, Unknown) else isinstance(value, (int, Dim))


def _is_number(value: Any) -> bool:
    if isinstance(value, Unknown):
        return value.number
    return isinstance(value, (int, float, Dim, Ratio))


def _scalars(op: str, a: Any, b: Any) -> Any:
    """Arithmetic of sizes that came out of a shape tensor: `tf.shape(x)[1] * 2`."""
    x, y = as_size(a), as_size(b)
    if x is None or y is None or any(isinstance(v, Tensor) and not isinstance(v.data, (int, Dim)) for v in (a, b)):
        return None
    found = _sizes(op, x, y) if isinstance(x, Dim) or isinstance(y, Dim) else _numbers(op, x, y, Span("", 0, 0))
    return found if isinstance(found, (int, Dim)) else None


def _numbers(op: str, a: Any, b: Any, where: Span) -> Any:
    if op == "**" and isinstance(a, int) and isinstance(b, int) and b >= 0 and a.bit_length() * b > MAX_BITS:
        return Unknown(Reason.BUDGET, "a very large number", where)
    if op == "<<" and isinstance(b, int) and b > MAX_BITS:
        return Unknown(Reason.BUDGET, "a very large number", where)
    try:
        result = _PYTHON[op](a, b)
    except (ArithmeticError, TypeError, ValueError, KeyError):
        return Unknown(Reason.SYNTAX, f"{op} fails", where)
    if isinstance(result, int) and result.bit_length() > MAX_BITS:
        return Unknown(Reason.BUDGET, "a very large number", where)
    return result


def _sizes(op: str, a: Any, b: Any) -> Any:
    """Arithmetic with a symbolic size; None if it is not that."""
    if isinstance(a, Ratio) or isinstance(b, Ratio):
        return _ratios(op, a, b)
    x, y = as_size(a), as_size(b)
    if x is None or y is None or isinstance(a, bool) or isinstance(b, bool):
        return None
    if op == "+":
        return x + y
    if op == "-":
        return x - y
    if op == "*":
        return x * y
    if op == "//":
        return floordiv(x, y) if isinstance(y, int) and y > 0 else divide(x, y)
    if op == "%" and isinstance(y, int) and y > 0:
        return x - floordiv(x, y) * y
    if op == "/":
        exact = divide(x, y)
        if exact is not None:
            return exact
        return Ratio(x, y) if isinstance(x, Dim) and isinstance(y, int) and y > 0 else None
    if op == "**" and isinstance(y, int) and 0 <= y <= 4:
        result: Any = 1
        for _ in range(y):
            result = result * x
        return result
    return None


def _ratios(op: str, a: Any, b: Any) -> Any:
    if isinstance(a, Ratio) and isinstance(b, int) and not isinstance(b, bool):
        if op == "/" and b > 0:
            return Ratio(a.num, a.den * b)
        if op == "*":
            num = a.num * b
            exact = divide(num, a.den)
            return exact if exact is not None else Ratio(num, a.den) if isinstance(num, Dim) else None
        if op in "+-":
            num = a.num + b * a.den if op == "+" else a.num - b * a.den
            return Ratio(num, a.den) if isinstance(num, Dim) else None
        if op == "//" and b > 0:
            return floordiv(a.num, a.den * b)
    if isinstance(b, Ratio) and isinstance(a, int) and op in "+*":
        return _ratios(op, b, a)
    return None


def _containers(ev: Evaluator, op: str, a: Any, b: Any, where: Span) -> Any:
    if op == "+" and isinstance(a, iterate.OpenShape) and a.without is not None and isinstance(b, tuple):
        return a.followed(list(b))
    if op == "+" and isinstance(a, tuple) and isinstance(b, tuple):
        return a + b
    if op == "|" and isinstance(a, ListValue) and isinstance(b, ListValue):  # `d.keys() | e.keys()`, held as lists
        if a.items is None or b.items is None or not all(isinstance(v, (str, int)) for v in (*a.items, *b.items)):
            return SetValue(None, iterate.reason(a, b))
        return SetValue(list(dict.fromkeys([*a.items, *b.items])))
    if op == "+" and isinstance(a, ListValue) and isinstance(b, ListValue):
        if a.items is None or b.items is None:
            return ListValue(None, iterate.reason(a, b))
        return ListValue(a.items + b.items)
    if op == "+" and isinstance(a, str) and isinstance(b, str):
        return a + b
    if op == "%" and isinstance(a, str):
        return _format(a, b, where)
    if op == "*":
        for one, other in ((a, b), (b, a)):
            if isinstance(other, int) and isinstance(one, (str, tuple, ListValue)):
                return _repeat(one, other, where)
    if op == "|" and isinstance(a, DictValue) and isinstance(b, DictValue):
        if a.items is None or b.items is None:
            return DictValue(None, iterate.reason(a, b))
        return DictValue({**a.items, **b.items})
    if op in "|-&" and isinstance(a, SetValue) and isinstance(b, SetValue):
        return _sets(op, a, b)
    if op == "|" and _is_type(a) and _is_type(b):  # isinstance(x, tuple | list)
        return (*(a if isinstance(a, tuple) else (a,)), *(b if isinstance(b, tuple) else (b,)))
    if op == "|" and (isinstance(a, (External, Class)) or isinstance(b, (External, Class))):
        return External("typing.Union")
    return Unknown(Reason.SYNTAX, f"operator {op}", where)


def _is_type(value: Any) -> bool:
    if isinstance(value, tuple):
        return bool(value) and all(map(_is_type, value))
    if isinstance(value, External):
        return re.search(r"\.[A-Z]\w*[a-z]\w*$", value.name) is not None
    return isinstance(value, Class) or (isinstance(value, Builtin) and value.name in _TYPES)


_TYPES = frozenset(("int", "float", "str", "bool", "tuple", "list", "dict", "set", "complex", "bytes", "range"))


def _sets(op: str, a: SetValue, b: SetValue) -> SetValue:
    if a.items is None or b.items is None:
        return SetValue(None, iterate.reason(a, b))
    if op == "|":
        return SetValue([*a.items, *(v for v in b.items if v not in a.items)])
    return SetValue([v for v in a.items if (v in b.items) is (op == "&")])


def _repeat(one: Any, count: int, where: Span) -> Any:
    items = one.items if isinstance(one, ListValue) else one
    if items is None:
        return one
    if len(items) * max(count, 0) > MAX_ELEMENTS:
        return Unknown(Reason.BUDGET, "too many elements", where)
    return ListValue(items * count) if isinstance(one, ListValue) else items * count


def _format(text: str, values: Any, where: Span) -> Any:
    args = values if isinstance(values, tuple) else (values,)
    if not all(isinstance(v, (str, int, float)) for v in args):
        return Unknown(Reason.DATA, "text with an unknown part", where)
    try:
        return text % args
    except (TypeError, ValueError):
        return Unknown(Reason.SYNTAX, "format", where)


def unary(ev: Evaluator, op: str, value: Any) -> Any:
    """`-value`, `+value`, `~value`."""
    if isinstance(value, Choice):
        return join(ev, [unary(ev, op, option) for option in value.options])
    if isinstance(value, (int, float)):
        if op == "~":
            return ~value if isinstance(value, int) else Unknown(Reason.SYNTAX, "~")
        return -value if op == "-" else value
    if isinstance(value, Dim):
        return -value if op == "-" else value
    if isinstance(value, Ratio) and op == "-":
        num = -value.num
        return Ratio(num, value.den) if isinstance(num, Dim) else Unknown(Reason.SYNTAX, "-")
    if isinstance(value, Unknown) and value.symbol is not None and op == "-":
        return -value.symbol
    if isinstance(value, RangeValue):
        return Unknown(Reason.SYNTAX, op)
    if isinstance(value, Array):
        return Array(value.shape, value.dtype, made=value.made)
    return value if isinstance(value, (Tensor, Unknown)) else Unknown(Reason.SYNTAX, op)
