"""Whatever the text and the spans are, a finding can be shown."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from archlint.diagnostic import Diagnostic, Report
from archlint.report.terminal import render
from archlint.rule import Finding, Label
from archlint.text import LineIndex, Span

TEXTS = st.text(alphabet="ab(,) \t\n\r漢\u0301\x1b", max_size=400)
SPANS = st.tuples(st.integers(0, 420), st.integers(0, 420)).map(lambda ends: Span("m.py", min(ends), max(ends)))


@given(TEXTS, SPANS, st.lists(st.tuples(SPANS, st.text(max_size=8)), max_size=5), st.text(max_size=8))
def test_any_finding_can_be_shown(text: str, span: Span, others: list[tuple[Span, str]], label: str) -> None:
    finding = Finding(span, "message", label, tuple(Label(*other) for other in others))
    found = Diagnostic("ARC101", "some-rule", "error", "proven", "", finding)
    report = Report([found], texts={"m.py": LineIndex(text)})
    plain = render(report)
    assert plain.count("^") >= 1
    assert not re.search(r"[\x00-\x09\x0b-\x1f]", plain)
    assert [line.rstrip() for line in re.sub(r"\x1b\[[\d;]*m", "", render(report, color=True)).split("\n")] == [
        line.rstrip() for line in plain.split("\n")
    ]
