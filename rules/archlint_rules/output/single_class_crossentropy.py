"""ARC407: a cross entropy over one class."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Finding, Judged, Model, Span, judged, proven_equal, rule, show_shape
from archlint_rules.axes.softmax_over_singleton import over_one_value
from archlint_rules.output.endings import of_keras, output_labels
from archlint_rules.shapes.label_shape_mismatch import short_of_units

_BINARY = {
    "CrossEntropyLoss": "BCEWithLogitsLoss",
    "cross_entropy": "binary_cross_entropy_with_logits",
    "softmax_cross_entropy": "sigmoid_cross_entropy",
}


@rule("ARC407", "single-class-crossentropy", severity="error", category="output")
def single_class_crossentropy(model: Model) -> Iterator[Finding]:
    """A softmax cross entropy whose class axis has size 1."""
    if short_of_units(model):
        return  # ARC128 says how many classes the labels have
    over_one = {found.node.span for found in over_one_value(model)}  # ARC211 is about the softmax itself
    for pair in judged(model):
        if not over_one.isdisjoint(made_at(pair)):
            continue
        if pair.expects in ("class scores", "class probabilities") and proven_equal(pair.classes, 1):
            yield Finding(
                pair.span,
                f"{pair.loss} over 1 class is always 0: the output is {show_shape(pair.scores.shape)}",
                label="nothing can be learned from it",
                related=output_labels(pair),
                help=f"use {instead(pair)}, or give the output one value for each class",
            )


def made_at(pair: Judged) -> Iterator[Span]:
    """Where the scores are made: the last layer, and what comes before it in one line."""
    node = pair.graph[pair.scores.node] if pair.scores.node >= 0 else None
    while node is not None:
        yield node.span
        before = pair.graph.producers(node.id)
        node = before[0] if len(before) == 1 else None


def instead(pair: Judged) -> str:
    """The loss for yes or no."""
    if of_keras(pair):
        scores = ", from_logits=True" if pair.expects == "class scores" else ""
        return f"binary_crossentropy{scores}"
    return _BINARY.get(pair.loss, "sigmoid_cross_entropy_with_logits")
