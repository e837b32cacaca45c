"""ARC401: a softmax before a loss that applies softmax itself."""

from __future__ import annotations

import math
from collections.abc import Iterator

from archlint.rule import Finding, Judged, Model, judged, rule
from archlint_rules.output.endings import cause, made_by, without


@rule("ARC401", "softmax-before-crossentropy", severity="warning", category="output", fix="unsafe")
def softmax_before_crossentropy(model: Model) -> Iterator[Finding]:
    """Probabilities of a softmax given to a cross entropy of scores."""
    for pair in judged(model):
        if pair.expects == "class scores" and pair.ending is not None and pair.ending.kind == "softmax":
            if pair.classes != 1:
                yield finding(model, pair)


def finding(model: Model, pair: Judged) -> Finding:
    assert pair.ending is not None
    return Finding(
        pair.span,
        f"{made_by(pair.ending)} feeds {pair.loss}, which applies softmax again{floor(pair.classes)}",
        related=cause(pair),
        help="pass the scores that the softmax gets; apply it where probabilities are needed, after training",
        layer=pair.ending.node.path,
        edits=without(model.file, pair.graph, pair.ending),
    )


def floor(classes: object) -> str:
    """No class can lead another by more than 1 in [0, 1]."""
    if not isinstance(classes, int) or classes < 2:
        return ": it flattens the gradient and keeps the loss from 0"
    least = math.log(1 + (classes - 1) / math.e)
    return f": with {classes} classes the loss cannot go below {least:.2f}"
