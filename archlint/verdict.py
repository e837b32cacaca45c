"""What an executed run says of the inferred facts: plain data for reports."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from archlint.text import LineIndex, Span

Verdict: TypeAlias = Literal["equal", "unknown", "differs", "not reached"]
VERDICTS: tuple[Verdict, ...] = ("equal", "unknown", "differs", "not reached")

Standing: TypeAlias = Literal["confirmed", "refuted", "not reached", "not tested"]
"""What execution says of a finding.  `not tested`: nothing that was run could tell."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One value at one place: what was inferred, what was executed.

    what: the source text that was evaluated, shortened.  declaration: file and line of the layer's declaration in
    archlint, for a wrong shape; "" where no layer is to blame.
    """

    span: Span
    verdict: Verdict
    what: str
    inferred: str
    executed: str
    model: str = ""
    declaration: str = ""
    note: str = ""


@dataclass(slots=True)
class ModelVerdict:
    """One model, executed or not.

    status: `agrees` (nothing differs), `differs`, `failed` (its own code raised), `not run` (see `reason`).
    calls: tensor values by verdict; numbers: integers and shapes by verdict; parameters: (inferred, executed).
    how: how it was built; inputs: the shapes it was called with and where they come from.
    foreseen: the code of the finding that predicted the failure.  line: in a notebook that in its `cell`.
    """

    name: str
    path: str
    line: int
    framework: str
    status: Literal["agrees", "differs", "failed", "not run"]
    how: str = ""
    inputs: str = ""
    reason: str = ""
    error: str = ""
    error_span: Span | None = None
    foreseen: str = ""
    calls: dict[Verdict, int] = field(default_factory=dict)
    numbers: dict[Verdict, int] = field(default_factory=dict)
    layers: dict[Verdict, int] = field(default_factory=dict)
    parameters: tuple[str, str] | None = None
    differences: list[Comparison] = field(default_factory=list)
    unknown: dict[str, int] = field(default_factory=dict)
    guards: tuple[str, ...] = ()
    probes: list[tuple[str, str, str]] = field(default_factory=list)
    notes: tuple[str, ...] = ()
    strategy: str = ""
    seconds: float = 0.0
    cell: int | None = None


@dataclass(slots=True)
class Verification:
    """Every model of a run.  isolation: what the system enforced, and what it could not.

    python: the interpreter that ran them; frameworks: name -> version, or why it is missing.
    """

    models: list[ModelVerdict] = field(default_factory=list)
    texts: dict[str, LineIndex] = field(default_factory=dict)
    isolation: str = ""
    python: str = ""
    frameworks: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    internal_errors: list[str] = field(default_factory=list)

    @property
    def ran(self) -> int:
        """Models that were executed, whether or not they failed."""
        return sum(m.status != "not run" for m in self.models)
