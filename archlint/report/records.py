"""Findings as records for programs: Ruff's keys, and what archlint knows beyond them."""

from __future__ import annotations

import json
from typing import Any

from archlint.diagnostic import Diagnostic, Report
from archlint.report.listing import findings, position
from archlint.text import Edit, Span


def render_json(report: Report) -> str:
    """A JSON array with one record per finding."""
    return json.dumps([record(found, report) for found in findings(report)], indent=2) + "\n"


def record(found: Diagnostic, report: Report) -> dict[str, Any]:
    """One finding.  `row` and `column` count from 1, in code points; `end_location` is exclusive."""
    finding = found.finding
    place = place_record(finding.span, report)
    return {
        "cell": position(report, finding.span).cell,
        "code": found.code,
        "end_location": place["end_location"],
        "filename": found.path,
        "fix": _fix(finding.help or finding.message, finding.edits, finding.safe, report),
        "location": place["location"],
        "message": finding.message,
        "noqa_row": place["location"]["row"],
        "url": None,
        "name": found.name,
        "severity": found.severity,
        "confidence": found.confidence,
        "model": found.model or None,
        "layer": finding.layer or None,
        "label": finding.label or None,
        "related": [{**place_record(label.span, report), "message": label.text} for label in finding.related],
        "help": finding.help or None,
        "notes": list(finding.notes),
        "standing": found.standing,
    }


def place_record(span: Span, report: Report) -> dict[str, Any]:
    """File, start and end of a span, as Ruff writes them."""
    start, end = position(report, span), position(report, span, end=True)
    return {
        "filename": span.path,
        "location": {"row": start.line, "column": start.column},
        "end_location": {"row": end.line, "column": end.column},
    }


def _fix(message: str, edits: tuple[Edit, ...], safe: bool, report: Report) -> dict[str, Any] | None:
    if not edits:
        return None
    return {
        "applicability": "safe" if safe else "unsafe",
        "edits": [
            {"content": edit.text, **{k: v for k, v in place_record(edit.span, report).items() if k != "filename"}}
            for edit in edits
        ],
        "message": message,
    }
