"""ARC402: a log-softmax before a loss that applies it itself."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Finding, Model, judged, rule
from archlint_rules.output.endings import cause, made_by, without


@rule("ARC402", "logsoftmax-before-crossentropy", severity="info", category="output", fix="unsafe")
def logsoftmax_before_crossentropy(model: Model) -> Iterator[Finding]:
    """Logarithms of probabilities given to a cross entropy of scores: right, and done twice."""
    for pair in judged(model):
        if pair.expects == "class scores" and pair.ending is not None and pair.ending.kind == "log_softmax":
            yield Finding(
                pair.span,
                f"{made_by(pair.ending)} is redundant before {pair.loss}, which applies log_softmax: "
                "a second one changes nothing",
                related=cause(pair),
                help="drop it, or use a negative log likelihood (NLLLoss)",
                layer=pair.ending.node.path,
                edits=without(model.file, pair.graph, pair.ending),
            )
