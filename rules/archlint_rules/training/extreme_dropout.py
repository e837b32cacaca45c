"""ARC505: dropout that leaves next to nothing, or nothing, or everything."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Finding, Model, Span, rule
from archlint_rules.training.dropouts import Dropout, dropouts, literal, never
from archlint_rules.training.keep_prob_vs_rate import mistaken
from archlint_rules.wording import name_of


@rule("ARC505", "extreme-dropout", severity="info", category="training")
def extreme_dropout(model: Model, *, most: float = 0.8) -> Iterator[Finding]:
    """Dropouts with a rate of 1, of `most` or more, or written as 0."""
    seen: set[Span] = set()
    for dropout in dropouts(model):
        rate = dropout.rate
        if rate is None or dropout.span in seen or mistaken(model, dropout):
            continue
        seen.add(dropout.span)
        if rate == 0 and literal(model, dropout.stated):
            yield finding(dropout, "drops nothing", "delete it, or give it a rate above 0")
        elif rate == 1 and not never(dropout):
            zeroes = "zeroes every value while training: nothing before it learns"
            yield finding(dropout, zeroes, "a rate from 0.1 to 0.5 is usual", warns=True)
        elif rate >= most and not never(dropout):
            left = f"zeroes {rate:.0%} of the values while training, and scales the others by {1 / (1 - rate):.3g}"
            yield finding(dropout, left, "a rate from 0.1 to 0.5 is usual")


def finding(dropout: Dropout, what: str, way_out: str, warns: bool = False) -> Finding:
    hint = f"`{dropout.arg}` is the share that stays" if dropout.keeps else f"`{dropout.arg}` is the share that goes"
    return Finding(
        dropout.span,
        f"{name_of(dropout.node)} {what}",
        help=way_out,
        notes=(hint,),
        layer=dropout.node.path,
        severity="warning" if warns else None,
    )
