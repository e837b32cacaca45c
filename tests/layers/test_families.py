"""What the families say about sizes that no framework can be asked about: symbols and unknowns."""

from __future__ import annotations

from archlint.dims import floordiv, var
from archlint.layers.families.contract import divisible
from archlint.layers.families.conv import conv
from archlint.layers.families.elementwise import broadcast
from archlint.layers.families.index import subscript
from archlint.layers.families.merge import concatenate
from archlint.layers.families.pool import pool
from archlint.layers.families.reshape import reshape, squeeze
from archlint.values import SliceValue, Tensor, Unknown

N, H, T = var("N"), var("H"), var("T")
n = var("n", "argument")


def test_subscript_with_an_unknown_part() -> None:
    assert subscript(Tensor((2, 3)), (Unknown("data"),)).shape is None
    assert subscript(Tensor((2, 3)), (Tensor((4,), None),)).shape == (None, 3)
    assert subscript(Tensor(None, last=7), (Ellipsis, 0, SliceValue(None, None, None))).last == 7


def test_slices_of_a_symbol() -> None:
    steps, channels = var("T"), var("C")
    x = Tensor((steps, channels))
    assert subscript(x, (SliceValue(1, None, None),)).shape == (steps - 1, channels)
    assert subscript(x, (SliceValue(None, -1, None),)).shape == (steps - 1, channels)
    assert subscript(x, (SliceValue(None, None, 2),)).shape == ((steps + 1) // 2, channels)
    assert subscript(x, (SliceValue(-1, None, None),)).shape == (1, channels)
    assert subscript(x, (SliceValue(None, 512, None),)).shape == (None, channels)
    assert subscript(Tensor((5000, 64)), (SliceValue(None, steps, None),)).shape == (steps, 64)
    assert subscript(x, (SliceValue(var("n", "argument"), None, None),)).shape == (None, channels)


def test_types_of_results() -> None:
    number, whole = Tensor((2,), "float32"), Tensor((2,), "int64")
    assert broadcast(number, whole).dtype == "float32"
    assert broadcast(whole, 2).dtype is None  # as before
    assert broadcast(whole, 2, division=True).dtype == ""
    assert broadcast(whole, whole, division=True).dtype == ""
    assert broadcast(number, 0, dtype="bool").dtype == "bool"
    assert broadcast(number, Unknown("data")).shape is None


def test_a_view_solves_what_must_be() -> None:
    x = Tensor((N, 512, 7, 7))
    assert reshape(x, (N, -1)).shape == (N, 25088)
    assert reshape(x, (-1, 25088)).shape == (N, 25088)
    assert reshape(x, (None, 512, 49)).shape == (N, 512, 49)
    assert reshape(x, (n, 25088)).shape == (N, 25088)  # n may be -1, but its size is N all the same
    assert reshape(x, (n, n, 7)).shape == (None, None, 7)
    assert reshape(Tensor((n, 6)), (n, 3, 2)).shape == (n, 3, 2)


def test_a_view_that_no_size_fits() -> None:
    assert reshape(Tensor((N, 4, 5)), (N, 3, 7)).faults[0].kind == "count"
    assert reshape(Tensor((N, 10)), (N, 3, -1)).faults[0].kind == "count"
    assert not reshape(Tensor((N, 10)), (-1, 3)).faults  # N may be a multiple of 3
    assert not reshape(Tensor((None, 10)), (None, 3, -1)).faults
    assert not reshape(Tensor((n, 10)), (n, 3, -1)).faults


def test_divisible() -> None:
    assert divisible(N * 8, 4) is True
    assert divisible(N * 8 + 2, 4) is False
    assert divisible(N * 2, 4) is None
    assert divisible(n * 8 + 2, 4) is None


def test_squeeze_of_a_symbol_leaves_the_rank_open() -> None:
    assert squeeze(Tensor((N, 512, 1, 1)), None).shape is None
    assert squeeze(Tensor((N, 512, 1, 1)), (2, 3)).shape == (N, 512)
    assert squeeze(Tensor((2, 512, 1, 1)), None).shape == (2, 512)


def test_broadcast_of_symbols() -> None:
    assert broadcast(Tensor((N, T)), Tensor((1, T))).shape == (N, T)
    assert broadcast(Tensor((N, T)), Tensor((8, 1))).shape == (8, T)
    assert broadcast(Tensor((N,)), Tensor((T,))).shape == (None,)
    assert not broadcast(Tensor((H,)), Tensor((2 * H,))).faults  # 1 and 2
    assert broadcast(Tensor((2 * H,)), Tensor((2 * H + 1,))).faults


def test_a_tower_of_poolings_is_one_floor() -> None:
    x = Tensor((N, 3, H, H))
    for _ in range(5):
        out = pool(x, n=2, kernel=(2, 2), stride=(2, 2), padding="valid")
        x = Tensor(out.shape)
    assert x.shape == (N, 3, floordiv(H, 32), floordiv(H, 32))
    rounded = pool(Tensor((N, 3, H, H)), n=2, kernel=(3, 3), stride=(2, 2), padding=((0, 0),) * 2, ceil_mode=True)
    assert rounded.shape == (N, 3, floordiv(H, 2), floordiv(H, 2))
    assert pool(Tensor((N, 3, H)), n=1, kernel=(1,), stride=(2,), padding=((0, 0),), ceil_mode=True).shape == (
        N,
        3,
        None,
    )


def test_unknown_arguments_give_unknown_sizes() -> None:
    out = conv(Tensor((N, 3, H, 9)), n=2, out=None, kernel=(3, 3), stride=(None, 1), padding=((1, 1),) * 2,
               dilation=(1, 1), declared_in=3)  # fmt: skip
    assert out.shape == (N, None, None, 9)
    assert out.params is None
    assert not out.faults


def test_concatenation_of_symbols() -> None:
    out = concatenate([Tensor((N, T, 4)), Tensor((N, 1, None)), Tensor(None)], 1)
    assert out.shape == (N, None, 4)
    assert concatenate([Tensor((N, T, 4)), Tensor((N, 1, 4))], 1).shape == (N, T + 1, 4)
    assert concatenate([Tensor((N, 2 * H)), Tensor((N, 2 * H + 1))], 0).faults[0].kind == "merge"
