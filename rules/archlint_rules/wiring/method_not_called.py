"""ARC626: a method on a line of its own, without parentheses."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Edit, FileFacts, Finding, Span, rule
from archlint_rules.wiring.places import met, text_at

_COSTS = {
    "step": "no weight changes",
    "zero_grad": "gradients of earlier batches stay and add up",
    "backward": "there are no gradients",
    "eval": "dropout and batch normalisation stay as they are in training",
    "train": "the model stays in the mode that it is in",
}


@rule("ARC626", "method-not-called", severity="warning", category="wiring", scope="file", fix="unsafe")
def method_not_called(facts: FileFacts) -> Iterator[Finding]:
    """`optimizer.step` is looked up and dropped."""
    for slip in met(facts, "not called"):
        written, name = text_at(facts, slip.span), slip.subject
        yield Finding(
            slip.span,
            f"`{written}` is not called: " + _COSTS.get(name, "the line does nothing"),
            label="no parentheses",
            help=f"write `{written}()`",
            edits=(Edit(Span(slip.span.path, slip.span.end, slip.span.end), "()"),),
        )
