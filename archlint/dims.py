"""Symbolic tensor sizes.

A size is an `int`, a `Dim`, or `None` (unknown).  A `Dim` has the normal form
`const + sum(coefficient * product of atoms)`; an atom is a `Var` or the floor of a `Dim` divided by
a positive integer.  Four floor identities, exact for integers, keep the form canonical, so that a
stack of convolutions and poolings over one unknown side is always one floor: `(H + 31)//32`.

`==` is structural.  Sizes are compared through `same`, `proven_equal` and `proven_different` only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from math import gcd, inf
from typing import TypeAlias, Union

Expr: TypeAlias = Union[int, "Dim"]
Size: TypeAlias = Union[int, "Dim", None]
Atom: TypeAlias = Union["Var", "Floor"]
Monomial: TypeAlias = tuple[Atom, ...]


@dataclass(frozen=True, slots=True)
class Var:
    """A symbol.  `origin`: `input`, `argument`, `dynamic` (left open by the framework: `Input((None, 10))`) or `inner`.

    `inner` is a size of a tensor that is not understood: it may be 0, or padded to a multiple of 32.  An argument may
    be any integer, or no integer at all (`width=0.5`), so nothing is concluded from its bounds.
    """

    name: str
    origin: str = "input"

    @property
    def lo(self) -> float:
        """The least value it can have."""
        return -inf if self.origin == "argument" else 0 if self.origin == "inner" else 1

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True, eq=False)
class Floor:
    """`floor(num / den)` with `den > 1`; made by `_floor` only, so that equal ones, which nest, are one object."""

    num: Dim
    den: int

    def __reduce__(self) -> tuple[Callable[..., Floor], tuple[Dim, int]]:
        return _floor, (self.num, self.den)

    def __str__(self) -> str:
        num = str(self.num)
        return f"{num if num.isidentifier() else f'({num})'}//{self.den}"


@dataclass(frozen=True, slots=True)
class Dim:
    """`const + sum(coefficient * monomial)`, never a bare constant."""

    terms: tuple[tuple[Monomial, int], ...]
    const: int = 0

    def __add__(self, other: Expr) -> Expr:
        return _linear(self, 1, other, 1)

    __radd__ = __add__

    def __sub__(self, other: Expr) -> Expr:
        return _linear(self, 1, other, -1)

    def __rsub__(self, other: Expr) -> Expr:
        return _linear(self, -1, other, 1)

    def __neg__(self) -> Expr:
        return _linear(self, -1, 0, 0)

    def __mul__(self, other: Expr) -> Expr:
        if isinstance(other, int):
            return _linear(self, other, 0, 0)
        acc: dict[Monomial, int] = {}
        for left, a in (*self.terms, ((), self.const)):
            for right, b in (*other.terms, ((), other.const)):
                key = _monomial((*left, *right))
                acc[key] = acc.get(key, 0) + a * b
        return _normal(acc)

    __rmul__ = __mul__

    def __floordiv__(self, divisor: int) -> Expr:
        return floordiv(self, divisor)

    def __bool__(self) -> bool:
        raise TypeError("a symbolic size has no truth value; use proven_equal or proven_different")

    def __str__(self) -> str:
        text = ""
        for monomial, coefficient in sorted(self.terms, key=lambda term: term[1] < 0):
            factors = "*".join(_factor(a, len(monomial) > 1) for a in monomial)
            size = abs(coefficient)
            if size != 1:
                factors = f"{size}*" + (f"({factors})" if "//" in factors and len(monomial) == 1 else factors)
            if text:
                text += f" - {factors}" if coefficient < 0 else f" + {factors}"
            else:
                text = f"-{factors}" if coefficient < 0 else factors
        if self.const:
            text += f" + {self.const}" if self.const > 0 else f" - {-self.const}"
        return text


def _factor(atom: Atom, among: bool) -> str:
    return f"({_order(atom)})" if among and isinstance(atom, Floor) else _order(atom)


@lru_cache(maxsize=65536)
def _order(atom: Atom) -> str:
    return str(atom)


def _monomial(atoms: Iterable[Atom]) -> Monomial:
    return tuple(sorted(atoms, key=_order))


def _normal(acc: dict[Monomial, int]) -> Expr:
    const = acc.pop((), 0)
    terms = [(m, c) for m, c in acc.items() if c]
    if not terms:
        return const
    if len(terms) > 1:
        terms.sort(key=lambda term: [_order(a) for a in term[0]])
    return Dim(tuple(terms), const)


def _linear(a: Expr, ka: int, b: Expr, kb: int) -> Expr:
    if isinstance(a, int) and isinstance(b, int):
        return a * ka + b * kb
    acc: dict[Monomial, int] = {}
    for expr, k in ((a, ka), (b, kb)):
        if isinstance(expr, int):
            acc[()] = acc.get((), 0) + expr * k
        else:
            acc[()] = acc.get((), 0) + expr.const * k
            for monomial, c in expr.terms:
                acc[monomial] = acc.get(monomial, 0) + c * k
    return _normal(acc)


def var(name: str, origin: str = "input") -> Dim:
    """A fresh symbol; two symbols with one name and origin are the same symbol."""
    return Dim((((Var(name, origin),), 1),), 0)


def floordiv(a: Expr, m: int) -> Expr:
    """`floor(a / m)` in normal form; `m` must be positive."""
    if m <= 0:
        raise ValueError("floordiv needs a positive divisor")
    if isinstance(a, int):
        return a // m
    if m == 1:
        return a
    outside: dict[Monomial, int] = {}
    rest: list[tuple[Monomial, int]] = []
    for monomial, c in a.terms:
        if any(isinstance(x, Var) and x.origin == "argument" for x in monomial):
            rest.append((monomial, c))  # perhaps not an integer: floor(m*x / m) need not be x
            continue
        quotient, remainder = divmod(c, m)
        if quotient:
            outside[monomial] = quotient
        if remainder:
            rest.append((monomial, remainder))
    quotient, r = divmod(a.const, m)
    outside[()] = quotient
    if not rest:
        return _normal(outside)
    return _linear(_floor_of_rest(rest, r, m), 1, _normal(outside), 1)


def _floor_of_rest(rest: list[tuple[Monomial, int]], r: int, m: int) -> Expr:
    """Floor of a remainder whose coefficients and constant are already reduced modulo `m`."""
    integral = not any(isinstance(x, Var) and x.origin == "argument" for t, _ in rest for x in t)
    divisor = gcd(m, *(c for _, c in rest)) if integral else 1
    if divisor > 1:  # floor((g*x + r)/(g*n)) = floor((x + r//g)/n)
        rest, r, m = [(t, c // divisor) for t, c in rest], r // divisor, m // divisor
        if m == 1:
            return _normal({**dict(rest), (): r})
    monomial, coefficient = rest[0]
    if integral and 2 * coefficient > m:  # floor(3*x/4) = x - floor((x + 3)/4): one form for what is rounded up
        mirrored = floordiv(_normal({**{t: -c for t, c in rest}, (): m - 1 - r}), m)
        return _linear(mirrored, -1, 0, 0)
    if len(rest) == 1 and coefficient == 1 and len(monomial) == 1 and isinstance(monomial[0], Floor):
        inner = monomial[0]  # floor((floor(x/n) + r)/m) = floor((x + r*n)/(n*m))
        return floordiv(_linear(inner.num, 1, r * inner.den, 1), inner.den * m)
    num = _normal({**dict(rest), (): r})
    assert isinstance(num, Dim)
    return Dim((((_floor(num, m),), 1),), 0)


@cache
def _floor(num: Dim, den: int) -> Floor:
    return Floor(num, den)


def bounds(e: Expr) -> tuple[float, float]:
    """Least and greatest value over all values of the symbols, as far as intervals tell."""
    return (e, e) if isinstance(e, int) else _bounds(e)


@lru_cache(maxsize=1 << 16)  # windows of windows ask for the same rests over and over
def _bounds(e: Dim) -> tuple[float, float]:
    lo, hi = _interval(e)
    if lo == -inf or hi == inf:
        for monomial, c in e.terms:
            atom = monomial[0]
            if len(monomial) == 1 and isinstance(atom, Floor) and c % atom.den == 0:
                low, high = _remainder(e, atom, -c // atom.den)
                lo, hi = max(lo, low), min(hi, high)
    return lo, hi


def _remainder(e: Dim, floor: Floor, times: int) -> tuple[float, float]:
    """Bounds where `times * (num - den * floor)` is in it: each remainder is from 0 to den - 1."""
    whole = Dim((((floor,), 1),), 0)
    low, high = bounds(e - (floor.num - whole * floor.den) * times)
    spread = times * (floor.den - 1)
    return low + min(spread, 0), high + max(spread, 0)


def _interval(e: Dim) -> tuple[float, float]:
    lo: float = e.const
    hi: float = e.const
    for monomial, c in e.terms:
        low, high = 1.0, 1.0
        for atom in monomial:
            corners = [_times(x, y) for x in (low, high) for y in _atom_bounds(atom)]
            low, high = min(corners), max(corners)
        lo += _times(c, low if c > 0 else high)
        hi += _times(c, high if c > 0 else low)
    return lo, hi


def _times(x: float, y: float) -> float:
    return 0 if x == 0 or y == 0 else x * y


def _atom_bounds(atom: Atom) -> tuple[float, float]:
    if isinstance(atom, Var):
        return atom.lo, inf
    lo, hi = bounds(atom.num)
    return (lo if lo == -inf else lo // atom.den), (hi if hi == inf else hi // atom.den)


def symbols(e: Size) -> frozenset[Var]:
    """Every symbol that occurs in a size."""
    return _symbols(e) if isinstance(e, Dim) else frozenset()


@lru_cache(maxsize=1 << 16)
def _symbols(e: Dim) -> frozenset[Var]:
    atoms = {atom for monomial, _ in e.terms for atom in monomial}
    return frozenset().union(*({atom} if isinstance(atom, Var) else symbols(atom.num) for atom in atoms))


def same(a: Size, b: Size) -> bool | None:
    """True: equal for every value of the symbols; False: for none; None: it depends, or unknown."""
    if a is None or b is None:
        return None
    if isinstance(a, int) and isinstance(b, int):
        return a == b
    if a == b:
        return True
    difference = _linear(a, 1, b, -1)
    if isinstance(difference, int):
        return difference == 0
    lo, hi = bounds(difference)
    if lo > 0 or hi < 0:
        return False
    if any(v.origin == "argument" for v in symbols(difference)):
        return None  # an argument may be a fraction: divisibility says nothing
    return False if difference.const % gcd(*(c for _, c in difference.terms)) else None


def proven_equal(a: Size, b: Size) -> bool:
    """Equal whatever the symbols stand for."""
    return same(a, b) is True


def proven_different(a: Size, b: Size) -> bool:
    """Different whatever the symbols stand for."""
    return same(a, b) is False


def product(sizes: Iterable[Size]) -> Size:
    """Product of sizes; unknown if any is."""
    total: Expr = 1
    for size in sizes:
        if size is None:
            return None
        total = total * size
    return total


def add(a: Size, b: Size) -> Size:
    """Sum; unknown if either is."""
    return None if a is None or b is None else a + b


def mul(a: Size, b: Size) -> Size:
    """Product; unknown if either is."""
    return None if a is None or b is None else a * b


def divide(a: Size, b: Size) -> Size:
    """`a / b` where the division is exact for every value of the symbols, else None."""
    if a is None or b is None or b == 0:
        return None
    if isinstance(a, int) and isinstance(b, int):
        return a // b if a % b == 0 else None
    if a == b:
        return 1
    return _exact_quotient(a, b)


def _exact_quotient(a: Expr, b: Expr) -> Size:
    """Multivariate long division by one divisor, in a fixed monomial order; None if a rest remains."""
    (lead, lead_coefficient), *_ = _descending(b)
    quotient: Expr = 0
    for _ in range(64):
        if isinstance(a, int) and a == 0:
            return quotient
        (monomial, c), *_ = _descending(a)
        left = _without(monomial, lead)
        if left is None or c % lead_coefficient:
            return None
        step = _normal({left: c // lead_coefficient})
        quotient = quotient + step
        a = a - step * b
    return None


def _descending(e: Expr) -> list[tuple[Monomial, int]]:
    terms = [((), e)] if isinstance(e, int) else [*e.terms, *([((), e.const)] if e.const else [])]
    return sorted(terms, key=lambda t: (len(t[0]), [_order(a) for a in t[0]]), reverse=True)


def _without(monomial: Monomial, part: Monomial) -> Monomial | None:
    left = list(monomial)
    for atom in part:
        if atom not in left:
            return None
        left.remove(atom)
    return tuple(left)


def evaluate(e: Expr, values: Mapping[str, int]) -> int:
    """The size for given values of its symbols, by name; KeyError if one is missing."""
    if isinstance(e, int):
        return e
    total = e.const
    for monomial, c in e.terms:
        for atom in monomial:
            c *= values[atom.name] if isinstance(atom, Var) else evaluate(atom.num, values) // atom.den
        total += c
    return total


def substitute(e: Size, values: Mapping[str, Expr]) -> Size:
    """The size with some symbols replaced."""
    floors: dict[int, Expr] = {}  # a nested size holds the same floors many times

    def replaced(e: Dim) -> Expr:
        total: Expr = e.const
        for monomial, c in e.terms:
            part: Expr = c
            for atom in monomial:
                if isinstance(atom, Floor) and id(atom) not in floors:
                    floors[id(atom)] = floordiv(replaced(atom.num), atom.den)
                own = values.get(atom.name, Dim((((atom,), 1),), 0)) if isinstance(atom, Var) else floors[id(atom)]
                part = part * own
            total = total + part
        return total

    return replaced(e) if isinstance(e, Dim) else e


def show(size: Size) -> str:
    """A size for people; `?` where unknown."""
    return "?" if size is None else str(size)


def show_shape(shape: tuple[Size, ...] | None) -> str:
    """A shape for people: `(N, 64, H//2, W//2)`, `(?)` for unknown rank."""
    if shape is None:
        return "(...)"
    inner = ", ".join(show(s) for s in shape)
    return f"({inner},)" if len(shape) == 1 else f"({inner})"
