"""The tables in the README of the benchmarks."""

from __future__ import annotations

from pathlib import Path

import pytest

from archlint.run.layers import Comparison
from benchmarks.coverage import Totals, report, share
from benchmarks.speed import Timing
from benchmarks.speed import report as speed_report
from benchmarks.tables import between, table, write
from benchmarks.truth import differing
from benchmarks.truth import report as truth_report


def test_numbers_stand_right_under_their_title() -> None:
    assert table(("corpus", "files"), [("timm", 304), ("a|b", 7)]).splitlines() == [
        "| corpus | files |",
        "| :----- | ----: |",
        "| timm   |   304 |",
        "| a\\|b   |     7 |",
    ]


def test_what_stands_between_the_markers_is_replaced_and_nothing_else() -> None:
    text = "# Title\n\n<!-- x: begin -->\nold\n<!-- x: end -->\n\nThe end.\n"
    assert between(text, "x", "new") == "# Title\n\n<!-- x: begin -->\nnew\n<!-- x: end -->\n\nThe end.\n"


def test_markers_are_added_where_there_are_none(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    write(readme, "x", "1")
    write(readme, "y", "2")
    write(readme, "x", "3")
    text = readme.read_text(encoding="utf-8")
    assert text == "<!-- x: begin -->\n3\n<!-- x: end -->\n\n<!-- y: begin -->\n2\n<!-- y: end -->\n"


def test_an_open_marker_destroys_nothing() -> None:
    with pytest.raises(ValueError, match="x: end"):
        between("<!-- x: begin -->\nprecious\n", "x", "new")


def test_a_share_is_never_rounded_up_to_all() -> None:
    assert share(9999, 10000) == "99.9 %"
    assert share(10, 10) == "100.0 %"
    assert share(0, 0) == "-"


def test_the_coverage_report_counts_files_that_were_not_finished_as_our_errors() -> None:
    total = Totals(files=1, models=2, calls=10, known=9)
    total.stops["argument: width"] = 1
    total.add(Totals(files=1, failed=["slow.py: took too long"]))
    text = report({"zoo": total})
    header, _, row, *_ = text.splitlines()
    cells = dict(zip((c.strip() for c in header.split("|")), (c.strip() for c in row.split("|"))))
    assert cells["files"] == "2"
    assert cells["known"] == "90.0 %"
    assert cells["internal"] == "1"
    assert "What stops the rest in zoo" in text
    assert "| argument: width |" in text


def test_the_speed_report_holds_the_parse_of_the_same_files_beside_the_run() -> None:
    text = speed_report([Timing("`archlint --version`", 0, 0.05, 0.0), Timing("one file", 500, 2.0, 0.5)])
    assert text.splitlines()[2].split("|")[2].strip() == "-"
    assert [cell.strip() for cell in text.splitlines()[3].split("|")][2:6] == ["500", "2.00", "0.50", "4.00"]


def test_the_truth_report_adds_up_the_models_and_tells_like_differences_once() -> None:
    one, two = Comparison("a", "zoo.py"), Comparison("b", "zoo.py")
    for comparison in (one, two):
        comparison.add("total", "equal", "", "", "3", "3")
        comparison.add("shape", "differs", "stem", "Conv2d", "(1, 2)", "(1, 3)")
        comparison.add("shape", "differs", "head", "Conv2d", "(1, 2)", "(1, 3)")
    rows = [[cell.strip() for cell in line.split("|")][1:-1] for line in truth_report({"zoo": [one, two]}).splitlines()]
    assert rows[0] == ["number", "equal", "unknown", "differs", "missing", "no model"]
    assert rows[2:] == [
        ["zoo: total parameters", "2", "0", "0", "0", "0"],
        ["zoo: output shape of a module", "0", "0", "4", "0", "0"],
    ]
    assert differing(one) == "zoo.py a: 2 x shape Conv2d: stem: ours (1, 2), theirs (1, 3)\n"
