"""Sizes inside a model, found by what was made of them."""

from __future__ import annotations

from archlint.dims import Dim, Size, floordiv, var
from archlint.run.inner_sizes import solve
from archlint.run.records import Executed
from archlint.values import Tensor

H = var("H", "inner")


def solved(*seen: tuple[Size, int]) -> dict[str, int]:
    sizes: dict[str, int] = {}
    solve([(Tensor((4, ours)), Executed((4, theirs))) for ours, theirs in seen], sizes)
    return sizes


def test_a_symbol_that_stands_alone_is_what_it_was() -> None:
    assert solved((H, 224)) == {"H": 224}
    assert solved((H, 0)) == {"H": 0}


def test_all_that_was_made_of_it_narrows_it() -> None:
    half, coarse = floordiv(H + 1, 2), floordiv(H + 31, 32)
    assert solved((coarse, 7)) == {"H": 193}
    assert solved((coarse, 7), (half, 112)) == {"H": 223}
    assert solved((coarse, 7), (half, 112), (H - 2, 222)) == {"H": 224}


def test_what_no_value_explains_is_left_to_differ() -> None:
    assert solved((H, 224), (H + 1, 224)) == {"H": 224}
    assert solved((2 * H, 7)) == {}


def test_symbols_of_the_input_and_products_of_two_are_not_its_business() -> None:
    two = H * var("W", "inner")
    assert isinstance(two, Dim)
    assert solved((var("H"), 8), (two, 12)) == {}
