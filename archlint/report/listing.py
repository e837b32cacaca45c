"""What a report lists, in which order, and its closing line; one finding per line for editors and grep."""

from __future__ import annotations

from collections import Counter

from archlint.diagnostic import Diagnostic, Report
from archlint.finding import Finding, Severity
from archlint.options import RANK
from archlint.report.cells import clean
from archlint.text import Position, Span

DISAGREES = "ARC007"
FAILED = "ARC008"
"""What execution finds by itself: no other finding has to be confirmed by it."""

TOLD = {
    "confirmed": "confirmed by execution",
    "refuted": "refuted by execution",
    "not reached": "not reached by execution",
}


def standing(found: Diagnostic) -> str:
    """What a reader is told of a run: `not tested` says no more than a finding does by itself."""
    own = found.code in (DISAGREES, FAILED)
    return found.standing if found.standing in TOLD and not own else ""


def findings(report: Report) -> list[Diagnostic]:
    """Every finding by path, place and code; a file that cannot be read is one too."""
    unreadable = [
        Diagnostic("ARC001", "syntax-error", "error", "proven", "", Finding(Span(path, 0, 0), f"not read: {why}"))
        for path, why in report.errors
    ]
    return sorted([*report.diagnostics, *unreadable], key=_place)


def _place(diagnostic: Diagnostic) -> tuple[Span, str, str, str]:
    return diagnostic.finding.span, diagnostic.code, diagnostic.model, diagnostic.finding.message


def position(report: Report, span: Span, *, end: bool = False) -> Position:
    """Line and column of a span's start or end; 1:1 in a file that could not be read."""
    index = report.texts.get(span.path)
    if index is None:
        return Position(1, 1)
    return index.position(min(span.end if end else span.start, len(index.text)))


def file_position(report: Report, span: Span, *, end: bool = False) -> Position:
    """The same for services that show the file as it is: of a notebook, a line of its JSON."""
    index = report.texts.get(span.path)
    if index is None or index.cells is None:
        return position(report, span, end=end)
    from archlint.notebook_file import place_in_file

    return place_in_file(index, min(span.end if end else span.start, len(index.text)))


def in_cell(report: Report, span: Span) -> str:
    """` (cell 3, line 5)`, for a message beside a line of JSON; nothing in a file that is no notebook."""
    at = position(report, span)
    return "" if at.cell is None else f" (cell {at.cell}, line {at.line})"


def mark(found: Diagnostic, *, unsafe: bool) -> str:
    """` [*]` behind the code of a finding that `--fix` fixes."""
    return " [*]" if found.finding.edits and (unsafe or found.finding.safe) else ""


def render_concise(report: Report, *, unsafe: bool = False) -> str:
    """`path:line:column: CODE [*] severity: message`, one finding a line; ` [confirmed]` behind it after a run."""
    lines = []
    for found in findings(report):
        place = place_of(report, found.finding.span)
        code = found.code + mark(found, unsafe=unsafe)
        lines.append(f"{place}: {code} {found.severity}: {told_of(found)}\n")
    return "".join(lines)


def told_of(found: Diagnostic) -> str:
    """The message of a finding on one line; ` [confirmed]` behind it after a run."""
    return clean(found.finding.message) + (f" [{standing(found)}]" if standing(found) else "")


def place_of(report: Report, span: Span) -> str:
    """`path:line:column` of a span's start, in a notebook `path:cell 3:line:column`."""
    return f"{clean(span.path)}:{position(report, span).shown}"


def failed(report: Report, threshold: Severity) -> bool:
    """Is there a finding at or above the threshold?  Advice never makes a run fail."""
    least = max(RANK[threshold], RANK["warning"])
    return any(RANK[found.severity] >= least for found in findings(report))


def closing_line(report: Report) -> str:
    """`12 models, 431 of 440 layer calls understood, 2 findings (1 error, 1 warning), 7 findings in the baseline`."""
    if report.models:
        understood, calls = (sum(getattr(m, name) for m in report.models) for name in ("understood", "calls"))
        looked_at = f"{count(len(report.models), 'model')}, {understood:,} of {count(calls, 'layer call')} understood"
    else:
        looked_at = f"no models in {count(report.files, 'file')}"
    known = f", {count(len(report.accepted), 'finding')} in the baseline" if report.accepted else ""
    return f"{looked_at}, {found_line(report)}{known}"


def found_line(report: Report) -> str:
    """`2 findings (1 error, 1 warning)`."""
    severities = Counter(found.severity for found in findings(report))
    if not severities:
        return "no findings"
    order: tuple[Severity, ...] = ("error", "warning", "info")
    split = [count(severities[severity], severity) for severity in order if severities[severity]]
    return f"{count(severities.total(), 'finding')} ({', '.join(split)})"


def count(number: int, noun: str, nouns: str = "") -> str:
    """`1 model`, `12 models`; `info` has no plural."""
    return f"{number:,} {noun}" if number == 1 or noun == "info" else f"{number:,} {nouns or f'{noun}s'}"
