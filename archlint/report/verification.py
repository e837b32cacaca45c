"""An executed run for people: what was run and how it compares, model by model, then the findings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from archlint.diagnostic import Diagnostic, Report
from archlint.report.cells import Row, clean
from archlint.report.listing import DISAGREES, FAILED, count, findings, place_of, position
from archlint.report.terminal import render_finding
from archlint.report.verification_listing import closing_lines, tallies
from archlint.text import line_named, line_shown
from archlint.verdict import Comparison, ModelVerdict, Verification

MOST = 10
"""Differences of one model that are listed unless all are asked for."""

COLORS = {"agrees": "good", "differs": "error", "failed": "error", "not run": "dim"}
ON_REQUEST = ("", "default arguments", "running the file")
"""Ways to build a model that need not be told."""


def render_verification(
    verification: Verification, report: Report, *, color: bool = False, verbose: bool = False
) -> str:
    """A section for each model, a line for each that was not run, the other findings, the totals.

    A finding about a difference or a failure stands in its model's section and only there.
    """
    known = replace(report, texts={**verification.texts, **report.texts})
    left = findings(known)
    blocks: list[str] = []
    models = sorted(verification.models, key=lambda m: (m.path, m.cell or 0, m.line, m.name))
    for model in models:
        if model.status != "not run":
            own = _own_findings(model, left)
            left = [found for found in left if found not in own]
            rows = [_heading(model), *_section(model, own, known, verbose)]
            blocks.append("".join(row.paint(color) + "\n" for row in rows))
            most = len(own) if verbose else MOST
            blocks += [render_finding(found, known.texts, color=color) for found in own[:most]]
            blocks += [_more(len(own) - most)] if len(own) > most else []
    idle = [_heading(model).paint(color) + "\n" for model in models if model.status == "not run"]
    blocks += ["".join(idle)] if idle else []
    blocks += [render_finding(found, known.texts, color=color) for found in left]
    return "\n".join([*blocks, "".join(f"{line}\n" for line in closing_lines(verification, known))])


def _own_findings(model: ModelVerdict, among: Sequence[Diagnostic]) -> list[Diagnostic]:
    """The findings that say what went wrong in this run of the model."""
    spans = {(DISAGREES, difference.span) for difference in model.differences}
    if model.error_span is not None:
        spans.add((FAILED, model.error_span))
    own = [found for found in among if (found.code, found.finding.span) in spans]
    return [found for found in own if found.model in (model.name, "")]


def _heading(model: ModelVerdict) -> Row:
    """`Net  model.py:12  torch  ran on (2, 3, 64, 96) [first layer]`."""
    row = Row()
    column = row.put(0, clean(model.name or "(script)"), COLORS[model.status])
    column = row.put(column + 2, f"{clean(model.path)}:{line_shown(model.line, model.cell)}")
    column = row.put(column + 2, model.framework, "dim")
    if model.status == "not run":
        text = f"not run: {model.reason}" if model.reason else "not run"
    else:
        text = "failed" if model.status == "failed" else "ran"
        text += f" on {model.inputs}" if model.inputs else ""
    row.put(column + 2, clean(text))
    return row


def _section(model: ModelVerdict, own: Sequence[Diagnostic], report: Report, verbose: bool) -> Iterator[Row]:
    """What stands below a model's heading."""
    if verbose or model.how not in ON_REQUEST:
        yield from _said(_circumstances(model, verbose), "dim")
    if counted := ", ".join(tallies(model)):
        yield from _said(counted, "error" if model.status == "differs" else "")
    if verbose:
        by_number = sorted(model.unknown.items(), key=lambda reason: (-reason[1], reason[0]))
        for reason, number in by_number:
            yield from _said(f"  unknown {count(number, 'time')}: {reason}")
        for guard in model.guards:
            yield from _said(f"  runs only where {guard}")
    yield from _probes(model, verbose)
    for note in model.notes:
        yield from _said(f"note: {note}")
    if model.status == "failed":
        yield from _failure(model, own, report)
    yield from _differences(model, own, report, verbose)


def _said(text: str, color: str = "") -> Iterator[Row]:
    if text:
        row = Row()
        row.put(2, clean(text), color)
        yield row


def _circumstances(model: ModelVerdict, verbose: bool) -> str:
    """`built: default arguments; fake run; 0.3 s`."""
    parts = [f"built: {model.how}"] if model.how else []
    if verbose:
        parts += [f"{model.strategy} run"] if model.strategy else []
        parts += [f"{model.seconds:.1f} s"] if model.seconds else []
    return "; ".join(parts)


def _probes(model: ModelVerdict, verbose: bool) -> Iterator[Row]:
    """What was measured.  `violated` is a property that the model has not: no defect by itself."""
    words = {"holds": "holds", "violated": "does not hold", "not run": "not measured"}
    for probe, verdict, detail in model.probes:
        if verbose or verdict == "violated":
            yield from _said(f"{probe}: {words.get(verdict, verdict)}" + (f" ({detail})" if detail else ""))
    if not verbose:
        verdicts = [verdict for _, verdict, _ in model.probes]
        quiet = {"hold": verdicts.count("holds"), "not measured": verdicts.count("not run")}
        parts = [f"{number} {word}" for word, number in quiet.items() if number]
        yield from _said(f"properties: {', '.join(parts)}" if parts else "")


def _failure(model: ModelVerdict, own: Sequence[Diagnostic], report: Report) -> Iterator[Row]:
    """The framework's message and the finding that foresaw it, unless ARC008 below has both."""
    if any(found.code == FAILED for found in own):
        return
    at = f"{place_of(report, model.error_span)}: " if model.error_span is not None else ""
    for number, line in enumerate((model.error.strip() or "no message").split("\n")):
        yield from _said(line if number else at + line, "error")
    if not model.foreseen:
        yield from _said("not foreseen by any finding")
        return
    found = _foreseeing(model, report)
    if found is None:
        yield from _said(f"foreseen by {model.foreseen}: confirmed by execution")
        return
    first = position(report, found.finding.span)
    here = line_named(first.line, first.cell)
    where = here if found.path == model.path else f"{found.path}:{line_shown(first.line, first.cell)}"
    yield from _said(f"foreseen by {model.foreseen} at {where}: confirmed by execution")


def _foreseeing(model: ModelVerdict, report: Report) -> Diagnostic | None:
    named = [found for found in report.diagnostics if found.code == model.foreseen]
    return min(named, key=lambda f: (f.standing != "confirmed", f.model != model.name), default=None)


def _differences(model: ModelVerdict, own: Sequence[Diagnostic], report: Report, verbose: bool) -> Iterator[Row]:
    """A line for each difference that has no finding: those that a comment silences, or that follow from others."""
    told = {found.finding.span for found in own}
    rest = [difference for difference in model.differences if difference.span not in told]
    shown = rest if verbose else rest[:MOST]
    for difference in shown:
        yield from _said(f"{place_of(report, difference.span)}: {difference_text(difference)}", "error")
    if len(rest) > len(shown):
        yield from _said(_more(len(rest) - len(shown)).strip())


def _more(number: int) -> str:
    return f"and {count(number, 'more difference')} (-v lists {'it' if number == 1 else 'them'})\n"


def difference_text(difference: Comparison) -> str:
    """`self.pool(x)`: inferred (N, 64, 16, 16), executed (2, 64, 15, 15)."""
    text = f"`{difference.what}`: inferred {difference.inferred}, executed {difference.executed}"
    more = [difference.note] if difference.note else []
    more += [f"declared in archlint/{difference.declaration}"] if difference.declaration else []
    return f"{text} ({'; '.join(more)})" if more else text
