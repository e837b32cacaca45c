"""Reviewdog's diagnostic format: https://github.com/reviewdog/reviewdog/tree/master/proto/rdf."""

from __future__ import annotations

import json
from typing import Any

from archlint.diagnostic import Diagnostic, Report
from archlint.report.listing import findings, position
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
        "message": finding.message,
        "location": {"path": found.path, "range": _range(report, finding.span)},
        "severity": _SEVERITY[found.severity],
        "code": {"value": found.code},
        "relatedLocations": [
            {"message": label.text, "location": {"path": label.span.path, "range": _range(report, label.span)}}
            for label in finding.related
        ],
    }
    own = [edit for edit in finding.edits if edit.span.path == found.path]
    if own and len(own) == len(finding.edits):
        made["suggestions"] = [{"range": _range(report, edit.span), "text": edit.text} for edit in own]
    return made


def _range(report: Report, span: Span) -> dict[str, dict[str, int]]:
    return {"start": _place(report, span, end=False), "end": _place(report, span, end=True)}


def _place(report: Report, span: Span, *, end: bool) -> dict[str, int]:
    at = position(report, span, end=end)
    lines = report.texts.get(span.path)
    before = "" if lines is None else lines.line_text(at.line)[: at.column - 1]
    return {"line": at.line, "column": len(before.encode("utf-8", "surrogatepass")) + 1}
