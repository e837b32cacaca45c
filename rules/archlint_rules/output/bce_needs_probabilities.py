"""ARC406: a binary cross entropy of probabilities that gets other numbers."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import RANGES, Edit, Finding, Judged, Model, judged, rule
from archlint_rules.output.endings import cause, made_by, renamed


@rule("ARC406", "bce-needs-probabilities", severity="warning", category="output", fix="unsafe", confidence="likely")
def bce_needs_probabilities(model: Model) -> Iterator[Finding]:
    """`BCELoss` on the output of a linear layer, of ReLU or tanh."""
    for pair in judged(model):
        found = pair.ending
        if pair.expects != "probabilities" or pair.node is None or not pair.node.op.startswith("torch."):
            continue
        if found is not None and found.kind in ("linear", "relu", "tanh"):
            yield Finding(
                pair.span,
                f"{pair.loss} needs values in [0, 1], {made_by(found)} gives {RANGES[found.kind]}: "
                "it raises at the first value outside",
                related=cause(pair) if found.kind != "linear" else (),
                help="use a binary cross entropy with logits, or apply sigmoid before it",
                layer=found.node.path,
                edits=with_logits(model, pair),
            )


def with_logits(model: Model, pair: Judged) -> tuple[Edit, ...]:
    """`BCELoss` becomes `BCEWithLogitsLoss`, where the scores are as the layer gives them."""
    if pair.ending is None or pair.ending.kind != "linear" or pair.node is None:
        return ()
    if pair.node.layer is None:
        return renamed(model.file, pair.span, pair.loss, f"{pair.loss}_with_logits")
    return renamed(model.file, pair.node.made_at, pair.loss, "BCEWithLogitsLoss")
