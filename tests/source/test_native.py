"""CPython's parser and LibCST's give one IR, down to every offset."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from test_lowering import SNIPPETS, spaced

from archlint.source import chunk, lower, native
from archlint.source.model import SyntaxProblem

ROOT = Path(__file__).parents[2]
PLACES = [
    "f((a), (b), *(c), d=(e), **(f))\nf(((a)))\nf(a,)\nf( # (\n a # )\n , (b # )\n) )\n(f)( (a) )\nf((a)(b), (c).d)",
    "f(x for x in y)\nf((x for x in y))\nf( # (\n x for x in (y) # )\n)\nf((x) for x in y if (z) )",
    "f((x for x in y), 1)",
    "x[1, 2], x[(1, 2)], x[(1), (2)], x[((1), 2)], x[1,], x[(1,)], x[()], x[(1)], x[(a):(b), (c)], x[(a, b)[0], c]",
    "a and (b) and c\n(a) and (b # )\n) and (c)\na or b and c or (d or e) or f\nnot (a) and (b) and (not c) and d",
    "class A((B), *(C), metaclass=(D)): pass\nclass A(): pass\nclass A (\n  B # (\n): pass\nclass A((B)): pass",
    "def f(a, * args: (int), b=(1), ** kw): pass\nlambda * a, ** b: (yield)\nasync \\\n def f(): pass",
    "x = f'{a}{b!r:>{w}}{c = }{ {1: 2}[1] }{(lambda: 0)()}' 'x' # {\nf'{a[\"b\"]}{x != y}{x == y:3}' f\"{'a' 'b'}\"\n",
    "x = ('a{' # f'{b}'\n  f'''{a\n}{\nb + c\n}''' rf'\\d{d}' f'\\N{BULLET}{e}' f'{{}}{{{f}}}')\nx = f'{yield_}', f''",
    "x = f'{a, b} {(a, b)} { a, } {a, (b) }'\ny = x[1: ], x[ # c\n : # c\n], x[: (1) ]",
    "x = 'é' + f'ü{ä}' + f(ö, 'ß')(  )\nx = ('é', (b), f('é', (c)))[0, 'é']\nx = é.ü.ä",
    "x = " + "9" * 81 + ", 1_0, 1e3, 2j, 0x" + "f" * 90,
]


def both(text: str) -> tuple[Any, Any]:
    """The statements of a chunk, as CPython's way and LibCST's give them."""
    try:
        statements, problems = lower.lower(text)
    except Exception:  # LibCST fails on `[x async⏎for …`
        return native.lower(text), None
    return native.lower(text), None if problems else statements


@pytest.mark.parametrize("text", [*SNIPPETS, *PLACES])
def test_both_ways_give_the_same(text: str) -> None:
    fast, slow = both(chunk.plain(text))
    assert fast == slow or (fast is None and "match " in text) or "type X" in text


@pytest.mark.parametrize("text", PLACES)
def test_the_fast_way_takes_what_is_common(text: str) -> None:
    assert native.lower(text) is not None


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([t for t in [*SNIPPETS, *PLACES] if "\r" not in t]), st.randoms(use_true_random=False))
def test_white_space_and_comments_part_them_nowhere(text: str, random: Random) -> None:
    fast, slow = both(spaced(text, random))
    assume(fast is not None and slow is not None)
    assert fast == slow


@pytest.mark.parametrize("folder", ["fixtures", "rules/archlint_rules/shapes"])
def test_both_ways_give_the_same_for_whole_files(folder: str) -> None:
    read = 0
    for path in sorted((ROOT / folder).rglob("*.py"))[:60]:
        for text in chunk.split(chunk.plain(path.read_text(encoding="utf-8"))):
            fast, slow = both(text)
            assert fast is None or fast == slow, path
            read += fast is not None
    assert read > 100


@pytest.mark.parametrize(
    "text",
    ["print x", "x = (1, 2", "match x:\n    case 1: pass", "x = 1 \0", "try: a\nexcept B, e: c", "(" * 500 + ")" * 500],
)
def test_the_rest_is_left_to_libcst(text: str) -> None:
    assert native.lower(text) is None


def test_python_2_is_told_where_a_later_python_would_take_it() -> None:
    text = "try: a\nexcept ValueError, e: c\n"
    assert native.lower(text) is None
    _, problems = lower.lower(text)
    assert [type(problem) for problem in problems] == [SyntaxProblem]


def test_a_name_is_as_it_is_written() -> None:
    text = "x = ﬁt.ﬁt"  # CPython brings the ligature to `fi`
    assert native.lower(text) is None
