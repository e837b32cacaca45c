"""The formats of `archlint check --output-format`; the module of each is imported when it is asked for."""

from __future__ import annotations

import json

from archlint.diagnostic import Report

PEOPLE = ("full", "concise", "grouped")
"""Formats with a closing line beside the findings; behind the others it goes to standard error."""


def render(report: Report, name: str, *, color: bool = False, unsafe: bool = False) -> str:
    """The findings of a report in a format.  unsafe: unsafe fixes count as fixes."""
    match name:
        case "full":
            if not report.diagnostics and not report.errors:
                return ""  # a hook that finds nothing need not know how findings are drawn
            from archlint.report.terminal import render as full

            return full(report, color=color, unsafe=unsafe)
        case "concise":
            from archlint.report.listing import render_concise

            return render_concise(report, unsafe=unsafe)
        case "grouped" | "github" | "azure" | "pylint":
            from archlint.report import annotations

            if name == "grouped":
                return annotations.render_grouped(report, unsafe=unsafe)
            lines = {"github": annotations.render_github, "azure": annotations.render_azure}
            return lines.get(name, annotations.render_pylint)(report)
        case "json-lines":
            from archlint.report.listing import findings
            from archlint.report.records import record

            return "".join(json.dumps(record(found, report)) + "\n" for found in findings(report))
        case "gitlab":
            from archlint.report.gitlab import render_gitlab

            return render_gitlab(report)
        case "sarif":
            from archlint.report.sarif import render_sarif

            return render_sarif(report)
        case "junit":
            from archlint.report.junit import render_junit

            return render_junit(report)
        case "rdjson":
            from archlint.report.rdjson import render_rdjson

            return render_rdjson(report)
    from archlint.report.records import render_json

    return render_json(report)
