"""An imported file: which of its statements may wait until their name is asked for."""

from __future__ import annotations

from textwrap import dedent

from archlint.source.outline import outline


def waiting(text: str) -> list[str]:
    return [section.binds for section in outline("m.py", dedent(text)).sections if section.binds]


def test_definitions_and_plain_assignments_wait() -> None:
    assert waiting(
        """
        import os
        SIZES: tuple = (1, 2)
        def f(x): return x
        @traced(os)
        class C: pass
        """
    ) == ["SIZES", "f", "C"]


def test_what_a_later_statement_fills_runs_in_its_place_and_so_does_what_reads_it() -> None:
    assert waiting('FOUND = {}\nBEFORE = dict(FOUND)\nFOUND["a"] = 1\nOTHER = 3\n') == ["OTHER"]


def test_a_name_that_is_bound_twice_runs_in_its_places() -> None:
    assert waiting("def f(): pass\nif fast:\n    def f(): pass\n") == []
    assert waiting("x = 1\nx = 2\ny = 3\n") == ["y"]
    assert waiting("from a import f\ndef f(): pass\n") == []


def test_several_targets_and_statements_on_one_line_run_in_their_place() -> None:
    assert waiting("a, b = 1, 2\nc = d = 3\ne = 1; g = 2\n") == []


def test_a_statement_is_parsed_when_it_is_asked_for_and_never_raises() -> None:
    sections = outline("m.py", "def f() pass\ny = 1\n").sections
    assert [len(section.chunk().body) for section in sections] == [0, 1]


def test_the_offsets_of_a_statement_are_those_in_its_file() -> None:
    text = "# first\nx = 1\n\n# about f\ndef f():\n    pass\n"
    for section in outline("m.py", text).sections:
        assert text[section.base : section.base + len(section.text)] == section.text
