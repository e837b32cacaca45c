"""ARC517: an initialiser on a tensor with too few axes for it."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import FileFacts, Finding, rule, show_shape
from archlint_rules.wiring.places import unguarded
from archlint_rules.wording import count


@rule("ARC517", "init-too-few-axes", severity="error", category="training", scope="file")
def init_too_few_axes(facts: FileFacts) -> Iterator[Finding]:
    """`xavier_uniform_(layer.bias)`."""
    for slip in unguarded(facts, "too few axes"):
        least, shape = slip.numbers
        yield Finding(
            slip.span,
            f"`{slip.subject}` needs at least {least} axes, and is given {count(len(shape), 'axis')}: "
            f"{show_shape(shape)}",
            label="no fan in and fan out",
            help="biases and the weights of norms are set with zeros_, ones_ or constant_",
        )
