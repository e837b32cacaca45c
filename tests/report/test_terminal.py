"""How a finding looks on the terminal."""

from __future__ import annotations

import re
from collections.abc import Callable
from textwrap import dedent

import pytest

from archlint.diagnostic import Diagnostic, Report
from archlint.report.terminal import render
from archlint.rule import Finding, Label
from archlint.text import LineIndex, Span

Snippet = Callable[..., str]


def shown(text: str) -> str:
    return dedent(text).strip("\n")


KERAS = shown("""
    import keras

    model.add(LSTM(32, return_sequences=True))
    model.add(Flatten())
    model.add(TimeDistributed(Dense(5)))
    """)


def test_a_finding_names_the_fact_the_place_the_causes_and_the_way_out(report_of: Callable[..., Report]) -> None:
    report = report_of(
        {"model.py": KERAS},
        "TimeDistributed(Dense(5))",
        "expects (N, time, features), receives (N, 1600)",
        ("LSTM(32, return_sequences=True)", "(N, 50, 32) produced here", "model.py"),
        ("Flatten()", "becomes (N, 1600)", "model.py"),
        help="remove the Flatten",
        notes=("Dense acts on the last axis", "one\ntwo"),
    )
    assert (
        render(report)
        == shown("""
        ARC204 error: the time axis is gone [flatten-before-timestep-dense]
         --> model.py:5:11
          |
        3 | model.add(LSTM(32, return_sequences=True))
          |           ------------------------------- (N, 50, 32) produced here
        4 | model.add(Flatten())
          |           --------- becomes (N, 1600)
        5 | model.add(TimeDistributed(Dense(5)))
          |           ^^^^^^^^^^^^^^^^^^^^^^^^^ expects (N, time, features), receives (N, 1600)
          |
        help: remove the Flatten
        note: Dense acts on the last axis
        note: one
              two
        """)
        + "\n\n"
    )


def test_labels_on_one_line_hang_below_each_other(snippet_of: Snippet) -> None:
    line = "x = conv(a, relu(b))"
    related = [("conv", "second", "model.py"), ("x", "third", "model.py")]
    assert snippet_of({"model.py": line}, "relu(b)", "first", *related) == shown("""
         --> model.py:1:13
          |
        1 | x = conv(a, relu(b))
          | -   ----    ^^^^^^^ first
          | |   |
          | |   second
          | third
          |
        """)


def test_nested_spans_keep_the_primary_visible(snippet_of: Snippet) -> None:
    related = [("relu(b, c)", "the call", "model.py")]
    assert snippet_of({"model.py": "relu(b, c)"}, "b", "this input", *related) == shown("""
         --> model.py:1:6
          |
        1 | relu(b, c)
          | -----^----
          | |    |
          | |    this input
          | the call
          |
        """)


def test_two_labels_for_one_span(snippet_of: Snippet) -> None:
    related = [("b", "made here", "model.py")]
    assert snippet_of({"model.py": "f(b)"}, "b", "used here", *related) == shown("""
         --> model.py:1:3
          |
        1 | f(b)
          |   ^ used here
          |   |
          |   made here
          |
        """)


def test_a_span_over_several_lines_is_held_by_a_bracket(snippet_of: Snippet) -> None:
    text = "x = Sequential(\n    Linear(8, 4),\n    Linear(4, 2),\n)"
    assert snippet_of({"model.py": text}, "Sequential( … \n)", "the model", ("8", "eight", "model.py")) == shown("""
         --> model.py:1:5
          |
        1 |   x = Sequential(
          |  _____^
        2 | |     Linear(8, 4),
          | |            - eight
        3 | |     Linear(4, 2),
        4 | | )
          | |_^ the model
          |
        """)


def test_long_spans_and_distant_lines_are_folded(snippet_of: Snippet) -> None:
    text = "import torch\n\n\n\n\n\nnet(\n" + "    a,\n" * 8 + "    last)\n"
    assert snippet_of({"model.py": text}, "net( … last)", "here", ("torch", "imported", "model.py")) == shown("""
          --> model.py:7:1
           |
         1 |   import torch
           |          ----- imported
        ...
         7 | / net(
         8 | |     a,
        ...  |
        16 | |     last)
           | |_________^ here
           |
        """)


def test_brackets_inside_brackets_have_lanes_of_their_own(snippet_of: Snippet) -> None:
    text = "outer(\n  inner(\n    a,\n  )\n)"
    assert snippet_of({"model.py": text}, "inner( …   )", "in", ("outer( … \n)", "out", "model.py")) == shown("""
         --> model.py:2:3
          |
        1 | /   outer(
        2 | | /   inner(
        3 | | |     a,
        4 | | |   )
          | | |___^ in
        5 | |   )
          | |___- out
          |
        """)


