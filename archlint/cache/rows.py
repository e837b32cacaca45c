"""Outcomes as JSON values and back.  What is read back is data of unknown origin: whatever is odd raises."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, TypeAlias

from archlint.diagnostic import Diagnostic, ModelTotals
from archlint.finding import Finding, Label
from archlint.outcome import Outcome
from archlint.text import Edit, Span

Json: TypeAlias = Any
"""What `json` reads and writes."""

ODD = (TypeError, ValueError, KeyError, IndexError, AttributeError, RecursionError)
"""What a value of another form may raise."""


def packed(outcome: Outcome) -> Json:
    """What a report takes of an outcome; a file without models and findings is short."""
    return [
        [_flat(one) for one in outcome.diagnostics],
        [_flat(one) for one in outcome.models],
        outcome.used,
        outcome.notes,
        int(outcome.judged),
        [_flat(one) for one in outcome.unused],
        outcome.unused_given,
    ]


def _flat(value: Any) -> Json:
    """A dataclass as the list of its fields, all the way down."""
    match value:
        case Diagnostic() | ModelTotals() | Finding() | Label() | Edit() | Span():
            return [_flat(getattr(value, field.name)) for field in fields(value)]
        case tuple():
            return [_flat(item) for item in value]
    return value


def unpacked(path: str, row: Json) -> Outcome:
    """The outcome of a file, evaluated whole and without a failure.  Raises one of ODD."""
    diagnostics, models, used, notes, judged, unused, given = row
    return Outcome(
        path,
        [_diagnostic(one) for one in diagnostics],
        [_totals(one) for one in models],
        _uses(used),
        [_text(note) for note in notes],
        judged=bool(judged),
        unused=[_diagnostic(one) for one in unused],
        unused_given=None if given is None else _uses(given),
    )


def named(outcome: Outcome) -> set[str]:
    """The files that an outcome speaks of."""
    spans = [d.finding.span for d in (*outcome.diagnostics, *outcome.unused)]
    for diagnostic in outcome.diagnostics:
        spans += [label.span for label in diagnostic.finding.related]
        spans += [edit.span for edit in diagnostic.finding.edits]
    return {span.path for span in spans} | {path for path, _, _ in outcome.used}


def _diagnostic(row: Json) -> Diagnostic:
    code, name, severity, confidence, model, finding, standing = row
    if severity not in ("error", "warning", "info") or confidence not in ("proven", "likely", "hint"):
        raise ValueError(severity)
    if standing is not None:
        raise ValueError(standing)
    return Diagnostic(_text(code), _text(name), severity, confidence, _text(model), _finding(finding))


def _finding(row: Json) -> Finding:
    span, message, label, related, way_out, notes, layer, severity, confidence, edits, safe = row
    return Finding(
        _span(span), _text(message), _text(label), tuple(Label(_span(at), _text(text)) for at, text in related),
        _text(way_out), tuple(map(_text, notes)), _text(layer), severity, confidence,
        tuple(Edit(_span(at), _text(text)) for at, text in edits), bool(safe),
    )  # fmt: skip


def _totals(row: Json) -> ModelTotals:
    name, path, line, framework, calls, understood, stops, cell = row
    return ModelTotals(
        _text(name), _text(path), _number(line), _text(framework), _number(calls), _number(understood),
        {_text(why): _number(times) for why, times in stops.items()}, None if cell is None else _number(cell),
    )  # fmt: skip


def _span(row: Json) -> Span:
    path, start, end = row
    return Span(_text(path), _number(start), _number(end))


def _uses(rows: Json) -> list[tuple[str, int, str]]:
    return [(_text(path), _number(start), _text(code)) for path, start, code in rows]


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _number(value: Json) -> int:
    if not isinstance(value, int):
        raise TypeError(value)
    return value
