"""Arithmetic on single elements of constant tensors, as torch rounds it.

An element is a bool, an int, a float, a `Near`, or None (not known).  Kernels agree on `+ - *`, but not on the last
bits of a logarithm or a quotient: such an element is known to lie between two numbers, which is enough for its
rounding to be known, as in `torch.round(torch.log(widths) / math.log(2)).int()`.
"""

from __future__ import annotations

import math
import operator
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, Union


@dataclass(frozen=True, slots=True)
class Near:
    """A number between two others."""

    low: float
    high: float


Element: TypeAlias = Union[bool, int, float, Near, None]

_BITS = {"uint8": (0, 255), **{f"int{n}": (-(2 ** (n - 1)), 2 ** (n - 1) - 1) for n in (8, 16, 32, 64)}}
_SLACK = {"float32": 2.0**-21, "float64": 2.0**-50}
_LEAST, _GREATEST = 2.0**-100, 2.0**127
KNOWN = frozenset({*_BITS, *_SLACK, "bool"})
"""Types whose arithmetic is modelled."""


def floating(dtype: str) -> bool:
    """Is it a type of fractions?"""
    return dtype in _SLACK


def convert(value: Element, dtype: str) -> Element:
    """The element as another type; None where torch's answer is not certain."""
    if value is None or dtype not in KNOWN:
        return None
    if dtype == "bool":
        known = not isinstance(value, Near) or value.low > 0 or value.high < 0
        return (isinstance(value, Near) or bool(value)) if known else None
    if dtype in _BITS:
        whole = truncated(value)
        least, greatest = _BITS[dtype]
        return int(whole) if isinstance(whole, (int, float)) and least <= whole <= greatest else None
    if isinstance(value, Near):
        return _between((value.low, value.high), dtype)
    return _rounded(float(value), dtype)


def truncated(value: Element) -> Element:
    """Without its fraction, towards zero."""
    return value if isinstance(value, int) else unary("trunc", value, "float64")


def _rounded(value: float, dtype: str) -> float | None:
    """The nearest number of the type."""
    if not math.isfinite(value):
        return None
    if dtype == "float64":
        return value
    try:
        return float(struct.unpack("f", struct.pack("f", value))[0])
    except OverflowError:
        return None


def _between(values: tuple[float, ...], dtype: str) -> Element:
    """Somewhere between the least and the greatest, and a few last bits further."""
    low, high = min(values), max(values)
    if not all(v == 0 or _LEAST < abs(v) < _GREATEST for v in (low, high)):
        return None  # infinite, or of fewer bits, in the narrower type
    slack = _SLACK[dtype]
    return Near(low - abs(low) * slack, high + abs(high) * slack)


def _ends(value: Element) -> tuple[float, ...]:
    if isinstance(value, Near):
        return value.low, value.high
    return () if value is None else (value,)


_STEPS: dict[str, Callable[[float], float]] = {
    "ceil": math.ceil, "floor": math.floor, "round": round, "trunc": math.trunc, "neg": operator.neg,
    "negative": operator.neg, "positive": operator.pos,
}  # fmt: skip
_CURVES: dict[str, Callable[[float], float]] = {
    "exp": math.exp, "log": math.log, "log2": math.log2, "log10": math.log10, "sqrt": math.sqrt,
}  # fmt: skip
UNARY = (*_STEPS, *_CURVES, "abs", "square")


def unary(name: str, value: Element, dtype: str) -> Element:
    """A function of one element; `dtype` is that of the result.  All of these are monotone but `abs` and `square`."""
    if value is None:
        return None
    if name == "square":
        return binary("*", value, value, dtype) if not isinstance(value, Near) else None
    if name == "abs":
        if isinstance(value, Near) and value.low < 0 < value.high:
            return None
        return unary("neg", value, dtype) if max(_ends(value)) < 0 else value
    if name in _STEPS and not isinstance(value, Near):
        return _STEPS[name](value) if not floating(dtype) else float(_STEPS[name](value))
    try:
        found = tuple(float((_STEPS.get(name) or _CURVES[name])(v)) for v in _ends(value))
    except (ValueError, OverflowError):
        return None
    if name in _STEPS:
        return found[0] if found[0] == found[-1] else Near(min(found), max(found))
    return _between(found, dtype) if floating(dtype) else None


_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_EXACT: dict[str, Callable[[float, float], float]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "max": max, "min": min,
}  # fmt: skip


def binary(op: str, a: Element, b: Element, dtype: str) -> Element:
    """`a op b` of two elements of one type, `dtype` that of the result."""
    if a is None or b is None:
        return None
    if op in _COMPARE:
        found = {_COMPARE[op](x, y) for x in _ends(a) for y in _ends(b)}
        decided = len(found) == 1 and (op not in ("==", "!=") or _apart(a, b) or not _near(a, b))
        return found.pop() if decided else None
    try:
        if not floating(dtype):
            return _whole(op, a, b, dtype)
        if op == "//":
            return unary("floor", binary("/", a, b, dtype), dtype)
        return _fraction(op, a, b, dtype)
    except (ArithmeticError, ValueError):
        return None


def _near(a: Element, b: Element) -> bool:
    return isinstance(a, Near) or isinstance(b, Near)


def _apart(a: Element, b: Element) -> bool:
    return max(_ends(a)) < min(_ends(b)) or max(_ends(b)) < min(_ends(a))


def _whole(op: str, a: Element, b: Element, dtype: str) -> Element:
    """Arithmetic of integers; a result outside of the type's range would wrap around: not known."""
    if not isinstance(a, int) or not isinstance(b, int) or dtype not in _BITS:
        return None
    operators: dict[str, Callable[[int, int], int]] = {
        "+": operator.add, "-": operator.sub, "*": operator.mul, "//": operator.floordiv, "%": operator.mod,
        "max": max, "min": min,
    }  # fmt: skip
    if op == "**":
        return convert(a**b, dtype) if 0 <= b <= 64 and abs(a) < 2**16 else None
    return convert(operators[op](a, b), dtype) if op in operators else None


def _fraction(op: str, a: Element, b: Element, dtype: str) -> Element:
    if op in _EXACT:
        found = tuple(float(_EXACT[op](x, y)) for x in _ends(a) for y in _ends(b))
        return _between(found, dtype) if _near(a, b) else _rounded(found[0], dtype)
    if op == "/" and not min(_ends(b)) <= 0 <= max(_ends(b)):
        found = tuple(x / y for x in _ends(a) for y in _ends(b))
        exact = not _near(a, b) and _rounded(found[0], dtype) == found[0] and found[0] * _ends(b)[0] == _ends(a)[0]
        return found[0] if exact else _between(found, dtype)
    if op == "**" and b in (0, 1):  # exact in every kernel, as no other power is
        return a if b == 1 else 1.0
    if op == "**" and min(_ends(a)) > 0:
        return _power(a, b, dtype)
    return None


def _power(a: Element, b: Element, dtype: str) -> Element:
    """A power; the error of its exponent grows with the exponent times the logarithm of its base."""
    found = [(float(x**y), 1 + abs(y * math.log(x))) for x in _ends(a) for y in _ends(b)]
    slack = _SLACK[dtype] * max(factor for _, factor in found)
    return _between(tuple(v * (1 + side * slack) for v, _ in found for side in (-1, 1)), dtype)
