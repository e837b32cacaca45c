"""ARC420: `backward()` of a loss that no weight has a part in."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import FileFacts, Finding, Label, rule
from archlint_rules.wiring.places import unguarded

_WHY = {
    "detach": "`detach` cuts the model off",
    "argmax": "`argmax` gives whole numbers, which have no gradient",
    "argmin": "`argmin` gives whole numbers, which have no gradient",
}


@rule("ARC420", "backward-without-gradient", severity="error", category="output", scope="file")
def backward_without_gradient(facts: FileFacts) -> Iterator[Finding]:
    """Every way from the loss to the weights ends before them."""
    if "requires_grad" in facts.lines.text:
        return  # of a tensor that is not the model's
    for slip in unguarded(facts, "no gradient"):
        yield Finding(
            slip.span,
            f"no weight has a part in this loss: {_WHY.get(slip.subject, 'whole numbers have no gradient')}",
            label="PyTorch: element 0 of tensors does not require grad",
            related=tuple(Label(place, "the gradient ends here") for place in slip.places),
            help="give the loss the scores themselves"
            + (", and labels as class numbers: F.cross_entropy(scores, y)" if slip.subject == "argmax" else ""),
        )
