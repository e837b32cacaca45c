"""`[layer] * n`: one layer in n places."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Edit, FileFacts, Finding, Label, Slip, rule
from archlint_rules.amounts import number
from archlint_rules.wiring.places import met, text_at


@rule("ARC604", "shared-by-list-multiplication", severity="warning", category="wiring", scope="file", fix="unsafe")
def shared_by_list_multiplication(facts: FileFacts) -> Iterator[Finding]:
    for slip in met(facts, "multiplied"):
        times, params = slip.numbers
        own = f" instead of {number(params * times)}" if isinstance(params, int) else ""
        yield Finding(
            slip.span,
            f"{times} places hold one and the same layer: {number(params)} parameters{own}",
            label="the list is repeated, the layer is not made again",
            related=(Label(slip.places[1], "made once, here"),),
            help=f"`[… for _ in range({times})]` makes {times} layers; to share one, call it in a loop",
            edits=tuple(edits(facts, slip)),
        )


def edits(facts: FileFacts, slip: Slip) -> Iterator[Edit]:
    """`[layer] * n` becomes `[layer for _ in range(n)]`."""
    whole, listed, item = slip.span, slip.places[0], slip.places[1]
    inside = text_at(facts, listed)[1:-1].strip()
    if inside != text_at(facts, item) or "\n" in text_at(facts, whole):
        return
    rest = text_at(facts, whole).replace(text_at(facts, listed), "", 1).strip()
    times = rest.strip("*").strip()
    if rest.startswith("*") != rest.endswith("*"):
        yield Edit(whole, f"[{inside} for _ in range({times})]")
