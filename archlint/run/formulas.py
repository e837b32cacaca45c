"""Sizes and conditions as PyTorch's symbolic run prints them, evaluated at given sizes.

`((s77 - 1)//2) + 1`, `Max(1, s0)`, `CeilToInt(IntTrueDiv(s1, 2))`, `Eq(12*((s44//4))*((s73//4)), 768)`, `s0 >= 3`.
The text comes from a child that is not trusted: it is parsed, never executed, and what is not known is None.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any, TypeAlias

Number: TypeAlias = "int | float | bool"

LONGEST, DEEPEST = 20_000, 200
HIGHEST_POWER, MOST_BITS = 64, 4096


class _CannotTell(Exception):
    """Something in it is not known, or has no value at these sizes."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A parsed size or condition.  symbols: the names in it."""

    text: str
    tree: ast.expr
    symbols: frozenset[str]

    def at(self, sizes: Mapping[str, int]) -> int | None:
        """The size there; None where it is no integer, or cannot be told."""
        value = _value(self.tree, sizes)
        if isinstance(value, float) and value.is_integer():
            return int(value)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def holds(self, sizes: Mapping[str, int]) -> bool | None:
        """Is the condition true there?  None where that cannot be told."""
        value = _value(self.tree, sizes)
        return value if isinstance(value, bool) else None

    def with_names(self, names: Mapping[str, str]) -> str:
        """As a user reads it: `12 * (H//4) * (W//4) == 768` for names {s44: "H", s73: "W"}."""
        try:
            return ast.unparse(_Renamed(names).visit(ast.parse(self.text, mode="eval").body)).replace(" // ", "//")
        except RecursionError:
            return self.text


def parse(text: str) -> Formula | None:
    """A formula; None for text that is none, or too long or deep to be one worth reading."""
    stripped = text.strip()
    if not stripped or len(stripped) > LONGEST or _depth(stripped) > DEEPEST:
        return None
    try:
        tree = ast.parse(stripped, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in called}
    return Formula(stripped, tree, frozenset(names - set(CONSTANTS)))


def size_at(text: str, sizes: Mapping[str, int]) -> int | None:
    """The size that a text means at given sizes of its symbols."""
    formula = parse(text)
    return formula.at(sizes) if formula is not None else None


def all_hold(guards: tuple[str, ...], sizes: Mapping[str, int]) -> bool | None:
    """Do all conditions of a symbolic run hold there, so that its formulas speak of these sizes?"""
    unknown = False
    for text in guards:
        formula = parse(text)
        held = formula.holds(sizes) if formula is not None else None
        if held is False:
            return False
        unknown = unknown or held is None
    return None if unknown else True


def sizes_of(symbolic: Iterable[object], given: Iterable[object]) -> dict[str, int]:
    """Symbols of one input's shape and the sizes they stand for: (("s77", 3), (2, 3)) gives {"s77": 2}."""
    pairs = zip(symbolic, given)
    return {s: size for s, size in pairs if isinstance(s, str) and s.isidentifier() and isinstance(size, int)}


def _depth(text: str) -> int:
    depth = deepest = 0
    for character in text:
        depth += (character in "([") - (character in ")]")
        deepest = max(deepest, depth)
    return deepest + len(re.findall(r"(?:[-+~]\s*){50,}", text)) * DEEPEST


def _value(tree: ast.expr, sizes: Mapping[str, int]) -> Number | None:
    try:
        return _evaluated(tree, sizes)
    except (_CannotTell, ArithmeticError, ValueError, TypeError, RecursionError):
        return None


def _evaluated(node: ast.expr, sizes: Mapping[str, int]) -> Number:
    """The value of a node; raises _CannotTell, or what Python's own arithmetic raises."""
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        return node.value
    if isinstance(node, ast.Name):
        if node.id in sizes:
            return sizes[node.id]
        if node.id in CONSTANTS:
            return CONSTANTS[node.id]
    elif isinstance(node, ast.UnaryOp) and type(node.op) in SIGNS:
        return SIGNS[type(node.op)](_evaluated(node.operand, sizes))
    elif isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        return _bounded(OPERATORS[type(node.op)](_evaluated(node.left, sizes), _evaluated(node.right, sizes)))
    elif isinstance(node, ast.BoolOp):
        truths = [_truth(_evaluated(value, sizes)) for value in node.values]
        return all(truths) if isinstance(node.op, ast.And) else any(truths)
    elif isinstance(node, ast.Compare) and all(type(op) in COMPARISONS for op in node.ops):
        values = [_evaluated(value, sizes) for value in (node.left, *node.comparators)]
        return all(COMPARISONS[type(op)](a, b) for op, a, b in zip(node.ops, values, values[1:]))
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
        return _called(node.func.id, node.args, sizes)
    raise _CannotTell


