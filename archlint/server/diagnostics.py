"""Findings as the client shows them: message with its way out, causes as related places, fixes as data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from archlint.server.analysis import Analysis
from archlint.server.elsewhere import leading_there, named
from archlint.server.pages import uri_of
from archlint.server.texts import Text

if TYPE_CHECKING:
    from archlint.diagnostic import Diagnostic
    from archlint.text import Span

SOURCE = "archlint"
SEVERITIES = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "info": types.DiagnosticSeverity.Information,
}
UNNECESSARY = frozenset(["unused-layer", "unused-suppression", "result-never-used", "unreached-input"])
"""Rules whose findings mark what could as well not be there."""

DEPRECATED = frozenset(["torch-deprecated-nn", "torchvision-pretrained", "keras1-arguments"])
"""Rules whose findings mark names that a framework gives up; with those that it gave up already, `removed-…`."""

MOST_RELATED = 20


def by_document(analysis: Analysis) -> dict[str, list[types.Diagnostic]]:
    """The findings of a page by the document that shows them; every document of the page has its list."""
    found: dict[str, list[types.Diagnostic]] = {uri: [] for uri, _ in analysis.page.documents}
    for one in analysis.diagnostics:
        if one.path == analysis.path:
            uri, *_ = analysis.page.place(one.finding.span.start)
            found.setdefault(uri, []).append(shown(one, analysis))
        elif (place := leading_there(one, analysis)) is not None:
            uri, *_ = analysis.page.place(place[0])
            found.setdefault(uri, []).append(_shown_from_here(one, analysis, place))
    return found


def _shown_from_here(one: Diagnostic, analysis: Analysis, place: tuple[int, int]) -> types.Diagnostic:
    """A finding in another file; a click on the first related place leads to it."""
    there = types.DiagnosticRelatedInformation(
        location(one.finding.span, analysis), one.finding.label or one.finding.message
    )
    made = shown(one, analysis)
    made.range = analysis.page.location(*place).range
    made.message = named(one, analysis) + made.message
    made.related_information = [there, *(made.related_information or ())]
    made.tags, made.data = None, None
    return made


def shown(one: Diagnostic, analysis: Analysis) -> types.Diagnostic:
    """One finding."""
    finding = one.finding
    page = rule_page(one.code)
    return types.Diagnostic(
        range=location(finding.span, analysis).range,
        message=message(one),
        severity=SEVERITIES[one.severity],
        code=one.code,
        code_description=types.CodeDescription(href=page) if page else None,
        source=SOURCE,
        tags=_tags(one),
        related_information=[
            types.DiagnosticRelatedInformation(location(label.span, analysis), label.text)
            for label in finding.related[:MOST_RELATED]
        ],
        data=_data(one, analysis),
    )


def message(one: Diagnostic) -> str:
    """The fact, what the place itself says, and the way out, a line each."""
    finding = one.finding
    lines = [finding.message]
    if finding.label and finding.label not in finding.message:
        lines.append(f"here: {finding.label}")
    if finding.help:
        lines.append(f"help: {finding.help}")
    return "\n".join([*lines, *(f"note: {note}" for note in finding.notes)])


def location(span: Span, analysis: Analysis) -> types.Location:
    """Where a span is, in the client's counting; also one in another file."""
    if span.path == analysis.path:
        return analysis.page.location(span.start, span.end)
    lines = analysis.texts.get(span.path)
    unit = analysis.page.documents[0][1].unit if analysis.page.documents else 2
    text = Text(lines.text if lines is not None else "", unit)
    return types.Location(uri_of(analysis.absolute(span.path)), text.range(span.start, span.end))


def rule_page(code: str) -> str:
    """Where the page of a rule is; "" for one that has none."""
    from archlint.rule import rules

    rule = rules().get(code)
    if rule is None or rule.path is None:
        return ""
    page = Path(rule.path).with_suffix(".md")
    return page.as_uri() if page.is_file() else ""


def _tags(one: Diagnostic) -> list[types.DiagnosticTag] | None:
    if one.name in UNNECESSARY:
        return [types.DiagnosticTag.Unnecessary]
    if one.name.startswith("removed-") or one.name in DEPRECATED:
        return [types.DiagnosticTag.Deprecated]
    return None


def _data(one: Diagnostic, analysis: Analysis) -> dict[str, Any]:
    """What a fix of the finding needs, for clients that send it back."""
    edits = one.finding.edits
    return {
        "rule": one.name,
        "model": one.model,
        "safe": one.finding.safe,
        "fix": [
            {"uri": at.uri, "range": _plain(at.range), "newText": edit.text}
            for edit in edits
            if (at := location(edit.span, analysis))
        ],
    }


def _plain(place: types.Range) -> dict[str, dict[str, int]]:
    return {
        "start": {"line": place.start.line, "character": place.start.character},
        "end": {"line": place.end.line, "character": place.end.character},
    }
