"""A forward pass that computes and gives nothing back."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archlint.rule import FileFacts, Finding, Label, rule
from archlint_rules.wiring.places import met, text_at

_NOTES = {
    "torch": "PyTorch fails only in the layer that takes the None",
    "keras": "Keras hands the None on without a word",
    "lightning": "Lightning takes a step without a loss as one to leave out: nothing is trained",
}


@rule("ARC607", "forward-returns-none", severity="error", category="wiring", scope="file")
def forward_returns_none(facts: FileFacts) -> Iterator[Finding]:
    for slip in met(facts, "returns nothing"):
        last = slip.places[0]
        bound = re.match(r"(\w+)\s*=(?!=)", text_at(facts, last))
        way = f"end it with `return {bound.group(1)}`" if bound else "return what it computes"
        on_a_way = slip.numbers[1]
        yield Finding(
            slip.span,
            f"`{slip.subject}` {'gives nothing back here' if on_a_way else 'has no return'}: who calls it gets None",
            label="ends without a value",
            related=(Label(last, "computed, and not returned" if on_a_way else "the last thing it does"),),
            help=way,
            notes=(_NOTES[slip.numbers[0]],),
        )
