"""Applies the edits of findings to texts, round after round, until no finding offers one that helps.

    fixed = apply_fixes(texts, report, recheck, unsafe=True)
    fixed.texts["model.py"]  # the new text of each file that changes

A fix is taken only if the texts still parse and there are no more findings than before.  Where several are tried
together and one is added, halves of them are tried, so that one bad fix does not cost the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from archlint.diagnostic import Diagnostic, Report
from archlint.files import is_notebook
from archlint.text import Edit, line_shown

if TYPE_CHECKING:
    from archlint.source.model import Source

ROUNDS = 10
"""A fix may make room for another; after so many rounds the rest is left to the next run."""

Recheck: TypeAlias = Callable[[Mapping[str, str]], Report]
"""The findings of the project, given the texts of all the files that may be changed.

Raises ValueError for a text that cannot be written in its file's encoding.
"""


@dataclass(slots=True)
class Fixed:
    """What came of the fixes.

    texts: the new text of each file that changes.  applied: the findings that were fixed.  refused: what was not done,
    as sentences.  report: the findings that are left.
    """

    report: Report
    texts: dict[str, str] = field(default_factory=dict)
    applied: list[Diagnostic] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def offered(report: Report, *, unsafe: bool) -> list[Diagnostic]:
    """Findings with a fix that may be applied, in the order of their first edits."""
    found = [d for d in report.diagnostics if d.finding.edits and (unsafe or d.finding.safe)]
    return sorted(found, key=lambda d: (min(e.span for e in d.finding.edits), d.code))


def apply_fixes(texts: Mapping[str, str], report: Report, recheck: Recheck, *, unsafe: bool) -> Fixed:
    """Apply the fixes of a report to the files in `texts`; a finding with an edit elsewhere is left as it is."""
    fixed = Fixed(report)
    current = dict(texts)
    barred: set[tuple[str, str, str]] = set()
    seen = [current]
    for _ in range(ROUNDS):
        wanted = [d for d in offered(fixed.report, unsafe=unsafe) if _key(d) not in barred and _within(d, current)]
        chosen = _compatible(wanted)
        if not chosen:
            break
        trial = _Trial(current, fixed.report, recheck)
        good = trial.admit([], chosen)
        for diagnostic, why in trial.refused:
            barred.add(_key(diagnostic))
            fixed.refused.append(f"{_where(diagnostic, fixed.report)}: the fix of {diagnostic.code} {why}; not applied")
        if not good:
            continue
        after = edited(current, _edits(good))
        if after in seen:  # two fixes that undo each other
            fixed.refused.append(
                f"{_where(good[0], fixed.report)}: the fix of {good[0].code} undoes another; not applied"
            )
            break
        fixed.report, current = trial.reports[len(good), _edits(good)], after
        seen.append(current)
        fixed.applied += good
    else:
        fixed.refused.append(f"the fixes did not come to an end in {ROUNDS} rounds; run --fix again for the rest")
    fixed.texts = {path: text for path, text in current.items() if text != texts[path]}
    return fixed


@dataclass(slots=True)
class _Trial:
    """Which fixes may be applied to some texts together.  reports: the findings after the sets that were good."""

    texts: Mapping[str, str]
    before: Report
    recheck: Recheck
    reports: dict[tuple[int, tuple[Edit, ...]], Report] = field(default_factory=dict)
    refused: list[tuple[Diagnostic, str]] = field(default_factory=list)

    def admit(self, taken: list[Diagnostic], more: list[Diagnostic]) -> list[Diagnostic]:
        """`taken`, which is good, and what is good with it of `more`."""
        why = self.harm([*taken, *more], self.reports[len(taken), _edits(taken)] if taken else self.before, len(more))
        if not why:
            return [*taken, *more]
        if len(more) == 1:
            self.refused.append((more[0], why))
            return taken
        half = len(more) // 2
        return self.admit(self.admit(taken, more[:half]), more[half:])

    def harm(self, fixes: Sequence[Diagnostic], base: Report, number: int) -> str:
        """What would be worse after these fixes than in `base`, which lacks the last `number`; "" for nothing.

        Advice that comes to light is no harm.  Nor is, after a single fix, what its finding had hidden: behind a layer
        that fails nothing is known, and once it is right, the next fault is seen instead.
        """
        edits = _edits(fixes)
        after = edited(self.texts, edits)
        for path in {edit.span.path for edit in edits}:
            if len(_parsed(path, after[path]).problems) > len(_parsed(path, self.texts[path]).problems):
                return "gives a file that does not parse"
        try:
            report = self.recheck(after)
        except ValueError as error:
            return f"cannot be written: {error}"
        if len(report.internal_errors) > len(self.before.internal_errors):
            return "gives a file that archlint fails on"
        now, then = _counted(report), _counted(base)
        added = now - then
        if added and (number > 1 or now.total() > then.total() or _errors(report) > _errors(base)):
            path, code = min(added)
            return f"adds a finding, {code} in {path}"
        self.reports[len(fixes), edits] = report
        return ""


def _parsed(path: str, text: str) -> Source:
    from archlint.source.notebook import parse_cells
    from archlint.source.parse import parse

    return parse_cells(path, text) if is_notebook(path) else parse(path, text)


def _counted(report: Report) -> Counter[tuple[str, str]]:
    return Counter((d.path, d.code) for d in report.diagnostics if d.severity != "info")


def _errors(report: Report) -> int:
    return sum(d.severity == "error" for d in report.diagnostics)


def _key(diagnostic: Diagnostic) -> tuple[str, str, str]:
    """A finding without its place, which moves."""
    return diagnostic.path, diagnostic.code, diagnostic.finding.message


def _within(diagnostic: Diagnostic, texts: Mapping[str, str]) -> bool:
    return all(edit.span.path in texts for edit in diagnostic.finding.edits)


def _where(diagnostic: Diagnostic, report: Report) -> str:
    at = report.position(diagnostic)
    return f"{diagnostic.path}:{line_shown(at.line, at.cell)}"


def _compatible(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The earliest findings whose edits do not touch; an edit that two of them share is no conflict."""
    taken: set[Edit] = set()
    chosen = []
    for diagnostic in diagnostics:
        own = set(diagnostic.finding.edits) - taken
        if not any(_touch(a, b) for a in own for b in taken):
            taken |= own
            chosen.append(diagnostic)
    return chosen


def _touch(a: Edit, b: Edit) -> bool:
    """Do two edits overlap, or insert where the other one stands?"""
    if a.span.path != b.span.path:
        return False
    if a.span.start == a.span.end or b.span.start == b.span.end:
        return a.span.start <= b.span.end and b.span.start <= a.span.end
    return a.span.start < b.span.end and b.span.start < a.span.end


def _edits(diagnostics: Iterable[Diagnostic]) -> tuple[Edit, ...]:
    """All edits in order of place, each once."""
    return tuple(sorted({e for d in diagnostics for e in d.finding.edits}, key=lambda e: (e.span, e.text)))


def edited(texts: Mapping[str, str], edits: Sequence[Edit]) -> dict[str, str]:
    """The texts after edits that do not touch; new lines end as the file's lines do."""
    after = dict(texts)
    for edit in sorted(edits, key=lambda e: e.span, reverse=True):
        path, text = edit.span.path, after[edit.span.path]
        new = edit.text.replace("\n", "\r\n") if "\r\n" in texts[path] else edit.text
        after[path] = text[: edit.span.start] + new + text[edit.span.end :]
    return after
