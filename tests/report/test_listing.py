"""Lines, records and the closing line."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from archlint.diagnostic import Diagnostic, ModelTotals, Report
from archlint.report.listing import closing_line, failed, render_concise
from archlint.report.models import render_models
from archlint.report.records import render_json
from archlint.rule import Finding, Severity
from archlint.text import Edit, LineIndex, Span


def found(path: str, start: int, code: str = "ARC101", severity: Severity = "error") -> Diagnostic:
    return Diagnostic(code, "x", severity, "proven", "", Finding(Span(path, start, start + 1), "message"))


def model(understood: int = 4, calls: int = 5, **stops: int) -> ModelTotals:
    return ModelTotals("Net", "a.py", 3, "torch", calls, understood, stops)


def test_a_line_names_path_line_column_code_and_message() -> None:
    report = Report([found("a.py", 8)], texts={"a.py": LineIndex("import x\ny\n")})
    assert render_concise(report) == "a.py:1:9: ARC101 error: message\n"


def test_findings_come_by_path_place_and_code() -> None:
    places = [("b.py", 0, "ARC101"), ("a.py", 9, "ARC101"), ("a.py", 2, "ARC301"), ("a.py", 2, "ARC201")]
    report = Report([found(*place) for place in places], texts={p: LineIndex("x" * 20) for p in ("a.py", "b.py")})
    assert [line.split()[1] + line.split(":")[0] for line in render_concise(report).splitlines()] == [
        "ARC201a.py", "ARC301a.py", "ARC101a.py", "ARC101b.py",
    ]  # fmt: skip


def test_a_file_that_cannot_be_read_is_a_finding() -> None:
    report = Report(errors=[("a.py", "Permission denied")])
    assert render_concise(report) == "a.py:1:1: ARC001 error: not read: Permission denied\n"
    assert failed(report, "error")


@pytest.mark.parametrize(
    ("report", "line"),
    [
        (Report(files=1), "no models in 1 file, no findings"),
        (Report(files=0), "no models in 0 files, no findings"),
        (Report(models=[model()], files=3), "1 model, 4 of 5 layer calls understood, no findings"),
        (
            Report([found("a.py", 0), found("a.py", 1, severity="warning")], [model(), model(1, 1)]),
            "2 models, 5 of 6 layer calls understood, 2 findings (1 error, 1 warning)",
        ),
        (
            Report([found("a.py", n, severity="info") for n in range(3)], [model(1, 1)]),
            "1 model, 1 of 1 layer call understood, 3 findings (3 info)",
        ),
        (
            Report([found("a.py", 0)], [model(4310, 4400)]),
            "1 model, 4,310 of 4,400 layer calls understood, 1 finding (1 error)",
        ),
    ],
)
def test_the_closing_line_says_what_was_understood(report: Report, line: str) -> None:
    assert closing_line(report) == line


@pytest.mark.parametrize(
    ("severity", "threshold", "fails"),
    [
        ("error", "error", True),
        ("error", "warning", True),
        ("warning", "warning", True),
        ("warning", "error", False),
        ("info", "warning", False),
        ("info", "info", False),
        ("warning", "info", True),
    ],
)
def test_findings_at_the_threshold_fail_the_run_and_advice_never_does(
    severity: Severity, threshold: Severity, fails: bool
) -> None:
    assert failed(Report([found("a.py", 0, severity=severity)]), threshold) is fails


def test_a_record_has_the_keys_of_ruff_and_what_is_known_beyond(report_of: Callable[..., Report]) -> None:
    text = "é = relu(a)\nx = conv(é)\n"
    edit = Edit(Span("model.py", 16, 20), "pool")
    related = [("relu(a)", "made here", "model.py")]
    report = report_of(
        {"model.py": text}, "conv(é)", "gets 3", *related, help="pool first", layer="net.conv", edits=(edit,)
    )
    [record] = json.loads(render_json(report))
    assert record == {
        "cell": None,
        "code": "ARC204",
        "filename": "model.py",
        "location": {"row": 2, "column": 5},
        "end_location": {"row": 2, "column": 12},
        "message": "the time axis is gone",
        "noqa_row": 2,
        "url": None,
        "fix": {
            "applicability": "unsafe",
            "message": "pool first",
            "edits": [
                {"content": "pool", "location": {"row": 2, "column": 5}, "end_location": {"row": 2, "column": 9}}
            ],
        },
        "name": "flatten-before-timestep-dense",
        "severity": "error",
        "confidence": "proven",
        "model": "Net",
        "layer": "net.conv",
        "label": "gets 3",
        "related": [
            {
                "filename": "model.py",
                "location": {"row": 1, "column": 5},
                "end_location": {"row": 1, "column": 12},
                "message": "made here",
            }
        ],
        "help": "pool first",
        "notes": [],
        "standing": None,
    }


def test_no_findings_are_an_empty_array() -> None:
    assert json.loads(render_json(Report())) == []


def test_models_are_listed_with_the_reasons_why_calls_were_not_understood() -> None:
    report = Report(models=[model(**{"external: timm.create_model": 1, "loop": 3})])
    assert render_models(report) == "a.py:3: Net (torch), 4 of 5 layer calls understood\n"
    assert render_models(report, reasons=True).splitlines()[1:] == [
        "    3 times: loop",
        "    1 time: external: timm.create_model",
    ]
