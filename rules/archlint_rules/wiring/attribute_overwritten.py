"""A layer that is lost because another is assigned to its attribute."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import FileFacts, Finding, Label, rule
from archlint_rules.wiring.places import met, parameters_text, weightless


@rule("ARC618", "attribute-overwritten", severity="warning", category="wiring", scope="file")
def attribute_overwritten(facts: FileFacts) -> Iterator[Finding]:
    for slip in met(facts, "overwritten"):
        params = slip.numbers[0]
        if weightless(params):
            continue
        first = slip.places[0]
        line = facts.lines.line_of(first.start)
        yield Finding(
            slip.span,
            f"`{slip.subject}` is assigned again: the layer of line {line}{parameters_text(params)} is lost",
            label="takes its place",
            related=(Label(first, "the first layer was kept here"),),
            help="give one of the two another name, or delete the first",
        )
