"""The one module a rule may import: what it is given, what it yields, how it registers.

    @rule("ARC106", "nonpositive-output-dim", severity="error", confidence="proven", category="shapes")
    def nonpositive_output_dim(model: Model) -> Iterator[Finding]:
        ...

A rule is a module and a page of the same stem.  It sees proven facts only: sizes are compared by
`proven_equal` and `proven_different`, and what is unknown gives no finding.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from archlint.dims import (
    Dim,
    Size,
    divide,
    evaluate,
    product,
    proven_different,
    proven_equal,
    show,
    show_shape,
    substitute,
    symbols,
)  # fmt: skip
from archlint.facts.batch import batch_axis
from archlint.facts.factors import factor
from archlint.facts.layer_counts import layer_counts
from archlint.facts.memory import activation_memory
from archlint.facts.neurons import filters, neurons, weights_per_neuron
from archlint.facts.parameters import parameters
from archlint.facts.receptive_field import receptive_fields
from archlint.facts.resized import Resized, with_open_input
from archlint.facts.solver import accepted_sizes, minimum_sizes, unsatisfiable
from archlint.graph import LayerGraph, Node
from archlint.layers.spec import Fault
from archlint.model import (
    AttributeRecord,
    ClassRecord,
    DataRecord,
    FileFacts,
    InputRecord,
    LayerRecord,
    Model,
    ModuleRecord,
)
from archlint.source.model import Comment
from archlint.text import Edit, Span
from archlint.values import Shape, Tensor

__all__ = [
    "AttributeRecord", "ClassRecord", "Comment", "DataRecord", "Dim", "Edit", "Fault", "FileFacts", "Finding",
    "InputRecord", "Label", "LayerGraph", "LayerRecord", "Model", "ModuleRecord", "Node", "Resized", "Rule",
    "Shape", "Size", "Span", "Tensor", "accepted_sizes", "activation_memory", "batch_axis", "divide",
    "evaluate", "factor", "filters", "layer_counts", "minimum_sizes", "neurons", "parameters", "product",
    "proven_different", "proven_equal", "receptive_fields", "rule", "rules", "show", "show_shape", "substitute",
    "symbols", "unsatisfiable", "weights_per_neuron", "with_open_input",
]  # fmt: skip

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


ModelCheck: TypeAlias = Callable[[Model], Iterator[Finding]]
FileCheck: TypeAlias = Callable[[FileFacts], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A registered rule.  `scope`: `model` runs once per model, `file` once per file, `engine` by the engine."""

    code: str
    name: str
    severity: Severity
    confidence: Confidence
    category: str
    scope: Literal["model", "file", "engine"]
    default: bool
    check: Callable[..., Iterator[Finding]] | None
    module: str
    path: Path | None

    @property
    def page(self) -> str:
        """The rule's documentation: the Markdown file beside its module."""
        if self.path is None:
            return ""
        return self.path.with_suffix(".md").read_text(encoding="utf-8")


_RULES: dict[str, Rule] = {}


def rule(
    code: str,
    name: str,
    *,
    severity: Severity,
    category: str,
    confidence: Confidence = "proven",
    scope: Literal["model", "file", "engine"] = "model",
    default: bool = True,
) -> Callable[[Callable[..., Iterator[Finding]]], Callable[..., Iterator[Finding]]]:
    """Register a rule.  `default=False` keeps it out unless it is selected by code or name."""

    def add(check: Callable[..., Iterator[Finding]]) -> Callable[..., Iterator[Finding]]:
        path = Path(inspect.getfile(check))
        for other in _RULES.values():
            if (other.code == code) != (other.name == name):
                raise ValueError(f"{code} {name} clashes with {other.code} {other.name}")
        _RULES[code] = Rule(code, name, severity, confidence, category, scope, default, check, check.__module__, path)
        return check

    return add


def rules() -> dict[str, Rule]:
    """Every registered rule by code."""
    return dict(sorted(_RULES.items()))
