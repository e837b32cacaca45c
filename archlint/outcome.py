"""What the check of each file gave, as plain data, and the report that is made of it.

An outcome comes from this process, from a worker or from the cache: the report is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from archlint.diagnostic import Diagnostic, ModelTotals, Report
from archlint.project import Project
from archlint.questions import Mentions, Questions
from archlint.repeated import shown_once

Use: TypeAlias = tuple[str, int, str]
"""A suppression that was good for something: its file, the offset of its comment, the code as written ("" for all)."""

Judge: TypeAlias = Callable[[str, Sequence[Use]], list[Diagnostic]]
"""The findings about the suppressions in a file, given those of them that were used."""


@dataclass(slots=True)
class Outcome:
    """One file.

    diagnostics: what is left after suppression, also in other files.  used: the suppressions that took the others away.
    holds: may it hold a model, so that it was evaluated?  mentions: what that was told from.
    whole: was all of the file evaluated, and without a failure of ours?
    judged: does it have suppressions that must be good for something?  unused: what was said of them when those in
    `unused_given` were used; None where that has not been asked.
    errors: (path, message) of files that could not be read.
    """

    path: str
    diagnostics: list[Diagnostic] = field(default_factory=list)
    models: list[ModelTotals] = field(default_factory=list)
    used: list[Use] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    internal_errors: list[str] = field(default_factory=list)
    errors: list[tuple[str, str]] = field(default_factory=list)
    holds: bool = False
    mentions: Mentions | None = None
    whole: bool = True
    judged: bool = False
    unused: list[Diagnostic] = field(default_factory=list)
    unused_given: list[Use] | None = None
    asked: Questions = field(default_factory=Questions)
    seconds: dict[str, float] = field(default_factory=dict)

    def still_holds(self, project: Project) -> bool:
        """Would the file give the same in another state of its project?  Not known of one that failed."""
        if self.internal_errors or self.errors or project.may_hold_model(self.path) != self.holds:
            return False
        if any(project.digest(path) != digest for path, (digest, _) in self.asked.texts.items()):
            return False
        if any(project.resolve_from(*where) != answer for where, answer in self.asked.modules.items()):
            return False
        return all(project.attributes_digest(*what) == digest for what, digest in self.asked.attributes.items())


def report_of(project: Project, outcomes: Sequence[Outcome], judge: Judge | None) -> Report:
    """One report of the outcomes of some files of a project, in their order.

    judge: None where files are missing that may need a suppression: then nothing is said of those.
    """
    report = Report(files=len(outcomes))
    for outcome in outcomes:
        report.diagnostics += outcome.diagnostics
        report.models += outcome.models
        report.notes += outcome.notes
        report.internal_errors += outcome.internal_errors
    if judge is not None and all(outcome.whole for outcome in outcomes):
        report.diagnostics += _unused(outcomes, judge)
    read = [error for outcome in outcomes for error in outcome.errors]
    report.errors += dict.fromkeys([*project.errors, *read])
    for path in sorted(_paths(report.diagnostics)):
        lines = project.lines(path)
        if lines is not None:
            report.texts[path] = lines
    report.diagnostics = shown_once(report.diagnostics)
    return report


def _unused(outcomes: Sequence[Outcome], judge: Judge) -> Iterable[Diagnostic]:
    """What is said of suppressions; a model built in one file may need the comment in another."""
    used: dict[str, set[Use]] = {}
    for outcome in outcomes:
        for use in outcome.used:
            used.setdefault(use[0], set()).add(use)
    for outcome in outcomes:
        if outcome.judged:
            here = sorted(used.get(outcome.path, ()))
            if here != outcome.unused_given:
                outcome.unused, outcome.unused_given = judge(outcome.path, here), here
            yield from outcome.unused


def _paths(diagnostics: Iterable[Diagnostic]) -> set[str]:
    """The files that findings name."""
    return {path for d in diagnostics for path in (d.path, *(label.span.path for label in d.finding.related))}
