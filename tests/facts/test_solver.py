"""Which input sizes give a wanted number of features, and which number no input gives."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product as pairs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archlint.dims import Expr, evaluate, floordiv, product, symbols, var
from archlint.facts.factors import factor
from archlint.facts.solver import accepted_sizes, minimum_size, minimum_sizes, required_multiple, unsatisfiable

H, W, N = var("H"), var("W"), var("N")


def slide(size: Expr, kernel: int, stride: int = 1, pad: int = 0) -> Expr:
    return floordiv(size + 2 * pad - kernel, stride) + 1


def lenet(h: Expr) -> Expr:
    return slide(slide(slide(slide(h, 5), 2, 2), 5), 2, 2)


def vgg(h: Expr) -> Expr:
    for _ in range(5):
        h = slide(slide(h, 3, 1, 1), 2, 2)
    return h


def alexnet(h: Expr) -> Expr:
    h = slide(slide(h, 11, 4, 2), 3, 2)
    h = slide(slide(h, 5, 1, 2), 3, 2)
    return slide(slide(h, 3, 1, 1), 3, 2)


@pytest.mark.parametrize(
    ("net", "channels", "target", "text"),
    [
        (lenet, 16, 16 * 5 * 5, "H=W 32..35"),
        (vgg, 512, 512 * 7 * 7, "H=W 224..255"),
        (alexnet, 256, 256 * 6 * 6, "H=W 223..254"),
    ],
)
def test_the_three_classics(net: Callable[[Expr], Expr], channels: int, target: int, text: str) -> None:
    expanded = accepted_sizes(net(H) * net(W) * channels, target)
    assert str(expanded) == text
    assert str(accepted_sizes((channels, net(H), net(W)), target)) == text


def test_one_symbol_for_both_sides() -> None:
    assert str(accepted_sizes(lenet(H) * lenet(H) * 16, 400)) == "H 32..35"
    assert accepted_sizes((16, lenet(H), lenet(H)), 16 * 5 * 6).none  # type: ignore[union-attr]


def test_a_rectangle_is_found_where_no_square_fits() -> None:
    found = accepted_sizes(vgg(H) * vgg(W) * 512, 512 * 7 * 6)
    assert found is not None
    assert found.square is None
    assert (range(224, 256), range(192, 224)) in found.boxes


def test_other_sizes_of_the_model_have_to_stay_positive() -> None:
    assert str(accepted_sizes((8, H, W), 8 * 16, keep=(H - 3,))) == "H=W 4"
    assert accepted_sizes((8, H, W), 8 * 9, keep=(H - 30,)).none  # type: ignore[union-attr]


def test_why_no_input_fits() -> None:
    assert unsatisfiable(64 * (H // 2) * (W // 2), 512 * 7 + 1) == "3585 is not a multiple of 64 in 64*(H//2)*(W//2)"
    assert unsatisfiable(64 * 7 * 7, 25088) == "it is always 3136"
    assert unsatisfiable(3136, 3136) is None
    assert unsatisfiable(lenet(H) * lenet(W) * 16, 400) is None
    # a size and its double: only even products of a certain form come out
    assert unsatisfiable((2 * (H // 2), 2 * (W // 2)), 9) is not None
    assert unsatisfiable((lenet(H), lenet(H)), 6) == "no H make (H//4 - 3)*(H//4 - 3) equal to 6"


def test_silent_where_nothing_is_proven() -> None:
    width = var("width", "argument")
    assert accepted_sizes(None, 7) is None
    assert accepted_sizes(width * 3, 9) is None
    assert accepted_sizes(10 - H, 3) is None
    assert accepted_sizes(H * W + H, 12) is None or not accepted_sizes(H * W + H, 12).none  # type: ignore[union-attr]
    assert unsatisfiable(width * 3, 10) is None
    assert unsatisfiable(10 - H, 30) is None
    assert unsatisfiable(H * W + H + W, 13) is None


def test_least_input() -> None:
    assert minimum_size([lenet(H), lenet(W)]) == 16
    assert minimum_size([vgg(H), vgg(W)]) == 32
    assert minimum_sizes([lenet(H), W - 2]) == {"H": 16, "W": 3}
    assert minimum_size([7, None]) is None
    assert minimum_size([10 - H, H - 4]) == 5


def test_required_multiple() -> None:
    assert required_multiple(2 * (H // 2), H) == 2
    assert required_multiple(16 * (H // 16), H) == 16
    assert required_multiple(2 * slide(H, 3, 2, 1), H) == 2
    assert required_multiple(H // 2, W // 2) is None
    assert required_multiple(H // 2, (H + 1) // 2) == 2
    assert required_multiple(H, H + 1) is None


def test_no_power_of_two_is_the_multiple_of_windows_of_seven() -> None:
    """The skips of a CrossFormer ask for multiples of 224; to find that out takes no long formulas."""
    size: Expr = H
    for _ in range(4):
        size = 7 * ((size // 2) // 7)
    assert required_multiple(size, H // 16) is None


layers = st.lists(st.tuples(st.integers(1, 5), st.integers(1, 3), st.integers(0, 2)), max_size=4)


@settings(max_examples=150, deadline=None)
@given(layers, layers, st.integers(1, 6), st.integers(1, 300), st.booleans())
def test_agrees_with_trying_every_size(
    up: list[tuple[int, int, int]], side: list[tuple[int, int, int]], channels: int, target: int, expanded: bool
) -> None:
    h: Expr = H
    for layer in up:
        h = slide(h, *layer)
    w: Expr = W
    for layer in side:
        w = slide(w, *layer)
    sizes = (channels, h, w)
    whole = product(sizes)
    assert whole is not None
    found = accepted_sizes(whole if expanded else sizes, target)
    assert found is not None

    def fits(a: int, b: int) -> bool:
        high, wide = (evaluate(s, {"H": a, "W": b}) for s in (h, w))
        return high >= 1 and wide >= 1 and channels * high * wide == target

    inside = {tuple(dict(zip(found.symbols, p))[n] for n in ("H", "W")) for box in found.boxes for p in pairs(*box)}
    tried = {(a, b) for a, b in pairs(range(1, 41), repeat=2) if fits(a, b)}
    assert tried == {(a, b) for a, b in inside if a < 41 and b < 41}
    assert (unsatisfiable(sizes, target) is None) == bool(found.boxes)


@settings(max_examples=150, deadline=None)
@given(layers, layers, st.integers(1, 9))
def test_factoring_gives_back_the_size(
    up: list[tuple[int, int, int]], side: list[tuple[int, int, int]], channels: int
) -> None:
    sizes: list[Expr] = [channels]
    for symbol, stack in ((H, up), (W, side)):
        size: Expr = symbol
        for layer in stack:
            size = slide(size, *layer)
        sizes.append(size)
    whole = product(sizes)
    assert whole is not None
    parts = factor(whole)
    assert parts is not None
    assert product([parts.constant, *(f.size for f in parts.factors)]) == whole
    assert all(len(symbols(f.size)) == 1 for f in parts.factors)
