"""ARC624: a tuple, list, dict or module where a tensor is taken."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import FileFacts, Finding, Label, Slip, rule
from archlint_rules.recurrent.rnn_tuple_output import rnn_tuple_output
from archlint_rules.wiring.places import text_at, unguarded
from archlint_rules.wording import count


@rule("ARC624", "not-a-tensor", severity="error", category="wiring", scope="file")
def not_a_tensor(facts: FileFacts) -> Iterator[Finding]:
    """`criterion(model(x), y)` where the model gives a tuple."""
    states = [found.span for model in facts.models for found in rnn_tuple_output(model)]  # ARC305 is about those
    for slip in unguarded(facts, "not a tensor"):
        inside = any(s.path == slip.span.path and s.start <= slip.span.start < s.end for s in states)
        if inside:
            continue
        what, many, joined, *_ = slip.numbers
        holds = "" if what == "module" else f" of {count(many, 'tensor')}"
        held = "a list whose elements are each" if joined else "given"
        yield Finding(
            slip.span,
            f"`{slip.subject.rpartition('.')[2]}` takes {'tensors' if joined else 'a tensor'}, and is {held} a "
            f"{what}{holds}",
            label=f"a {what}",
            related=tuple(Label(place, "made here") for place in slip.places if place != slip.span),
            help=way_out(facts, slip),
        )


def way_out(facts: FileFacts, slip: Slip) -> str:
    """How to get at the tensor that is meant."""
    what, _, joined, *keys = slip.numbers
    written = text_at(facts, slip.span)
    short = written if written.isidentifier() else "…"
    if what == "module":
        return "call the module on the tensor, and hand on what it gives"
    if joined:
        return "take the tensor out of each of them: torch.max(x, dim) gives values and indices"
    return (
        f'take one of them: `{short}["{keys[0]}"]`' if keys else f"take one of them: `{short}[0]`, or unpack it first"
    )
