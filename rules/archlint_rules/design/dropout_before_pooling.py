"""ARC857: dropout whose zeros a max-pool skips."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Finding, Label, Model, Node, rule
from archlint_rules.flow import place, producer
from archlint_rules.wording import name_of


@rule("ARC857", "dropout-before-pooling", severity="info", confidence="hint", category="design", default=False)
def dropout_before_pooling(model: Model) -> Iterator[Finding]:
    """A max-pool directly after a dropout of single values; dropped channels are zero in the whole window."""
    for pool in model.family("pool"):
        drop = producer(model, pool)
        if drop is None or drop.family != "dropout" or not drops_values(drop) or "max" not in pool.op.lower():
            continue
        if any(isinstance(slide.kernel, int) and slide.kernel > 1 for slide in pool.out.slides):
            yield Finding(
                place(pool),
                f"{name_of(pool)} picks the largest of what {name_of(drop)} leaves",
                related=(Label(place(drop), "single values are set to zero here"),),
                help="apply the dropout after the pool, or drop whole maps",
                layer=pool.path,
            )


def drops_values(drop: Node) -> bool:
    """Is it the dropout of single values, at a rate that drops some?"""
    rate = drop.args.get(
        "p", drop.args.get("rate", 1 - keep if isinstance(keep := drop.args.get("keep_prob"), float) else None)
    )
    return drop.op.rpartition(".")[2].lower() == "dropout" and isinstance(rate, (int, float)) and 0 < rate < 1