def test_a_gap_of_one_line_is_filled(snippet_of: Snippet) -> None:
    assert snippet_of({"model.py": "a\nb\nc"}, "c", "", ("a", "", "model.py")) == shown("""
         --> model.py:3:1
          |
        1 | a
          | -
        2 | b
        3 | c
          | ^
          |
        """)


def test_causes_in_other_files_have_sections_of_their_own(snippet_of: Snippet) -> None:
    texts = {"model.py": "block(x)\n", "lib/blocks.py": "\n" * 41 + "def block(x):\n\treturn conv(x)\n"}
    related = [("conv(x)", "applied here", "lib/blocks.py"), ("x", "from here", "model.py")]
    assert snippet_of(texts, "block(x)", "fails", *related) == shown("""
          --> model.py:1:1
           |
         1 | block(x)
           | ^^^^^^-^
           | |     |
           | |     from here
           | fails
           |
          ::: lib/blocks.py:43:9
           |
        43 |     return conv(x)
           |            ------- applied here
           |
        """)


def test_a_cause_in_a_file_whose_text_is_not_at_hand_is_named() -> None:
    finding = Finding(Span("gone.py", 5, 6), "m", "label", (Label(Span("a.py", 0, 1), "used"),))
    found = Diagnostic("ARC101", "x", "warning", "proven", "", finding)
    assert (
        render(Report([found], texts={"a.py": LineIndex("a")}))
        == shown("""
        ARC101 warning: m [x]
         --> a.py:1:1
          |
        1 | a
          | - used
          |
         ::: gone.py: label
        """)
        + "\n\n"
    )


def test_markers_stand_under_wide_and_combined_characters(snippet_of: Snippet) -> None:
    text = '"漢字" + "e\u0301" + bad'
    lines = snippet_of({"model.py": text}, "bad", "here").split("\n")
    assert lines[2] == '1 | "漢字" + "e\u0301" + bad'
    assert lines[3] == "  | " + " " * 15 + "^^^ here"


def test_a_tab_counts_as_the_spaces_it_is_shown_by(snippet_of: Snippet) -> None:
    assert snippet_of({"model.py": "if x:\n\tf(\ta)\n"}, "a)", "here").split("\n")[2:4] == [
        "2 |     f(    a)",
        "  |           ^^ here",
    ]


def test_a_long_line_is_clipped_around_the_span(snippet_of: Snippet) -> None:
    line = "x = [" + "10, " * 300 + "bad" + ", 20" * 300 + "]"
    source, marker = snippet_of({"model.py": line}, "bad", "here").split("\n")[2:4]
    assert len(source) < 160
    assert source.startswith("1 | ...")
    assert source.endswith("...")
    assert source.index("bad") == marker.index("^^^ here")


def test_a_long_line_with_a_distant_cause_shows_the_primary_span(snippet_of: Snippet) -> None:
    line = "x = [" + "10, " * 300 + "bad]"
    source, marker, *_ = snippet_of({"model.py": line}, "bad", "here", ("x", "list", "model.py")).split("\n")[2:]
    assert source.index("bad") == marker.index("^^^ here")


def test_a_span_of_megabytes_is_clipped(snippet_of: Snippet) -> None:
    text = "f(" + "1," * 2_000_000 + ")"
    assert len(snippet_of({"model.py": text}, text, "here")) < 1000


@pytest.mark.parametrize(
    ("text", "span", "line", "marker"),
    [
        ("", Span("m.py", 0, 0), "1 |", "  | ^"),
        ("a", Span("m.py", 50, 60), "1 | a", "  |  ^"),
        ("a = 1\r\nb = 2\r\n", Span("m.py", 7, 12), "2 | b = 2", "  | ^^^^^"),
        ("a = f(\nb", Span("m.py", 4, 7), "1 | a = f(", "  |     ^^"),
    ],
    ids=["empty file", "past the end", "line ends of Windows", "span with its line end"],
)
def test_places_at_the_edges_of_a_file(text: str, span: Span, line: str, marker: str) -> None:
    found = Diagnostic("ARC001", "syntax-error", "error", "proven", "", Finding(span, "m"))
    assert render(Report([found], texts={"m.py": LineIndex(text)})).split("\n")[3:5] == [line, marker]


def test_source_and_messages_cannot_steer_the_terminal(report_of: Callable[..., Report]) -> None:
    report = report_of(
        {"model.py": "f('\x1b[2J\u202e')  # \x07"}, "f", "\x1b]0;title\x07", help="\x9b31m", notes=("a\rb",)
    )
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", render(report))


def test_colours_only_add_escapes(report_of: Callable[..., Report]) -> None:
    report = report_of({"model.py": KERAS}, "Flatten()", "gone", ("keras", "漢", "model.py"), help="x", notes=("y",))
    colored = render(report, color=True)
    assert "\x1b[1;31mARC204 error" in colored
    assert re.sub(r"\x1b\[[\d;]*m", "", colored) == render(report)
