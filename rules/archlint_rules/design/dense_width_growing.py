"""ARC852: dense layers that widen on the way to the output."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from archlint.rule import Finding, Label, Model, rule
from archlint_rules.design.trunk import chain
from archlint_rules.flow import place
from archlint_rules.wording import name_of


@rule("ARC852", "dense-width-growing", severity="info", confidence="hint", category="design", default=False)
def dense_width_growing(model: Model) -> Iterator[Finding]:
    """Hidden dense layers of a plain chain; the output layer may be as wide as there are classes."""
    dense = [node for node in chain(model) if node.family == "dense"][:-1]
    widths = [node.output.features for node in dense]
    if not all(isinstance(width, int) for width in widths):
        return
    for first, second in itertools.pairwise(dense):
        a, b = first.output.features, second.output.features
        if isinstance(a, int) and isinstance(b, int) and b > a:
            yield Finding(
                place(second),
                f"dense layers widen before the output: {' -> '.join(map(str, widths))} units",
                related=(Label(place(first), f"{name_of(first)} has {a} units"),),
                help="let the widths fall towards the output",
                layer=second.path,
            )
            return
