"""A size as a constant times factors that each grow with one symbol.

A flatten of `(16, H//4 - 3, W//4 - 3)` is one expanded polynomial with negative coefficients, from which nothing
can be read.  Taken apart again it is `16 * (H//4 - 3) * (W//4 - 3)`, and every factor rises with its symbol.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd, isqrt

from archlint.dims import Atom, Dim, Expr, Monomial, Var, evaluate, product, symbols


@dataclass(frozen=True, slots=True)
class Rising:
    """A size that never falls while its only symbol rises: `H//4 - 3`."""

    size: Dim
    symbol: str

    def at(self, value: int) -> int:
        """The size when the symbol has this value."""
        return evaluate(self.size, {self.symbol: value})

    def least(self, size: int) -> int:
        """The least value (from 1) of the symbol at which the size is `size` or more."""
        high = 1
        while self.at(high) < size:
            high *= 2
        low = high // 2
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self.at(middle) >= size else (middle, high)
        return high

    def values(self, size: int) -> range:
        """The values of the symbol at which the size is exactly `size`."""
        return range(self.least(size), self.least(size + 1))


def rising(size: Expr) -> Rising | None:
    """The size as `Rising`, if it is proven to be: one symbol, every coefficient positive, no products.

    A product of atoms is left out: `(H//4) * (H//9 - 2)` falls where both are negative.
    """
    if not isinstance(size, Dim) or len(found := symbols(size)) != 1:
        return None
    (symbol,) = found
    return Rising(size, symbol.name) if symbol.origin not in ("argument", "inner") and _rises(size) else None


def _rises(size: Dim) -> bool:
    return all(c > 0 and len(m) == 1 and (isinstance(m[0], Var) or _rises(m[0].num)) for m, c in size.terms)


@dataclass(frozen=True, slots=True)
class Factored:
    """`constant * product(factors)`, the factors' least values left open."""

    constant: int
    factors: tuple[Rising, ...]

    @property
    def symbols(self) -> tuple[str, ...]:
        """Names of the symbols, each once, in order of the factors."""
        return tuple(dict.fromkeys(f.symbol for f in self.factors))


def factor(size: Expr) -> Factored | None:
    """The size taken apart, or None where that is not proven possible."""
    if isinstance(size, int):
        return Factored(size, ())
    parts = _parts(size)
    if parts is None:
        return None
    constant, pieces = parts
    factors = [rising(p) for p in pieces]
    if any(f is None for f in factors) or product([constant, *pieces]) != size:
        return None
    return Factored(constant, tuple(f for f in factors if f is not None))


def _parts(size: Dim) -> tuple[int, list[Dim]] | None:
    """Constant and primitive factors, each over one symbol as far as the polynomial separates."""
    content = gcd(size.const, *(c for _, c in size.terms))
    whole = _polynomial({m: c // content for m, c in _coefficients(size).items()})
    assert isinstance(whole, Dim)
    names = sorted({s.name for s in symbols(whole)})
    if len(names) == 1:
        root = _square_root(whole)
        return (content, [root, root]) if root is not None else (content, [whole])
    split = _separate(whole, names[0])
    if split is None:
        return None
    found: list[Dim] = []
    for part in split:
        inner = _parts(part)
        if inner is None:
            return None
        content *= inner[0]
        found += inner[1]
    return content, found


def _separate(size: Dim, name: str) -> tuple[Dim, Dim] | None:
    """`size` as a factor in symbol `name` times a factor in the others: the matrix of coefficients has rank one."""
    table = _coefficients(size)
    rows: dict[Monomial, dict[Monomial, int]] = {}
    for monomial, c in table.items():
        mine = tuple(a for a in monomial if _names(a) == {name})
        other = tuple(a for a in monomial if name not in _names(a))
        if len(mine) + len(other) != len(monomial):
            return None
        rows.setdefault(mine, {})[other] = c
    first = max(rows, key=len)
    column = max(rows[first], key=len)
    left = _primitive({m: row.get(column, 0) for m, row in rows.items()})
    right = _primitive(rows[first])
    if not isinstance(left, Dim) or not isinstance(right, Dim):
        return None
    return left, right


def _square_root(size: Dim) -> Dim | None:
    """`x - 3` for `x*x - 6*x + 9`, `x` an atom: height and width that share one symbol."""
    table = _coefficients(size)
    lead = max(table, key=len)
    if len(lead) != 2 or lead[0] != lead[1] or any(set(m) - set(lead) for m in table):
        return None
    a, b, c = (table.get(m, 0) for m in (lead, lead[:1], ()))
    scale, shift = isqrt(a) if a > 0 else 0, isqrt(c) if c >= 0 else 0
    root = _polynomial({lead[:1]: scale, (): -shift if b < 0 else shift})
    return root if isinstance(root, Dim) and root * root == size else None


def _names(atom: Atom) -> set[str]:
    return {atom.name} if isinstance(atom, Var) else {s.name for s in symbols(atom.num)}


def _coefficients(size: Dim) -> dict[Monomial, int]:
    return {**dict(size.terms), **({(): size.const} if size.const else {})}


def _primitive(table: dict[Monomial, int]) -> Expr:
    divisor = gcd(*table.values()) or 1
    return _polynomial({m: c // divisor for m, c in table.items()})


def _polynomial(table: dict[Monomial, int]) -> Expr:
    total: Expr = 0
    for monomial, c in table.items():
        part: Expr = c
        for atom in monomial:
            part = part * Dim((((atom,), 1),), 0)
        total = total + part
    return total
