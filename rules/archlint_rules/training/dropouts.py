"""Every application of dropout, and what share of the values it zeroes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from archlint.rule import FileFacts, Model, Node, Span
from archlint_rules.flow import place, text_of

_ZEROING = re.compile(r"(Spatial)?Dropout([123][dD])?|(feature_)?dropout([123]d)?")
_TENSORFLOW_1 = re.compile(
    r"tf_slim|tensorflow\.(compat\.v1|contrib|placeholder|Session|InteractiveSession|get_variable|variable_scope|layers)"
    r"(\.|$)"
)


@dataclass(frozen=True, slots=True)
class Dropout:
    """A dropout: the argument `arg` with the probability, as evaluated; `keeps`: of staying, not of going."""

    node: Node
    arg: str
    keeps: bool
    value: Any

    @property
    def rate(self) -> float | None:
        """The share of values that goes; None if it is not known."""
        if isinstance(self.value, bool) or not isinstance(self.value, (int, float)) or not 0 <= self.value <= 1:
            return None
        return round(1 - self.value, 12) if self.keeps else float(self.value)

    @property
    def stated(self) -> Span | None:
        """Where the probability is written."""
        return self.node.arg_spans.get(self.arg)

    @property
    def span(self) -> Span:
        """The probability, else the call."""
        return self.stated or place(self.node)


def dropouts(model: Model) -> Iterator[Dropout]:
    """The dropouts of a model that zero values, whatever their probability, in order."""
    for node in model.family("dropout"):
        if _ZEROING.fullmatch(node.op.rpartition(".")[2]):
            arg = _argument(model.file, node)
            if arg is not None:
                yield Dropout(node, arg[0], arg[1], node.args.get(arg[0]))


def _argument(facts: FileFacts | None, node: Node) -> tuple[str, bool] | None:
    """The name of the argument, and whether it is the share that stays."""
    if node.op == "tensorflow.nn.dropout":
        if "rate" in node.given:
            return "rate", False
        if "keep_prob" not in node.given:
            return None
        written = _keyword(facts, node.arg_spans.get("keep_prob"))
        return ("keep_prob", True) if written or tensorflow_1(facts) else None
    if node.op.startswith("tf_slim."):
        return "keep_prob", True
    return ("p", False) if node.op.startswith("torch.") else ("rate", False)


def _keyword(facts: FileFacts | None, span: Span | None) -> bool:
    """Is the value given as `keep_prob=…`?"""
    if facts is None or span is None or span.path != facts.path:
        return False
    return re.search(r"\bkeep_prob\s*=\s*$", facts.lines.text[max(0, span.start - 40) : span.start]) is not None


def tensorflow_1(facts: FileFacts | None) -> bool:
    """Does the file use what only TensorFlow 1 has?  There the second argument of tf.nn.dropout is what stays."""
    return facts is not None and any(_TENSORFLOW_1.match(name) for name, _ in facts.imports)


def never(dropout: Dropout) -> bool:
    """Does it certainly do nothing: rate 0, or told that this is no training?"""
    flags = (dropout.node.args.get(name) for name in ("training", "is_training"))
    return dropout.rate == 0 or any(flag is False for flag in flags)


def literal(model: Model, span: Span | None) -> bool:
    """Is the value written as a number on the spot?"""
    return span is not None and re.fullmatch(r"\d*\.?\d*(e-?\d+)?", text_of(model.file, span) or "-") is not None
