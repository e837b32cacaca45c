"""A layer with weights that each forward pass makes anew."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archlint.rule import FileFacts, Finding, rule
from archlint_rules.amounts import number
from archlint_rules.wiring.places import function_around, met

_FILLED = re.compile(r"\.(weight|bias|data|load_state_dict|set_weights|requires_grad_?|_parameters)\b|\binit\.")
"""Weights that are not left as they were drawn: a fixed filter, weights that another network computes."""


def trains_itself(facts: FileFacts, owner: str) -> bool:
    """Does the class train what it makes there: `loss.backward()` in its `forward`, as a node embedding has it?"""
    text = facts.lines.text
    begun = re.search(rf"^class {re.escape(owner)}\b.*\n", text, re.MULTILINE)
    rest = text[begun.end() :] if begun is not None else ""
    after = re.search(r"^\S", rest, re.MULTILINE)
    return ".backward(" in rest[: after.start() if after is not None else None]


@rule("ARC603", "layer-created-in-forward", severity="error", category="wiring", scope="file")
def layer_created_in_forward(facts: FileFacts) -> Iterator[Finding]:
    for slip in met(facts, "made in call"):
        around = function_around(facts, slip.span)
        if trains_itself(facts, slip.subject.partition(".")[0]):
            continue
        if _FILLED.search(around) or re.match(r"\s*def build\(", around):
            continue  # Keras calls `build` once, from the first call
        kind, params = slip.numbers
        name, count = kind.rpartition(".")[2], "" if params is None else f"{number(params)} "
        yield Finding(
            slip.span,
            f"every call of {slip.subject} makes a new `{name}` with {count}random weights, never trained nor saved",
            label="made here, lost at the end of the call",
            help=f"make the `{name}` in __init__, and apply that one here",
            notes=("parameters() does not list the weights; two calls on one input differ",)
            if kind.startswith("torch.")
            else ("the model's weights do not hold them; two calls on one input differ",),
        )
