"""Code cells as one text."""

from __future__ import annotations

import pytest

from archlint.source.notebook import cells_of, joined, parse_cells, runnable

CELLS = ["import torch", "%matplotlib inline\nnet = Net()\n", "", "x = (", "y = 1"]


def test_lines_are_those_of_a_cell() -> None:
    one = joined(CELLS)
    lines = one.text.split("\n")
    for cell, source in enumerate(CELLS):
        for number, line in enumerate(source.split("\n"), 1):
            at = one.line_of(cell, number)
            assert (lines[at - 1], one.cell_of(at), one.line_in_cell(at)) == (line, cell, number)


@pytest.mark.parametrize("cells", [CELLS, [""], ["a\n\n", "\n", "b"], ["x = '\0'"], ["a\r\nb\r\n", "c"]])
def test_the_text_tells_its_cells(cells: list[str]) -> None:
    assert cells_of(joined(cells).text) == [cell.replace("\0", "\ufffd") for cell in cells]


def test_a_line_that_goes_with_its_line_end_leaves_the_cells_apart() -> None:
    text = joined(["a = 1\n# gone", "# gone too", "b = 2"]).text
    for line in ("# gone\n", "# gone too\n"):
        text = text.replace(line, "", 1)
    assert cells_of(text) == ["a = 1", "", "b = 2"]


def test_a_cell_that_does_not_parse_costs_no_other() -> None:
    source = parse_cells("n.ipynb", joined(CELLS).text)
    assert [source.lines.line_text(source.lines.line_of(p.start)) for p in source.problems] == ["x = ("]
    assert [source.text[c.base : c.base + len(c.text)].strip() for c in source.chunks][-1] == "y = 1"


def test_offsets_are_those_of_the_text() -> None:
    source = parse_cells("n.ipynb", joined(["# a\nx = 1  # b", "%time y = 2  # archlint: ignore"]).text)
    assert [source.text[c.start : c.end] for c in source.comments] == ["# a", "# b", "# archlint: ignore"]
    assert [d.line for d in source.directives] == [4]


def test_what_runs_lacks_the_cells_that_do_not_parse() -> None:
    text = runnable(joined(CELLS).text)
    names: dict[str, object] = {"Net": dict, "torch": None}
    exec(compile(text.replace("import torch", ""), "n", "exec"), names)
    assert (names["net"], names["y"], "x" in names) == ({}, 1, False)
    assert len(text) == len(joined(CELLS).text)
