"""GitLab's Code Quality report: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format."""

from __future__ import annotations

import json
from pathlib import PurePath

from archlint.diagnostic import Report
from archlint.fingerprints import fingerprints
from archlint.report.listing import file_position, findings, in_cell, told_of
from archlint.text import Span

_SEVERITY = {"error": "critical", "warning": "major", "info": "info"}


def render_gitlab(report: Report) -> str:
    """A JSON array; two findings with one fingerprint would be shown as one, so no two have the same."""
    found = findings(report)
    return json.dumps(
        [
            {
                "check_name": one.code,
                "description": f"{one.code}: {told_of(one)}{in_cell(report, one.finding.span)}",
                "fingerprint": fingerprint,
                "severity": _SEVERITY[one.severity],
                "location": {
                    "path": _path(one.path),
                    "positions": {
                        "begin": _place(report, one.finding.span, end=False),
                        "end": _place(report, one.finding.span, end=True),
                    },
                },
            }
            for one, fingerprint in zip(found, fingerprints(found, report.texts))
        ],
        indent=2,
    ) + "\n"  # fmt: skip


def _path(path: str) -> str:
    """Relative without a leading `./`, which GitLab demands; a byte that is no text cannot be said in JSON."""
    return PurePath(path).as_posix().encode("utf-8", "replace").decode()


def _place(report: Report, span: Span, *, end: bool) -> dict[str, int]:
    at = file_position(report, span, end=end)
    return {"line": at.line, "column": at.column}
