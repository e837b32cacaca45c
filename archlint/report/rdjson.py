"""Reviewdog's diagnostic format: https://github.com/reviewdog/reviewdog/tree/master/proto/rdf."""

from __future__ import annotations

import json
from typing import Any

from archlint.diagnostic import Diagnostic, Report
from archlint.notebook_file import lines_in_file
from archlint.report.listing import file_position, findings, in_cell, told_of
from archlint.text import Span

_SEVERITY = {"error": "ERROR", "warning": "WARNING", "info": "INFO"}


def render_rdjson(report: Report) -> str:
    """One object; columns count bytes of UTF-8 from 1, as reviewdog does."""
    return json.dumps(
        {
            "source": {"name": "archlint"},
            "severity": "WARNING",
            "diagnostics": [_diagnostic(one, report) for one in findings(report)],
        },
        indent=2,
    ) + "\n"  # fmt: skip


def _diagnostic(found: Diagnostic, report: Report) -> dict[str, Any]:
    finding = found.finding
    made = {
        "message": told_of(found) + in_cell(report, finding.span),
        "location": {"path": _path(found.path), "range": _range(report, finding.span)},
        "severity": _SEVERITY[found.severity],
        "code": {"value": found.code},
        "relatedLocations": [
            {"message": label.text, "location": {"path": _path(label.span.path), "range": _range(report, label.span)}}
            for label in finding.related
        ],
    }
    own = [edit for edit in finding.edits if edit.span.path == found.path]
    lines = report.texts.get(found.path)
    notebook = lines is not None and lines.cells is not None  # the text of an edit is not written as JSON
    if own and len(own) == len(finding.edits) and not notebook:
        made["suggestions"] = [{"range": _range(report, edit.span), "text": edit.text} for edit in own]
    return made


def _path(path: str) -> str:
    """A byte of a name that is no text cannot be said in JSON."""
    return path.encode("utf-8", "replace").decode()


def _range(report: Report, span: Span) -> dict[str, dict[str, int]]:
    return {"start": _place(report, span, end=False), "end": _place(report, span, end=True)}


def _place(report: Report, span: Span, *, end: bool) -> dict[str, int]:
    at = file_position(report, span, end=end)
    lines = report.texts.get(span.path)
    before = "" if lines is None else lines_in_file(lines).line_text(at.line)[: at.column - 1]
    return {"line": at.line, "column": len(before.encode("utf-8", "surrogatepass")) + 1}
