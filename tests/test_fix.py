"""Edits applied to texts: which are compatible, when it ends, what is refused."""

from __future__ import annotations

import re
from collections.abc import Mapping

from archlint.diagnostic import Diagnostic, Report
from archlint.fix import ROUNDS, apply_fixes
from archlint.rule import Finding
from archlint.text import Edit, LineIndex, Span


def report_of(texts: Mapping[str, str], wrong: str, right: str, *, code: str = "ARC999", width: int = 0) -> Report:
    """A finding at each match of `wrong`, whose fix replaces it (and `width` characters before) by `right`."""
    report = Report(texts={path: LineIndex(text) for path, text in texts.items()})
    for path, text in texts.items():
        for found in re.finditer(wrong, text):
            span = Span(path, found.start() - width, found.end())
            finding = Finding(span, f"wrong {found[0]}", edits=(Edit(span, right),), safe=True)
            report.diagnostics.append(Diagnostic(code, "name", "error", "proven", "", finding))
    return report


def fixed(text: str, wrong: str, right: str, width: int = 0) -> tuple[str, list[str], int]:
    texts = {"a.py": text}
    done = apply_fixes(
        texts,
        report_of(texts, wrong, right, width=width),
        lambda after: report_of(after, wrong, right, width=width),
        unsafe=False,
    )
    return {**texts, **done.texts}["a.py"], done.refused, len(done.applied)


def test_all_are_applied_in_one_round_and_the_report_is_that_of_the_end() -> None:
    assert fixed("x = 1\ny = 1\n", "1", "2") == ("x = 2\ny = 2\n", [], 2)


def test_what_overlaps_waits_for_the_next_round() -> None:
    texts = {"a.py": "x = 12\n"}

    def recheck(after: Mapping[str, str]) -> Report:
        report = report_of(after, "12", "32")
        report.diagnostics += report_of(after, "2", "4", code="ARC998").diagnostics
        return report

    done = apply_fixes(texts, recheck(texts), recheck, unsafe=False)
    assert (done.texts, len(done.applied)) == ({"a.py": "x = 34\n"}, 2)


def test_a_fix_that_breaks_the_file_is_refused_and_the_others_are_made() -> None:
    texts = {"a.py": "x = 1\ny = 2\nz = 3\n"}

    def recheck(after: Mapping[str, str]) -> Report:
        report = report_of(after, "[13]", "0")
        bad = report_of(after, "2", ")")
        report.diagnostics += bad.diagnostics
        return report

    done = apply_fixes(texts, recheck(texts), recheck, unsafe=False)
    assert done.texts == {"a.py": "x = 0\ny = 2\nz = 0\n"}
    assert done.refused == ["a.py:2: the fix of ARC999 gives a file that does not parse; not applied"]


def test_a_fix_that_adds_a_finding_is_refused() -> None:
    texts = {"a.py": "x = 1\n"}

    def recheck(after: Mapping[str, str]) -> Report:
        report = report_of(after, "1", "2")
        report.diagnostics += report_of(after, "2", "2", code="ARC998").diagnostics * 2
        return report

    done = apply_fixes(texts, recheck(texts), recheck, unsafe=False)
    assert (done.texts, done.applied) == ({}, [])
    assert done.refused == ["a.py:1: the fix of ARC999 adds a finding, ARC998 in a.py; not applied"]


def test_what_a_fix_brings_to_light_is_fixed_in_its_turn() -> None:
    texts = {"a.py": "x = 1\n"}

    def recheck(after: Mapping[str, str]) -> Report:
        report = report_of(after, "1", "2")
        report.diagnostics += report_of(after, "2", "3", code="ARC998").diagnostics
        return report

    done = apply_fixes(texts, recheck(texts), recheck, unsafe=False)
    assert (done.texts, done.refused, len(done.applied)) == ({"a.py": "x = 3\n"}, [], 2)


def test_fixes_that_undo_each_other_come_to_an_end() -> None:
    texts = {"a.py": "x = 1\n"}

    def recheck(after: Mapping[str, str]) -> Report:
        return report_of(after, "1", "2") if "1" in after["a.py"] else report_of(after, "2", "1")

    done = apply_fixes(texts, recheck(texts), recheck, unsafe=False)
    assert done.refused == ["a.py:1: the fix of ARC999 undoes another; not applied"]


def test_a_fix_without_end_stops() -> None:
    text, refused, applied = fixed("x = 1\n", "1", "1 ")
    assert (applied, text) == (ROUNDS, "x = 1" + " " * ROUNDS + "\n")
    assert refused == [f"the fixes did not come to an end in {ROUNDS} rounds; run --fix again for the rest"]


def test_an_edit_that_two_findings_share_is_made_once() -> None:
    texts = {"a.py": "x = 1\n"}
    report = report_of(texts, "1", "2")
    report.diagnostics *= 2
    assert apply_fixes(texts, report, lambda after: report_of(after, "1", "2"), unsafe=False).texts == {
        "a.py": "x = 2\n"
    }


def test_new_lines_end_as_those_of_the_file() -> None:
    assert fixed("x = 1\r\n", "1", "(\n2)")[0] == "x = (\r\n2)\r\n"
