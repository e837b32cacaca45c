"""Formulas and conditions as PyTorch prints them, read back at given sizes."""

from __future__ import annotations

import pytest

from archlint.run import formulas


@pytest.mark.parametrize(
    ("text", "sizes", "value"),
    [
        ("s77", {"s77": 5}, 5),
        ("12", {}, 12),
        ("-s0 + 7", {"s0": 9}, -2),
        ("((s73 - 1)//2) + 1", {"s73": 224}, 112),
        ("12*((((s44 - 1)//4)) + 1)*((((s73 - 1)//4)) + 1)", {"s44": 32, "s73": 20}, 12 * 8 * 5),
        ("s0**2", {"s0": 7}, 49),
        ("Max(1, s0 - 3)", {"s0": 2}, 1),
        ("Min(s0, s1, 9)", {"s0": 12, "s1": 10}, 9),
        ("Mod(s0, 4)", {"s0": 10}, 2),
        ("PythonMod(s0 - 12, 5)", {"s0": 10}, 3),
        ("CeilToInt(IntTrueDiv(s0, 2))", {"s0": 7}, 4),
        ("CeilToInt(s0/2)", {"s0": 7}, 4),
        ("FloorToInt(0.3*ToFloat(s0))", {"s0": 32}, 9),
        ("TruncToInt(2.0*s0)", {"s0": 5}, 10),
        ("FloorDiv(s0 + 31, 32)", {"s0": 65}, 3),
        ("CleanDiv(s0, 4)", {"s0": 12}, 3),
        ("ModularIndexing(s0, 4, 3)", {"s0": 23}, 2),
        ("PowByNatural(s0, 3)", {"s0": 3}, 27),
        ("TruncToInt(OpaqueUnaryFn_sqrt(ToFloat(s0)))", {"s0": 196}, 14),
        ("Piecewise((s0, s0 > 4), (4, True))", {"s0": 3}, 4),
        ("Where(s0 > 4, s0, 4)", {"s0": 9}, 9),
        ("1.0*s0", {"s0": 3}, 3),
    ],
)
def test_a_size_at_a_point(text: str, sizes: dict[str, int], value: int) -> None:
    assert formulas.size_at(text, sizes) == value


@pytest.mark.parametrize(
    "text",
    [
        "s1 + 1",  # a symbol nobody gave
        "CleanDiv(s0, 4)",  # which promises a division without remainder
        "s0//0",
        "0.5*s0 + 0.1",  # no integer
        "u0.bit_length()",
        "__import__('os').system('true')",
        "(lambda: 1)()",
        "[s0 for s0 in (1, 2)]",
        "s0[0]",
        "unheard_of(s0)",
        "Max(key=s0)",
        "s0 >= 1",  # a condition is no size
        "True",
        "9**9**9",
        "s0**60**60",
        "'text'",
        "",
        "((",
        "s0 s1",
        "(" * 5000 + "s0" + ")" * 5000,
        "-" * 15_000 + "s0",
        "1+" * 20_000 + "1",
        "1+" * 9_000 + "1",
    ],
)
def test_what_cannot_be_told_is_none(text: str) -> None:
    assert formulas.size_at(text, {"s0": 7}) is None


@pytest.mark.parametrize(
    ("text", "fits", "does_not"),
    [
        ("Eq(12*((s0//4))*((s1//4)), 768)", {"s0": 32, "s1": 32}, {"s0": 32, "s1": 36}),
        ("Ne(((s0 - 1)//2) + 1, 1)", {"s0": 3}, {"s0": 2}),
        ("s0 >= 3", {"s0": 3}, {"s0": 2}),
        ("2*((s0//4)) < s0 - 1", {"s0": 4}, {"s0": 1}),
        ("(s0 >= 1) & (s1 >= 1)", {"s0": 1, "s1": 1}, {"s0": 0, "s1": 1}),
        ("(s0 > 5) | (s1 > 5)", {"s0": 6, "s1": 1}, {"s0": 1, "s1": 1}),
        ("~(s0 > 5)", {"s0": 5}, {"s0": 6}),
        ("And(s0 > 1, Not(Eq(s0, 4)))", {"s0": 3}, {"s0": 4}),
        ("1 < s0 < 4", {"s0": 2}, {"s0": 4}),
        ("Eq(Mod(s0, 7), 0)", {"s0": 56}, {"s0": 57}),
    ],
)
def test_a_condition_at_a_point(text: str, fits: dict[str, int], does_not: dict[str, int]) -> None:
    condition = formulas.parse(text)
    assert condition is not None
    assert condition.holds(fits) is True
    assert condition.holds(does_not) is False
    assert condition.holds({}) is None
    assert condition.symbols == set(fits)


def test_one_condition_that_fails_is_enough_and_one_unknown_leaves_it_open() -> None:
    assert formulas.all_hold(("s0 >= 3", "Eq(s1, 4)"), {"s0": 3, "s1": 4}) is True
    assert formulas.all_hold(("strange(s0)", "Eq(s1, 5)"), {"s0": 3, "s1": 4}) is False
    assert formulas.all_hold(("strange(s0)", "Eq(s1, 4)"), {"s0": 3, "s1": 4}) is None
    assert formulas.all_hold((), {}) is True


def test_symbols_get_their_sizes_from_the_shapes() -> None:
    assert formulas.sizes_of(("s77", 3, "s5", "s5 + 1"), (2, 3, 64, 65)) == {"s77": 2, "s5": 64}


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Eq(12*((s44//4))*((s73//4)), 768)", "12 * (H//4) * (W//4) == 768"),
        ("Eq(s44, s73)", "H == W"),
        ("Ne(Mod(s44, 7), 0)", "H % 7 != 0"),
        ("Max(1, s44 - 3)", "max(1, H - 3)"),
        ("s99 >= 3", "s99 >= 3"),
    ],
)
def test_conditions_in_the_names_of_the_user(text: str, read: str) -> None:
    formula = formulas.parse(text)
    assert formula is not None
    assert formula.with_names({"s44": "H", "s73": "W"}) == read


def test_a_condition_too_deep_to_print_stays_as_it_is() -> None:
    formula = formulas.parse("1+" * 600 + "1 > s0")
    assert formula is not None
    assert formula.with_names({"s0": "H"}) == formula.text
