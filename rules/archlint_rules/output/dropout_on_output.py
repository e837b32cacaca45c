"""ARC414: dropout on the scores themselves."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Ending, Finding, Model, Node, Span, judged, rule
from archlint_rules.flow import place
from archlint_rules.output.before_the_loss import around, behind_last_layer
from archlint_rules.output.endings import without
from archlint_rules.wording import name_of, op_name


@rule("ARC414", "dropout-on-output", severity="warning", category="output", fix="unsafe", confidence="likely")
def dropout_on_output(model: Model) -> Iterator[Finding]:
    """Dropout between the last layer with weights and the loss."""
    seen: set[Span] = set()
    for pair in judged(model):
        found = behind_last_layer(pair, "dropout")
        if found is None or place(found[0]) in seen or "oise" in op_name(found[0]):
            continue
        dropout, last = found
        rate = share(dropout)
        if rate is not None:
            seen.add(place(dropout))
            yield Finding(
                place(dropout),
                f"{name_of(dropout)} zeroes {rate:.0%} of the outputs themselves while training: "
                f"{pair.loss} compares labels with zeros",
                related=around(last, pair),
                help=f"move it before {name_of(last)}",
                layer=dropout.path,
                edits=without(model.file, pair.graph, Ending("dropout", dropout)),
            )


def share(dropout: Node) -> float | None:
    """What part of the values goes; None if that is not known, or nothing."""
    keep = dropout.args.get("keep_prob")
    rate = 1 - keep if isinstance(keep, float) else dropout.args.get("p", dropout.args.get("rate"))
    return float(rate) if isinstance(rate, (int, float)) and 0 < rate < 1 else None
