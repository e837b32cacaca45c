"""The one module a rule may import: what it is given, what it yields, how it registers.

    @rule("ARC106", "nonpositive-output-dim", severity="error", confidence="proven", category="shapes")
    def nonpositive_output_dim(model: Model) -> Iterator[Finding]:
        ...

A rule is a module and a page of the same stem.  It sees proven facts only: sizes are compared by
`proven_equal` and `proven_different`, and what is unknown gives no finding.

Keyword-only parameters of the function are the rule's settings, with their defaults:

    def activation_memory_budget(model: Model, *, budget_gib: float = 16.0) -> Iterator[Finding]:

is set by `budget-gib = 24` in `[tool.archlint.rules.activation-memory-budget]`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_type_hints

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
from archlint.facts.activations import RANGES, Ending, activation, axis_of, ending, keeps_values
from archlint.facts.aliases import Overwritten, kept_before, read_after
from archlint.facts.batch import batch_axis
from archlint.facts.factors import factor
from archlint.facts.layer_counts import layer_counts
from archlint.facts.memory import activation_memory
from archlint.facts.neurons import filters, neurons, weights_per_neuron
from archlint.facts.order import Mixed, needs_transposition, torn_apart
from archlint.facts.output_contract import Judged, judged
from archlint.facts.parameters import parameters
from archlint.facts.receptive_field import receptive_fields
from archlint.facts.resized import Resized, with_open_input
from archlint.facts.solver import accepted_sizes, minimum_sizes, required_multiple, unsatisfiable
from archlint.facts.strides import Torn, torn_views
from archlint.finding import Confidence, Finding, Label, Severity
from archlint.graph import Annotation, LayerGraph, Node
from archlint.layers.spec import Fault, Slide
from archlint.model import (
    AsideRecord,
    AttributeRecord,
    ClassRecord,
    DataRecord,
    FileFacts,
    GivenInput,
    InputRecord,
    LayerRecord,
    LossRecord,
    Model,
    ModuleRecord,
    Slip,
)
from archlint.source.calls import CallRecord
from archlint.source.model import Comment, Directive
from archlint.source.unread import Repeated, Unread
from archlint.text import Edit, Span
from archlint.values import Shape, Tensor

__all__ = [
    "RANGES", "Annotation", "AsideRecord", "AttributeRecord", "CallRecord", "ClassRecord", "Comment", "Confidence",
    "DataRecord", "Dim", "Directive", "Edit", "Ending", "Fault", "FileFacts", "Finding", "GivenInput",
    "InputRecord", "Judged", "Label", "LayerGraph", "LayerRecord", "LossRecord", "Mixed", "Model", "ModuleRecord",
    "Node", "Overwritten", "Repeated", "Resized", "Rule", "Severity", "Shape", "Size", "Slide", "Slip", "Span",
    "Tensor", "Torn", "Unread", "accepted_sizes", "activation", "activation_memory", "axis_of", "batch_axis",
    "divide", "ending", "evaluate", "factor", "filters", "judged", "keeps_values", "kept_before", "layer_counts",
    "minimum_sizes", "needs_transposition", "neurons", "parameters", "product", "proven_different", "proven_equal",
    "read_after", "receptive_fields", "required_multiple", "rule", "rules", "show", "show_shape", "substitute",
    "symbols", "torn_apart", "torn_views", "unsatisfiable", "weights_per_neuron", "with_open_input",
]  # fmt: skip

ModelCheck: TypeAlias = Callable[[Model], Iterator[Finding]]
FileCheck: TypeAlias = Callable[[FileFacts], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Setting:
    """What the user may set of a rule: its name, `budget-gib`; its type: bool, int, float, str, tuple[str, ...]."""

    name: str
    type: Any
    default: Any


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
    settings: tuple[Setting, ...] = ()
    fix: Literal["none", "safe", "unsafe"] = "none"

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
    fix: Literal["none", "safe", "unsafe"] = "none",
) -> Callable[[Callable[..., Iterator[Finding]]], Callable[..., Iterator[Finding]]]:
    """Register a rule.  `default=False` keeps it out unless it is selected by code or name.

    fix: whether its findings can have `edits`; `safe` if all of them leave the outputs of the model as they are.
    """

    def add(check: Callable[..., Iterator[Finding]]) -> Callable[..., Iterator[Finding]]:
        path = Path(inspect.getfile(check))
        for other in _RULES.values():
            if (other.code == code) != (other.name == name):
                raise ValueError(f"{code} {name} clashes with {other.code} {other.name}")
        _RULES[code] = Rule(
            code, name, severity, confidence, category, scope, default, check, check.__module__, path,
            _settings(check), fix,
        )  # fmt: skip
        return check

    return add


def _settings(check: Callable[..., Iterator[Finding]]) -> tuple[Setting, ...]:
    parameters = inspect.signature(check).parameters.values()
    chosen = [p for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY]
    types: Mapping[str, Any] = get_type_hints(check) if chosen else {}
    return tuple(Setting(p.name.replace("_", "-"), types[p.name], p.default) for p in chosen)


def rules() -> dict[str, Rule]:
    """Every registered rule by code."""
    return dict(sorted(_RULES.items()))
