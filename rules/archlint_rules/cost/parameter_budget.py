"""More trainable parameters than the user's budget."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Finding, Label, Model, parameters, rule
from archlint_rules.amounts import number, percent
from archlint_rules.flow import place
from archlint_rules.wording import name_of

_SHOWN = 3


@rule("ARC802", "parameter-budget", severity="warning", category="cost")
def parameter_budget(model: Model, *, max_params: int = 0) -> Iterator[Finding]:
    """The trainable parameters of a model that is wholly understood, held against a budget; 0 is no budget."""
    owned = parameters(model)
    total = owned.trainable
    if max_params <= 0 or not model.complete or not isinstance(total, int) or total <= max_params:
        return
    known = [(one.trainable, one) for one in owned.layers if isinstance(one.trainable, int) and one.trainable > 0]
    largest = sorted(known, key=lambda pair: -pair[0])[:_SHOWN]
    parts = [
        f"`{one.path or one.op.rpartition('.')[2]}` {number(size)} ({percent(size / total)})" for size, one in largest
    ]
    node = next((model.graph[one.node] for _, one in largest if one.node is not None), None)
    label = (Label(place(node), f"{name_of(node)} has {number(node.out.params)} of them"),) if node is not None else ()
    yield Finding(
        model.span,
        f"{number(total)} trainable parameters exceed the budget of {number(max_params)}",
        label=f"{number(total - max_params)} too many",
        related=label,
        help="make the largest layers narrower, or raise max-params",
        notes=(f"the largest: {', '.join(parts)}",),
    )
