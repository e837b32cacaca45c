"""Which reshapes need a transposition first; sizes as users name them."""

from __future__ import annotations

import pytest

from archlint.facts.order import needs_transposition
from archlint.options import parse_shape

MIXED = {
    "merged heads without the transposition back": ("(B, 8, T, 64)", "(B, T, 8*64)", (0, 2, 1, 3)),
    "frames into the batch behind the channels": ("(B, 3, T, H, W)", "(B*T, 3, H, W)", (0, 2, 1, 3, 4)),
    "split heads in the wrong place": ("(B, L, 8, D)", "(B, 8, L, D)", (0, 2, 1, 3)),
    "hidden state of two directions": ("(2, N, 32)", "(N, 64)", (1, 0, 2)),
    "features of a map as steps": ("(N, 512, H, W)", "(N, H*W, 512)", (0, 2, 3, 1)),
    "height as the channels": ("(N, 64, H, W)", "(N, W, 64*H)", (0, 3, 1, 2)),
    "channels last by reshape": ("(N, H, W, 64)", "(N, 64, H, W)", (0, 3, 1, 2)),
    "time first by view": ("(N, T, 16)", "(T, N, 16)", (1, 0, 2)),
    "windows put together": ("(N, h, w, p, p, 96)", "(N, h*p, w*p, 96)", (0, 1, 3, 2, 4, 5)),
    "an axis of one is no matter": ("(N, 1, 64, L)", "(N, L, 64)", (1, 0, 3, 2)),
}

FINE = {
    "merged heads after it": ("(B, T, 8, 64)", "(B, T, 8*64)"),
    "flattened maps": ("(N, 64, h, w)", "(N, 64*h*w)"),
    "all in one": ("(N, T, 16)", "(T*N*16,)"),
    "hidden state of one layer": ("(1, N, 32)", "(N, 32)"),
    "patches": ("(N, 3, 2*h, 2*w)", "(N, 3, h, 2, w, 2)"),
    "groups of channels": ("(N, 16, 4, 8)", "(N, 8, 64)"),
    "two numbers that may be others": ("(N, 8, 16, 4)", "(N, 16, 32)"),
    "every second step": ("(B, 2*T, C)", "(B, T, 2*C)"),
    "shuffled channels": ("(N, 30, 2, h, w)", "(N, 60, h, w)"),
    "batch and time in one axis": ("(T, N, F)", "(N*T, F)"),
    "a size is not known": ("(N, ?, T, 64)", "(N, T, 512)"),
    "other sizes": ("(N, C, h)", "(N, K, h)"),
    "equal symbols": ("(N, T, T)", "(N, T, T)"),
}


@pytest.mark.parametrize("name", MIXED)
def test_the_order_that_was_meant(name: str) -> None:
    before, after, order = MIXED[name]
    mixed = needs_transposition(parse_shape(before), parse_shape(after))
    assert mixed is not None
    assert mixed.order == order
    assert mixed.early < mixed.late


@pytest.mark.parametrize("name", FINE)
def test_no_verdict(name: str) -> None:
    before, after = FINE[name]
    assert needs_transposition(parse_shape(before), parse_shape(after)) is None
