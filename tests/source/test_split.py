"""A file is cut at its top-level statements, whatever is in it."""

from __future__ import annotations

import ast

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from archlint.source.chunk import split

MODEL = '''\
# -*- coding: utf-8 -*-
"""A model.

def not_a_function(): this stands in a docstring
"""
from __future__ import annotations

import torch.nn as nn

# widths of the blocks
WIDTHS = [
    64, 128,  # two
]


@register_model
@partial(
    wrap, depth=2,
)
# a comment between decorator and class
class Net(nn.Module):
    """It's "quoted" # not a comment."""

    def __init__(self, width: int = 3) -> None:
        super().__init__()
        self.conv = nn.Conv2d(width, 64, 3)  # keep ( open
# a comment in the first column, inside the class
        self.name = 'it\\'s' "\\\\"

    def forward(self, x):
        return self.conv(x)

if WIDTHS:
    total = sum(WIDTHS) + \\
1
elif None:
    total = r'\\\\'
else:
    total = f"{WIDTHS!r:>{10}} {{}}"
try:
    import timm
except ImportError:
    timm = None
finally:
    pass
async def fetch(x): return (await x)
x = 1; y = 2
'''


def starts(text: str) -> list[str]:
    """The first line of each piece."""
    return [piece.split("\n")[0] for piece in split(text)]


def test_each_top_level_statement_is_a_piece_with_its_comments_and_decorators() -> None:
    assert starts(MODEL) == [
        "# -*- coding: utf-8 -*-",
        "from __future__ import annotations",
        "import torch.nn as nn",
        "# widths of the blocks",
        "@register_model",
        "if WIDTHS:",
        "try:",
        "async def fetch(x): return (await x)",
        "x = 1; y = 2",
    ]


def test_windows_line_ends_change_nothing() -> None:
    windows = MODEL.replace("\n", "\r\n")
    assert [piece.replace("\r\n", "\n") for piece in split(windows)] == split(MODEL)


def test_old_mac_line_ends_and_form_feeds_are_line_ends() -> None:
    assert split("x = 1\ry = 2\r") == ["x = 1\r", "y = 2\r"]
    assert len(split("x = 1\n\fdef f():\n    pass\n\f\nclass A:\n    pass\n")) == 3


@pytest.mark.parametrize("broken", ["x = (1, 2\n", "x = foo(bar[1)\n", "x = 'abc\n", "x = ]\n", "def f(:\n    pass\n"])
def test_a_broken_statement_ends_where_the_next_definition_begins(broken: str) -> None:
    assert split(broken + "def g():\n    pass\n") == [broken, "def g():\n    pass\n"]


def test_an_open_bracket_ends_at_decorators_imports_and_classes() -> None:
    for following in ("@wrap\nclass A:\n    pass\n", "import torch\n", "from a.b import c\n", "async def f(): pass\n"):
        assert split("x = (1,\n" + following) == ["x = (1,\n", following]


def test_a_first_column_inside_brackets_is_no_new_statement() -> None:
    text = "x = [y\nfor y in z\nif y\n]\ny = (a\n@ b)\n"
    assert split(text) == ["x = [y\nfor y in z\nif y\n]\n", "y = (a\n@ b)\n"]


def test_pieces_of_valid_code_are_the_statements_that_cpython_sees() -> None:
    assert [len(ast.parse(piece).body) for piece in split(MODEL)] == [1, 1, 1, 1, 1, 1, 1, 1, 2]


FRAGMENTS = st.sampled_from([
    "'", '"', '"""', "'''", "(", ")", "[", "]", "{", "}", "\\", "\n", "\r\n", "\r", "\f", "#", " ", "\t", "\0",
    "\ufeff", "\ud800", "é", "def f(x):", "class A:", "@d", "import a", "else:", "x = 1", ",", ":", ";", "f'", 'rb"',
    "\\\n", "    ",
])  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """The model above with pieces cut out and put in at random."""
    text = MODEL
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        text = text[:start] + draw(FRAGMENTS) + text[start + draw(st.integers(0, 30)) :]
    return text


@settings(max_examples=300, deadline=None)
@given(st.one_of(damaged(), st.lists(FRAGMENTS).map("".join), st.text()))
@example("'\\")
@example('"""\\')
@example("\ufeff\f@d\ndef f(): pass")
def test_the_pieces_joined_are_the_text(text: str) -> None:
    pieces = split(text)
    assert "".join(pieces) == text
    assert all(pieces)


def test_the_last_line_of_a_string_is_no_comment() -> None:
    """A string that stands alone above a definition may end in a line that begins with a hash."""
    text = '"""Taken from\nthe web\n# Copyright (c) 2020. """\n\n# for all of us\ndef f():\n    pass\n'
    assert split(text) == [text[: text.index("# for all")], text[text.index("# for all") :]]
