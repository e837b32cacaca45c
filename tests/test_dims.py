"""Symbolic sizes: one form for what is equal, and the fewest terms in print."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from archlint.dims import Dim, Expr, bounds, evaluate, floordiv, same, var

H, W = var("H"), var("W")


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (-floordiv(-H, 4), "(H + 3)//4"),
        (H + (-H - floordiv(-H, 4) * 4), "4*((H + 3)//4)"),
        (-H - floordiv(-H, 7) * 7, "7*((H + 6)//7) - H"),
        (H - floordiv(H, 4) * 4, "H - 4*(H//4)"),
        (floordiv(floordiv(floordiv(H + 1, 2) + 1, 2) + 1, 2), "(H + 7)//8"),
        (floordiv(H * 3, 4), "H - (H + 3)//4"),
        (floordiv(H + 31, 32) * W, "((H + 31)//32)*W"),
    ],
)
def test_a_size_prints_in_the_fewest_terms(size: Expr, text: str) -> None:
    assert str(size) == text


def test_rounding_up_has_one_form() -> None:
    padded = H + (-H - floordiv(-H, 7) * 7)
    assert same(floordiv(padded, 7), floordiv(H + 6, 7)) is True
    assert same(padded, H) is None
    assert same(padded, H + 7) is False


def test_a_remainder_has_bounds() -> None:
    assert bounds(H - floordiv(H, 4) * 4) == (0, 3)
    assert bounds(-H - floordiv(-H, 4) * 4 + W) == (1, float("inf"))


def test_forms_mean_what_they_were_made_of() -> None:
    rng = Random(3)
    for _ in range(3000):
        points = [(rng.randint(1, 60), rng.randint(1, 60)) for _ in range(4)]
        a, b, c = (rng.randint(-9, 9) for _ in range(3))
        size: Any = H * a + W * b + c
        values = [h * a + w * b + c for h, w in points]
        for _ in range(rng.randint(1, 4)):
            den, times, more, const = rng.randint(2, 9), rng.randint(-6, 6), rng.randint(-3, 3), rng.randint(-9, 9)
            size = floordiv(size, den) * times + H * more + const
            values = [v // den * times + h * more + const for v, (h, _) in zip(values, points)]
        assert [evaluate(size, {"H": h, "W": w}) for h, w in points] == values
        low, high = bounds(size)
        assert all(low <= value <= high for value in values)
        assert not isinstance(size, Dim) or same(size, size + 1) is False
