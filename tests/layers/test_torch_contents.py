"""Elements of small constant tensors against torch: what is known is exact, what is nearly known is within."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from archlint.layers import find
from archlint.layers.families.elementwise import broadcast
from archlint.layers.spec import Out
from archlint.layers.torch import computed
from archlint.layers.torch.rounding import UNARY, Near
from archlint.values import Tensor

torch = pytest.importorskip("torch")

SYMBOLS = {"+": "add", "-": "sub", "*": "mul", "/": "div", "//": "floor_divide", "%": "remainder", "**": "pow",
           "==": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}  # fmt: skip
FOLDS = ("sum", "prod", "max", "min", "amax", "amin", "cumsum", "unique", "diff", "flip")


def held(name: str, *args: Any, **keywords: Any) -> Tensor:
    """Our result of a torch function, as a tensor."""
    spec = find(f"torch.{name}")
    assert spec is not None
    bound = spec.bind(args, keywords)
    return as_tensor(computed.filled(spec.name, bound, spec.apply(None, bound)), args)


def as_tensor(out: Any, given: tuple[Any, ...]) -> Tensor:
    out = out[0] if isinstance(out, tuple) else out
    assert isinstance(out, Out)
    first = next((a for a in given if isinstance(a, Tensor)), None)
    dtype = out.dtype if out.dtype is not None else first.dtype if first is not None else None
    return Tensor(out.shape, dtype or None, data=out.data)


def agrees(ours: Tensor, theirs: Any) -> int:
    """How many elements are known; fails where one is not what torch has."""
    if ours.elements is None:
        return 0
    numbers = theirs.reshape(-1).tolist()
    assert f"torch.{ours.dtype}" == str(theirs.dtype)
    assert len(numbers) == len(ours.elements)
    for mine, real in zip(ours.elements, numbers):
        assert mine is None or (mine.low <= real <= mine.high if isinstance(mine, Near) else mine == real)
    return sum(e is not None for e in ours.elements)


def numbers(rng: Random) -> list[Any]:
    whole = rng.random() < 0.5
    return [rng.randint(-4, 40) if whole else round(rng.uniform(-3, 60), rng.choice((0, 1, 4))) for _ in range(4)]


def test_functions_of_each_element() -> None:
    rng, known = Random(1), 0
    for _ in range(1500):
        data, name = numbers(rng), rng.choice(UNARY)
        try:
            real = getattr(torch, name)(torch.tensor(data))
        except RuntimeError:  # e.g. `positive` of something it does not take
            continue
        known += agrees(held(name, held("tensor", data)), real)
    assert known > 3000


def test_operators() -> None:
    rng, known = Random(2), 0
    for _ in range(4000):
        left, op = numbers(rng), rng.choice(list(SYMBOLS))
        right = rng.choice((numbers(rng), numbers(rng)[0], [numbers(rng)[0]]))
        ours, theirs = held("tensor", left), torch.tensor(left)
        other = held("tensor", right) if isinstance(right, list) else right
        try:
            real = getattr(torch, SYMBOLS[op])(theirs, torch.tensor(right) if isinstance(right, list) else right)
        except (RuntimeError, ZeroDivisionError):
            continue
        comparison = "bool" if op in ("==", "!=", "<", "<=", ">", ">=") else None
        out = broadcast(ours, other, dtype=comparison, division=op == "/")
        known += agrees(as_tensor(computed.operator(op, ours, other, out), (ours,)), real)
    assert known > 8000


def test_sums_extremes_and_orders() -> None:
    rng, known = Random(3), 0
    for _ in range(1000):
        data, name = numbers(rng), rng.choice(FOLDS)
        extra = ([0],) if name == "flip" else (0,) if name == "cumsum" else ()
        known += agrees(held(name, held("tensor", data), *extra), getattr(torch, name)(torch.tensor(data), *extra))
    assert known > 800


def test_ranges() -> None:
    rng, known = Random(4), 0
    for _ in range(1500):
        start, end = round(rng.uniform(-9, 9), rng.choice((0, 2))), round(rng.uniform(9, 400), rng.choice((0, 2)))
        steps, by = rng.randint(1, 40), rng.choice((1, 2, 7, 0.5, 0.1, 3.0))
        known += agrees(held("linspace", start, end, steps), torch.linspace(start, end, steps))
        low, high = rng.choice(((start, end), (int(start), int(end))))
        known += agrees(held("arange", low, high, by), torch.arange(low, high, by))
    assert known > 20000


def test_casts() -> None:
    rng, known = Random(5), 0
    for _ in range(500):
        data, name = numbers(rng), rng.choice(("float", "double", "long", "int", "short", "bool"))
        known += agrees(held(f"Tensor.{name}", held("tensor", data)), getattr(torch.tensor(data), name)())
    assert known > 1500