def _called(name: str, arguments: list[ast.expr], sizes: Mapping[str, int]) -> Number:
    if name == "Piecewise":
        return _piecewise(arguments, sizes)
    if name == "Where" and len(arguments) == 3:
        return _evaluated(arguments[1 if _truth(_evaluated(arguments[0], sizes)) else 2], sizes)
    function = FUNCTIONS.get(name)
    if function is None:
        raise _CannotTell
    return _bounded(function(*[_evaluated(argument, sizes) for argument in arguments]))


def _piecewise(arms: list[ast.expr], sizes: Mapping[str, int]) -> Number:
    """`Piecewise((a, condition), (b, True))`: the first whose condition holds."""
    for arm in arms:
        if not isinstance(arm, ast.Tuple) or len(arm.elts) != 2:
            break
        if _truth(_evaluated(arm.elts[1], sizes)):
            return _evaluated(arm.elts[0], sizes)
    raise _CannotTell


def _truth(value: Number) -> bool:
    if not isinstance(value, bool):
        raise _CannotTell
    return value


def _bounded(value: Number) -> Number:
    if isinstance(value, int) and value.bit_length() > MOST_BITS:
        raise _CannotTell
    return value


def _power(base: Number, exponent: Number) -> Number:
    if abs(exponent) > HIGHEST_POWER:
        raise _CannotTell
    result: Number = base**exponent
    if isinstance(result, complex):
        raise _CannotTell
    return result


def _both(combine: Callable[[bool, bool], bool]) -> Callable[[Number, Number], Number]:
    """`(a >= 1) & (b >= 1)` joins conditions; on numbers the operator is not a condition's."""

    def joined(a: Number, b: Number) -> bool:
        return combine(_truth(a), _truth(b))

    return joined


def _every(*values: Number) -> bool:
    return all(_truth(value) for value in values)


def _some(*values: Number) -> bool:
    return any(_truth(value) for value in values)


def _negated(value: Number) -> bool:
    return not _truth(value)


def _exactly(a: Number, b: Number) -> Number:
    """`CleanDiv(a, b)`, which promises that nothing remains."""
    if a % b:
        raise _CannotTell
    return a // b


def _part(base: Number, divisor: Number, modulus: Number) -> Number:
    return base // divisor % modulus


CONSTANTS: dict[str, Number] = {"True": True, "False": False, "oo": math.inf, "int_oo": math.inf, "pi": math.pi}
SIGNS: dict[type[ast.unaryop], Callable[[Any], Number]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: _negated,
    ast.Invert: _negated,
}
OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Number]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
    ast.Pow: _power,
    ast.BitAnd: _both(operator.and_),
    ast.BitOr: _both(operator.or_),
}
COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
FUNCTIONS: dict[str, Callable[..., Number]] = {
    "Eq": operator.eq,
    "Ne": operator.ne,
    "Lt": operator.lt,
    "Le": operator.le,
    "Gt": operator.gt,
    "Ge": operator.ge,
    "And": _every,
    "Or": _some,
    "Not": _negated,
    "Max": max,
    "Min": min,
    "Mod": operator.mod,
    "PythonMod": operator.mod,
    "FloorDiv": operator.floordiv,
    "CleanDiv": _exactly,
    "ModularIndexing": _part,
    "IntTrueDiv": operator.truediv,
    "FloatTrueDiv": operator.truediv,
    "CeilToInt": math.ceil,
    "ceiling": math.ceil,
    "FloorToInt": math.floor,
    "floor": math.floor,
    "TruncToInt": math.trunc,
    "RoundToInt": round,
    "ToFloat": float,
    "Pow": _power,
    "PowByNatural": _power,
    "FloatPow": _power,
    "Abs": abs,
    "Identity": lambda value: value,
    "sqrt": math.sqrt,
    "OpaqueUnaryFn_sqrt": math.sqrt,
    "log": math.log,
    "OpaqueUnaryFn_log2": math.log2,
}
INFIX = {"Eq": "==", "Ne": "!=", "Lt": "<", "Le": "<=", "Gt": ">", "Ge": ">=", "Mod": "%", "PythonMod": "%"}


class _Renamed(ast.NodeTransformer):
    """Names of the user's sizes for the framework's symbols, operators for its functions of two."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Name(self.names.get(node.id, node.id), ast.Load())

    def visit_Call(self, node: ast.Call) -> ast.expr:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        given: list[ast.expr] = [self.visit(argument) for argument in node.args]
        if name in INFIX and len(given) == 2:
            made = ast.parse(f"a {INFIX[name]} b", mode="eval").body
            if isinstance(made, ast.Compare):
                return ast.Compare(given[0], made.ops, [given[1]])
            return ast.BinOp(given[0], ast.Mod(), given[1])
        if name == "And" and given:
            return reduce(lambda a, b: ast.BoolOp(ast.And(), [a, b]), given)
        readable = {"Max": "max", "Min": "min", "CeilToInt": "ceil", "FloorToInt": "floor"}
        return ast.Call(ast.Name(readable.get(name, name), ast.Load()), given, [])
