"""Python literals: as the user types them after `--args`, and as they stand in the source."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

from archlint.source import ir
from archlint.values import DictValue, ListValue

_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "//": operator.floordiv, "/": operator.truediv,
}  # fmt: skip
_SCALARS = (int, float, str, bool, type(None))
_LONGEST = 10_000


class NotLiteral(Exception):
    """An expression whose value is not written in the source."""


def parse_args(text: str) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Positional and keyword arguments in `3, num_classes=10, depths=[2, 2]`.

    Raises ValueError with a sentence for the user.
    """
    if not text.strip():
        return (), {}
    try:
        call = ast.parse(f"f({text}\n)", mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise ValueError(f"'{text}' are not arguments like 3, num_classes=10") from None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
        raise ValueError(f"'{text}' are not arguments like 3, num_classes=10")
    args = tuple(_typed(value, "") for value in call.args)
    kwargs: dict[str, Any] = {}
    for keyword in call.keywords:
        if keyword.arg is None:
            raise ValueError("`**` needs a name for each argument: num_classes=10")
        if keyword.arg in kwargs:
            raise ValueError(f"`{keyword.arg}` is given twice")
        kwargs[keyword.arg] = _typed(keyword.value, keyword.arg)
    return args, kwargs


def _typed(tree: ast.expr, name: str) -> Any:
    try:
        return ast.literal_eval(tree)
    except (ValueError, TypeError, MemoryError, RecursionError):
        shown = ast.unparse(tree)
        what = f"{name}={shown}" if name else shown
        raise ValueError(f"`{what}` is no literal; numbers, strings, tuples, lists and dicts can be given") from None


def literal(node: ir.Expr, constants: Mapping[str, Any]) -> Any:
    """The value of an expression made of literals, arithmetic, and names of `constants`; raises NotLiteral."""
    match node:
        case ir.Const(value=value):
            return _plain(value)
        case ir.Name(id=name) if name in constants:
            return _plain(constants[name])
        case ir.UnaryOp(op="-", operand=operand):
            return -_number(literal(operand, constants))
        case ir.BinOp(op=op, left=left, right=right) if op in _ARITHMETIC:
            return _arithmetic(op, literal(left, constants), literal(right, constants))
        case ir.Display(kind=kind, items=items):
            found = [literal(item, constants) for item in items]
            return found if kind == "list" else tuple(found) if kind == "tuple" else _set(found)
        case ir.DictDisplay(items=pairs):
            return {_key(key, constants): literal(value, constants) for key, value in pairs}
    raise NotLiteral


def _plain(value: Any) -> Any:
    """A constant of the evaluated module is a value of the evaluator: only what is also a Python literal counts."""
    match value:
        case tuple():
            return tuple(_plain(item) for item in value)
        case ListValue(items=list(items)):
            return [_plain(item) for item in items]
        case DictValue(items=dict(pairs)):
            return {_plain(key): _plain(item) for key, item in pairs.items()}
    if not isinstance(value, _SCALARS) or (isinstance(value, str) and len(value) > _LONGEST):
        raise NotLiteral
    return value


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise NotLiteral
    return value


def _arithmetic(op: str, left: Any, right: Any) -> Any:
    if op in "*+" and isinstance(left, (list, tuple)):
        size = len(left) * right if op == "*" and isinstance(right, int) else 0
        if size <= _LONGEST and type(right) is (int if op == "*" else type(left)):
            return _ARITHMETIC[op](left, right)
        raise NotLiteral
    try:
        return _ARITHMETIC[op](_number(left), _number(right))
    except (ArithmeticError, ValueError):
        raise NotLiteral from None


def _set(items: list[Any]) -> set[Any]:
    try:
        return set(items)
    except TypeError:
        raise NotLiteral from None


def _key(node: ir.Expr | None, constants: Mapping[str, Any]) -> Any:
    if node is None:
        raise NotLiteral
    value = literal(node, constants)
    try:
        hash(value)
    except TypeError:
        raise NotLiteral from None
    return value
