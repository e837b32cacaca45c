"""ARC405: a sigmoid before a loss that applies sigmoid itself."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Finding, Model, judged, rule
from archlint_rules.output.endings import cause, made_by, without


@rule("ARC405", "sigmoid-before-logits-loss", severity="warning", category="output", fix="unsafe")
def sigmoid_before_logits_loss(model: Model) -> Iterator[Finding]:
    """Probabilities given to a binary cross entropy of scores."""
    for pair in judged(model):
        if pair.expects != "scores" or pair.ending is None or pair.ending.kind not in ("sigmoid", "hard_sigmoid"):
            continue
        yield Finding(
            pair.span,
            f"{made_by(pair.ending)} feeds {pair.loss}, which applies sigmoid again: "
            "predictions are squeezed to [0.50, 0.73]",
            related=cause(pair),
            help="pass the scores that the sigmoid gets; apply it where probabilities are needed, after training",
            notes=(
                "the loss stays above 0.31 for a positive and above 0.69 for a negative, however sure the model is",
            ),
            layer=pair.ending.node.path,
            edits=without(model.file, pair.graph, pair.ending),
        )
