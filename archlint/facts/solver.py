"""Which input sizes a model accepts, solved backwards: for messages only, never for facts of the graph.

All functions are sound: what is not proven to rise with the input's sizes gives None ("cannot tell").
A spatial size of 0 or less is no size, so only inputs that keep every factor at 1 or more count.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from archlint.dims import Dim, Expr, Size, product, same, substitute, symbols, var
from archlint.facts.factors import Factored, Rising, factor, rising

_LARGE_PRIMES = (1009, 1013, 1019)
_SHOWN = 3
"""Solutions with unequal sides that are printed."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """Input sizes that give the wanted number: one range for square inputs, else one per symbol and solution.

    `symbols` are the names of the sizes that are solved for, as `("H", "W")`.
    """

    symbols: tuple[str, ...]
    square: range | None
    boxes: tuple[tuple[range, ...], ...]

    @property
    def none(self) -> bool:
        """No input size fits."""
        return not self.boxes

    def __str__(self) -> str:
        name = "=".join(self.symbols)
        if self.square is not None:
            return f"{name} {between(self.square)}"
        found = [" and ".join(f"{s} {between(r)}" for s, r in zip(self.symbols, box)) for box in self.boxes]
        return " or ".join(found[:_SHOWN]) + (" …" if len(found) > _SHOWN else "")


def between(values: range) -> str:
    """`32..35`, or `7` where only one value fits."""
    return str(values[0]) if len(values) == 1 else f"{values[0]}..{values[-1]}"


def accepted_sizes(size: Size | Iterable[Size], target: int, keep: Iterable[Size] = ()) -> Accepted | None:
    """Input sizes for which `size` (or the product of sizes) is exactly `target`; None: cannot tell.

    LeNet's flatten is `16*(H//4 - 3)*(W//4 - 3)`: 400 needs H=W in 32..35.  `keep` are further sizes of the model
    that have to be 1 or more; those that are not proven to rise are left out.
    """
    whole = _factored(size)
    if whole is None or not whole.factors or target < 1:
        return None
    floors = _least_values(keep)
    boxes = tuple(_clipped(box, whole.symbols, floors) for box in _boxes(whole, target))
    boxes = tuple(box for box in boxes if all(box))
    return Accepted(whole.symbols, _square(boxes), boxes)


def unsatisfiable(size: Size | Iterable[Size], target: int) -> str | None:
    """Why no input size whatever makes `size` equal to `target`; None if one does, or cannot tell."""
    whole = _factored(size)
    if whole is None:
        return None
    if not whole.factors:
        return None if whole.constant == target else f"it is always {whole.constant}"
    if target < 1:
        return f"{target} is not positive"
    if whole.constant < 1:
        return None
    text = "*".join((*([str(whole.constant)] if whole.constant != 1 else []), *(_bracketed(f) for f in whole.factors)))
    if target % whole.constant:
        return f"{target} is not a multiple of {whole.constant} in {text}"
    return None if _boxes(whole, target) else f"no {' and '.join(whole.symbols)} make {text} equal to {target}"


def minimum_size(sizes: Iterable[Size]) -> int | None:
    """The least H=W at which every size is 1 or more; None if none of them depends on the input's size.

    Sizes that are not known or not proven to rise are left out, so smaller inputs fail for sure.
    """
    return max(_least_values(sizes).values(), default=None)


def minimum_sizes(sizes: Iterable[Size]) -> dict[str, int]:
    """The same per symbol: `{"H": 32, "W": 32}`."""
    return _least_values(sizes)


@lru_cache(maxsize=1024)
def required_multiple(a: Size, b: Size, most: int = 128) -> int | None:
    """The least `m` such that `a` and `b` are equal exactly when their symbol is a multiple of `m`; else None.

    `2*(H//2)` and `H` meet when H is even; four levels of a U-Net need a multiple of 16.
    """
    found = symbols(a) | symbols(b)
    if a is None or b is None or len(found) != 1:
        return None
    (symbol,) = found
    if symbol.origin in ("argument", "inner"):
        return None
    step = var(symbol.name, symbol.origin)
    m = 2
    while m <= most:
        tried = (_equal_at(a, b, symbol.name, m * k) for k in _LARGE_PRIMES)  # numbers are quick
        if False not in tried and _equal_at(a, b, symbol.name, step * m) is True:
            # H = m*k + r - m runs through every other H >= 1
            rests = (_equal_at(a, b, symbol.name, step * m + (r - m)) for r in range(1, m))
            return m if all(equal is False for equal in rests) else None
        m *= 2
    return None


def _equal_at(a: Size, b: Size, name: str, value: Expr) -> bool | None:
    return same(substitute(a, {name: value}), substitute(b, {name: value}))


def _factored(size: Size | Iterable[Size]) -> Factored | None:
    """One size is taken apart; several are kept as the factors they are."""
    if size is None or isinstance(size, (int, Dim)):
        return None if size is None else factor(size)
    constant, factors = 1, list[Rising]()
    for part in size:
        piece = None if part is None else factor(part)
        if piece is None:
            return factor(whole) if (whole := product(size)) is not None else None
        constant, factors = constant * piece.constant, [*factors, *piece.factors]
    return Factored(constant, tuple(factors))


def _boxes(whole: Factored, target: int) -> list[tuple[range, ...]]:
    """Every assignment of ranges to symbols with `constant * product(factors) == target`, factors >= 1."""
    if whole.constant < 1 or target % whole.constant:
        return []
    found: list[tuple[range, ...]] = []
    names = whole.symbols

    def assign(rest: int, i: int, ranges: dict[str, range]) -> None:
        if i == len(whole.factors):
            if rest == 1:
                found.append(tuple(ranges[n] for n in names))
            return
        piece = whole.factors[i]
        for value in _divisors(rest):
            allowed = _meet(ranges.get(piece.symbol), piece.values(value))
            if allowed:
                assign(rest // value, i + 1, {**ranges, piece.symbol: allowed})

    assign(target // whole.constant, 0, {})
    return found


def _divisors(n: int) -> list[int]:
    small = [d for d in range(1, int(n**0.5) + 1) if n % d == 0]
    return [*small, *(n // d for d in reversed(small) if d * d != n)]


def _meet(a: range | None, b: range) -> range:
    return b if a is None else range(max(a.start, b.start), min(a.stop, b.stop))


def _clipped(box: tuple[range, ...], names: tuple[str, ...], floors: dict[str, int]) -> tuple[range, ...]:
    return tuple(range(max(r.start, floors.get(name, 1)), r.stop) for name, r in zip(names, box))


def _square(boxes: Iterable[tuple[range, ...]]) -> range | None:
    """Values that all symbols may take at once."""
    for box in boxes:
        common = range(max(r.start for r in box), min(r.stop for r in box))
        if common:
            return common
    return None


def _least_values(sizes: Iterable[Size]) -> dict[str, int]:
    least: dict[str, int] = {}
    for size in sizes:
        piece = rising(size) if isinstance(size, Dim) else None
        if piece is not None:
            least[piece.symbol] = max(least.get(piece.symbol, 1), piece.least(1))
    return least


def _bracketed(piece: Rising) -> str:
    text = str(piece.size)
    return text if text.isidentifier() else f"({text})"
