"""A finding with everything a reporter needs: plain data that pickles to workers and to JSON unchanged."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archlint.finding import Confidence, Finding, Severity
from archlint.text import LineIndex, Position

if TYPE_CHECKING:
    from archlint.verdict import Standing


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A finding of a rule in a model (`model` empty for findings of a file).

    standing: what an executed run says of it; None where nothing was executed.
    """

    code: str
    name: str
    severity: Severity
    confidence: Confidence
    model: str
    finding: Finding
    standing: Standing | None = None

    @property
    def path(self) -> str:
        return self.finding.span.path


@dataclass(slots=True)
class ModelTotals:
    """What was understood of one model.  line: in a notebook that in its `cell`."""

    name: str
    path: str
    line: int
    framework: str
    calls: int
    understood: int
    stops: dict[str, int] = field(default_factory=dict)
    cell: int | None = None


@dataclass(slots=True)
class Report:
    """The outcome of one run over some files.

    `texts`: line index of every file that a diagnostic names (also imported ones).  `errors`: files that could
    not be read, as (path, message).  `files`: number of files looked at.  `accepted`: findings that are in the
    baseline, and not among the diagnostics; None where there is no baseline.
    """

    diagnostics: list[Diagnostic] = field(default_factory=list)
    models: list[ModelTotals] = field(default_factory=list)
    errors: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    internal_errors: list[str] = field(default_factory=list)
    texts: dict[str, LineIndex] = field(default_factory=dict)
    files: int = 0
    accepted: list[Diagnostic] | None = None

    def position(self, diagnostic: Diagnostic) -> Position:
        """Line and column of the diagnostic's first character."""
        span = diagnostic.finding.span
        return self.texts[span.path].position(span.start)
