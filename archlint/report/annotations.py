"""One line for each finding, as the services read it that show findings beside the code."""

from __future__ import annotations

from itertools import groupby

from archlint.diagnostic import Diagnostic, Report
from archlint.options import RANK
from archlint.report.cells import clean
from archlint.report.listing import file_position, findings, in_cell, mark, place_of, position, told_of
from archlint.text import Position, line_shown

_GITHUB = {"error": "error", "warning": "warning", "info": "notice"}
_AZURE = {"error": "error", "warning": "warning", "info": "warning"}


def render_github(report: Report) -> str:
    """Workflow commands of GitHub Actions; the gravest first, as only ten of a kind are shown for each step.

    Paths are as the run has them: a step that works in another folder than the checkout's shows no code.
    """
    lines = []
    for found in sorted(findings(report), key=lambda one: -RANK[one.severity]):
        start, end = _places(found, report)
        told = f"{place_of(report, found.finding.span)}: {found.code} {told_of(found)}"
        if found.finding.help:
            told += f"\nhelp: {clean(found.finding.help)}"
        place = f"file={_property(found.path)},line={start.line},col={start.column}"
        if end.line == start.line:  # columns of different lines are refused
            place += f",endLine={end.line},endColumn={end.column}"
        lines.append(f"::{_GITHUB[found.severity]} title=archlint ({found.code}),{place}::{_data(told)}\n")
    return "".join(lines)


def _data(text: str) -> str:
    """Escaped as the runner of GitHub Actions reads a message."""
    return _utf8(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _utf8(text: str) -> str:
    """A byte of a file name that is no text becomes a question mark."""
    return text.encode("utf-8", "replace").decode()


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def render_azure(report: Report) -> str:
    """Logging commands of Azure Pipelines, which knows errors and warnings."""
    lines = []
    for found in findings(report):
        start, _ = _places(found, report)
        place = f"sourcepath={_azure(found.path)};linenumber={start.line};columnnumber={start.column};"
        kind = f"type={_AZURE[found.severity]};{place}code={found.code};"
        lines.append(f"##vso[task.logissue {kind}]{_percent(_told(found, report))}\n")
    return "".join(lines)


def _percent(text: str) -> str:
    """The agent would read `50%3B` as `50;`, in messages too."""
    return text.replace("%", "%AZP25")


def _azure(text: str) -> str:
    escaped = _percent(_utf8(text)).replace("\r", "%0D").replace("\n", "%0A")
    return escaped.replace(";", "%3B").replace("]", "%5D")


def render_pylint(report: Report) -> str:
    """`path:line: [CODE] message`, which many tools read as pylint's."""
    return "".join(
        f"{clean(found.path)}:{_places(found, report)[0].line}: [{found.code}] {_told(found, report)}\n"
        for found in findings(report)
    )


def render_grouped(report: Report, *, unsafe: bool = False) -> str:
    """The findings of each file under its name, columns in line."""
    blocks = []
    for path, group in groupby(findings(report), key=lambda one: one.path):
        rows = []
        for found in group:
            start = position(report, found.finding.span)
            told = f"{found.code}{mark(found, unsafe=unsafe)} {found.severity}: {told_of(found)}"
            rows.append((line_shown(start.line, start.cell), str(start.column), told))
        high, wide = (max(len(row[i]) for row in rows) for i in (0, 1))
        blocks.append(f"{clean(path)}:\n" + "".join(f"  {r:>{high}}:{c:<{wide}}  {told}\n" for r, c, told in rows))
    return "\n".join(blocks)


def _places(found: Diagnostic, report: Report) -> tuple[Position, Position]:
    return file_position(report, found.finding.span), file_position(report, found.finding.span, end=True)


def _told(found: Diagnostic, report: Report) -> str:
    return told_of(found) + in_cell(report, found.finding.span)
