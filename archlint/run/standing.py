"""What an executed run says of a finding: it came true, it did not, or the run never got there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from archlint.diagnostic import Diagnostic
from archlint.interp.targeted import Traced
from archlint.run.compare import Held
from archlint.run.probing import standing as probed
from archlint.run.records import Failure, Outcome, Target
from archlint.run.visits import Place
from archlint.text import LineIndex, Span
from archlint.verdict import Standing, Verdict

_STRENGTH: tuple[Standing, ...] = ("not tested", "not reached", "refuted", "confirmed")
_SHAPE_FACTS = ("ARC204", "ARC206", "ARC707", "ARC805")
"""Findings that rest on a shape alone: where the executed shape is the inferred one, they stand."""


def crashes(diagnostic: Diagnostic) -> bool:
    """Does the finding say that the program raises at its place?"""
    family = diagnostic.code[:4]
    return diagnostic.severity == "error" and (family == "ARC1" or diagnostic.code in ("ARC301", "ARC305"))


def standing(
    diagnostic: Diagnostic,
    target: Target,
    inferred: Traced,
    outcome: Outcome,
    found: Mapping[Place, Held],
    texts: Mapping[str, LineIndex],
) -> Standing:
    """Of one finding, by one target that runs its code."""
    failure = last_failure(outcome, target)
    if crashes(diagnostic):
        # A script goes on behind a statement that raised; what it ended with is another failure, or none.
        failures = [*([failure] if failure is not None else []), *outcome.statements]
        if any(foresees(diagnostic, one, texts) for one in failures):
            return "confirmed"
        if not builds(diagnostic, target, inferred):
            return "not reached"  # a mixin's line works in one of its classes: that says nothing of the other one
        verdicts = _at(diagnostic.finding.span, found)
        if outcome.runs and any(verdict != "not reached" for verdict in verdicts):
            return "refuted"
        return "not reached"
    if not builds(diagnostic, target, inferred):
        return untouched(diagnostic)
    by_probe = probed(diagnostic, outcome.probes)
    if by_probe != "not tested" or diagnostic.code not in _SHAPE_FACTS:
        return by_probe
    span = diagnostic.finding.span
    verdicts = _at(span, found) or _on_line(span, found, texts)
    if "differs" in verdicts:
        return "refuted"
    return "confirmed" if "equal" in verdicts else "not reached"


def concerns(
    diagnostic: Diagnostic,
    target: Target,
    inferred: Traced,
    found: Mapping[Place, Held],
    texts: Mapping[str, LineIndex],
) -> bool:
    """Is the finding about something that the target runs: its model, a layer of it, a value in it?"""
    if diagnostic.model and builds(diagnostic, target, inferred):
        return True
    span = diagnostic.finding.span
    nodes = [node for model in inferred.models for node in model.nodes]
    if any(span in (node.span, node.made_at) for node in nodes) or any(place.span == span for place in found):
        return True
    return not diagnostic.model and bool(_on_line(span, found, texts))


def builds(diagnostic: Diagnostic, target: Target, inferred: Traced) -> bool:
    """Is the model that the finding is about one of those that the target builds?  One of a file is about all."""
    name = diagnostic.model
    return not name or name in target.models or any(name == model.name for model in inferred.models)


def untouched(diagnostic: Diagnostic) -> Standing:
    """Of a finding whose code no target ran."""
    return "not reached" if crashes(diagnostic) or diagnostic.code in _SHAPE_FACTS else "not tested"


def stronger(a: Standing, b: Standing) -> Standing:
    """The one that says more: one run that confirms is enough."""
    return max(a, b, key=_STRENGTH.index)


def alike(diagnostics: Sequence[Diagnostic]) -> list[Diagnostic]:
    """One finding about the code of several models is shown once: what is known of it for any of them."""
    known: dict[tuple[str, Span, str], Standing] = {}
    for d in diagnostics:
        known[_said(d)] = stronger(known.get(_said(d), "not tested"), d.standing or "not tested")
    return [replace(d, standing=known[_said(d)]) for d in diagnostics]


def _said(diagnostic: Diagnostic) -> tuple[str, Span, str]:
    return diagnostic.code, diagnostic.finding.span, diagnostic.finding.message


def last_failure(outcome: Outcome, target: Target) -> Failure | None:
    """The failure that ended the target; None if it ran.

    Of several guesses the first was the best; of calls that the source states, the last is the one as it is written.
    """
    if outcome.status != "failed" or not outcome.failures:
        return None
    stated = [f for f in outcome.failures if 0 <= f.attempt < len(target.attempts) and target.attempts[f.attempt].sure]
    return stated[-1] if stated else outcome.failures[0]


def foresees(diagnostic: Diagnostic, failure: Failure, texts: Mapping[str, LineIndex]) -> bool:
    """Is the finding about the line on which the program raised?"""
    return any(_covers(span, failure, texts) for span in _spans(diagnostic))


def _spans(diagnostic: Diagnostic) -> Sequence[Span]:
    return [diagnostic.finding.span, *(label.span for label in diagnostic.finding.related)]


def _covers(span: Span, failure: Failure, texts: Mapping[str, LineIndex]) -> bool:
    lines = texts.get(span.path)
    if lines is None:
        return False
    first, last = lines.line_of(span.start), lines.line_of(max(span.start, span.end - 1))
    return any(path == span.path and first <= line <= last for path, line, _ in failure.frames)


def _on_line(span: Span, found: Mapping[Place, Held], texts: Mapping[str, LineIndex]) -> list[Verdict]:
    """Verdicts of the tensors on the line of a comment: `x = self.conv(x)  # (N, 16, 32, 32)`."""
    lines = texts.get(span.path)
    if lines is None:
        return []
    line = lines.line_of(span.start)
    return [
        held.verdict
        for place, held in found.items()
        if held.is_tensor and place.span.path == span.path and lines.line_of(place.span.end - 1) == line
    ]


def _at(span: Span, found: Mapping[Place, Held]) -> list[Verdict]:
    """Verdicts of the values at the finding's place: of its own expression, or of those in it."""
    same = [held.verdict for place, held in found.items() if place.span == span]
    inside = [
        held.verdict
        for place, held in found.items()
        if place.span.path == span.path and span.start <= place.span.start and place.span.end <= span.end
    ]
    around = [
        held.verdict
        for place, held in found.items()
        if place.span.path == span.path and place.span.start <= span.start and span.end <= place.span.end
    ]
    return same or inside or around
