"""ARC415: batch normalisation of the scores themselves."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Finding, Model, Span, judged, rule
from archlint_rules.flow import place
from archlint_rules.output.before_the_loss import around, behind_last_layer
from archlint_rules.wording import name_of, op_name


@rule("ARC415", "norm-on-output", severity="info", category="output", confidence="hint")
def norm_on_output(model: Model) -> Iterator[Finding]:
    """Batch normalisation between the last layer with weights and the loss."""
    seen: set[Span] = set()
    for pair in judged(model):
        found = behind_last_layer(pair, "norm")
        if found is None or place(found[0]) in seen or not op_name(found[0]).lower().startswith("batch"):
            continue
        norm, last = found
        seen.add(place(norm))
        yield Finding(
            place(norm),
            f"{name_of(norm)} normalises the outputs themselves: what a sample gets depends on the others in its batch",
            related=around(last, pair),
            help=f"move it before {name_of(last)}",
            layer=norm.path,
        )
