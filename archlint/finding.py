"""What a rule says of a place, as plain data: it pickles to workers and goes to the cache unchanged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from archlint.text import Edit, Span

Severity: TypeAlias = Literal["error", "warning", "info"]
Confidence: TypeAlias = Literal["proven", "likely", "hint"]


@dataclass(frozen=True, slots=True)
class Label:
    """A secondary place: `(N, 50, 32) produced here`."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong, at one place.

    message: states the fact and its numbers; lower case, no full stop.  `label` stands under the primary
    span, `related` are the causes, `help` is the way out, `notes` are further facts.
    `severity` and `confidence` override the rule's own where one finding rests on an assumption.
    """

    span: Span
    message: str
    label: str = ""
    related: tuple[Label, ...] = ()
    help: str = ""
    notes: tuple[str, ...] = ()
    layer: str = ""
    severity: Severity | None = None
    confidence: Confidence | None = None
    edits: tuple[Edit, ...] = ()
    safe: bool = False
