"""Contracts every family checks: ranks, declared sizes, divisibility."""

from __future__ import annotations

from math import gcd

from archlint.dims import Dim, Expr, Size, divide, proven_different, show, show_shape, symbols
from archlint.layers.spec import Fault
from archlint.values import Tensor


def prefer(a: Size, b: Size) -> Size:
    """Of two sizes that must be equal, the one that says more: a number, else a symbol."""
    if isinstance(a, int) or b is None:
        return a
    return b if isinstance(b, int) or a is None else a


def rank_fault(x: Tensor, want: int, accepted: tuple[int, ...] = (), layout: str = "") -> tuple[Fault, ...]:
    """A fault if the rank is known and is none of the accepted ones."""
    if x.shape is None or len(x.shape) in (accepted or (want,)):
        return ()
    ranks = " or ".join(str(r) for r in sorted(accepted or (want,)))
    text = f"needs {ranks} axes{f' {layout}' if layout else ''}, got {len(x.shape)}: {show_shape(x.shape)}"
    return (Fault("rank", "", text, want, len(x.shape)),)


def size_fault(kind: str, arg: str, want: Size, got: Size, axis: int | None) -> tuple[Fault, ...]:
    """A fault if a declared size differs from the input's whatever the symbols are."""
    if not proven_different(want, got):
        return ()
    return (Fault(kind, arg, f"{show(want)} declared, the input has {show(got)}", want, got, axis),)


def divisible(a: Size, b: Size) -> bool | None:
    """Does `b` divide `a`?  True or False only when that holds for every value of the symbols."""
    if a is None or b is None or b == 0:
        return None
    if isinstance(a, int) and isinstance(b, int):
        return a % b == 0
    if divide(a, b) is not None:
        return True
    if any(v.origin == "argument" for v in symbols(a) | symbols(b)):
        return None  # perhaps a fraction
    a, b = _cancel(a, b)
    if isinstance(b, Dim):
        return None
    if isinstance(a, int):
        return a % b == 0
    return False if a.const % gcd(b, *(c for _, c in a.terms)) else None


def _cancel(a: Expr, b: Expr) -> tuple[Expr, Expr]:
    """`a` and `b` without the symbols that are a factor of both: `10*N, 3*N` is `10, 3`."""
    if isinstance(a, int) or isinstance(b, int) or a.const or b.const or len(b.terms) != 1:
        return a, b
    for atom in b.terms[0][0]:
        factor = Dim((((atom,), 1),), 0)
        less_a, less_b = divide(a, factor), divide(b, factor)
        if less_a is not None and less_b is not None:
            return _cancel(less_a, less_b)
    return a, b


def divisibility_fault(arg: str, number: Size, divisor: Size, what: str) -> tuple[Fault, ...]:
    """A fault if the divisor leaves a rest whatever the symbols are."""
    if divisible(number, divisor) is not False:
        return ()
    return (Fault("divide", arg, f"{show(divisor)} does not divide {show(number)} {what}", number, divisor),)
