"""A module that is called with more or fewer arguments than its forward takes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archlint.rule import FileFacts, Finding, Label, Slip, rule
from archlint_rules.wiring.places import text_at, unguarded
from archlint_rules.wording import count

_UNPACKED = re.compile(r"[(,]\s*\*")
"""`block(*inputs)`: how many there are may differ from call to call."""


@rule("ARC622", "layer-call-arity", severity="error", category="wiring", scope="file")
def layer_call_arity(facts: FileFacts) -> Iterator[Finding]:
    for slip in misgiven(facts):
        fewest, most, names, given = slip.numbers
        takes = count(fewest, "input") if fewest == most else f"{fewest} to {most} inputs"
        listed = f" ({', '.join(names)})" if names and names != ("input",) else ""
        yield Finding(
            slip.span,
            f"`{slip.subject}` takes {takes}{listed}, {given} given",
            label="does not fit its forward",
            related=(Label(slip.places[0], "made here"),),
            help="give it what its forward takes: join several tensors first, or use a layer that takes them",
        )


def misgiven(facts: FileFacts) -> Iterator[Slip]:
    """Each such call."""
    return (slip for slip in unguarded(facts, "arity") if not _UNPACKED.search(text_at(facts, slip.span)))
