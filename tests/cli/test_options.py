"""How the shape of an input is written."""

from __future__ import annotations

import pytest

from archlint.dims import var
from archlint.options import parse_input, parse_shape

N, H = var("N"), var("H")


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("(N, 3, 224, 224)", (N, 3, 224, 224)),
        ("N,3,32,32", (N, 3, 32, 32)),
        ("[N, 3]", (N, 3)),
        (" (N,) ", (N,)),
        ("()", ()),
        ("(None, ?, _, 8)", (None, None, None, 8)),
        ("(N, 2*H, H // 4, H + 1, H - 1)", (N, 2 * H, H // 4, H + 1, H - 1)),
        ("(N, 4 * 8)", (N, 32)),
    ],
)
def test_shapes(text: str, shape: tuple[object, ...]) -> None:
    assert parse_shape(text) == shape


@pytest.mark.parametrize(
    "text",
    [
        "",
        "N",
        "(N, 3",
        "(N, 3.5)",
        "(N, f(3))",
        "(N, True)",
        "(N, 'x')",
        "(N, H / 2)",
        "(N, H // 0)",
        "a b",
        "(" * 500,
        "(N, 0)",
        "(N, -1)",
        "(N, 3 - 4)",
        "\0",
    ],
)
def test_what_is_no_shape_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a shape like \(N, 3, 32, 32\)"):
        parse_shape(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [("Net=(N, 3)", "Net"), ("(N, 3)", ""), ("Net.x = (N, 3)", "Net.x"), ("=(N, 3)", "")],
)
def test_a_shape_is_for_one_model_or_for_all(text: str, name: str) -> None:
    assert parse_input(text) == (name, (N, 3))
