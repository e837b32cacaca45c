"""ARC124: a stateful recurrent layer in a model that leaves the batch size open."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Finding, Model, rule
from archlint_rules.wording import caret, causes, faults, input_shape, name_of


@rule("ARC124", "stateful-without-batch-size", severity="error", category="shapes")
def stateful_without_batch_size(model: Model) -> Iterator[Finding]:
    """Keras keeps one state for each sample of the batch: it has to know how many there are."""
    for node, fault in faults(model, "dynamic"):
        if fault.arg != "stateful" or not node.inputs:
            continue
        span = caret(node, fault.arg)
        yield Finding(
            span,
            f"{name_of(node)} is stateful, but the batch size of its input {input_shape(node)} is open",
            label="keeps a state for each sample",
            related=causes(model, node, span),
            help="state the batch size: keras.Input(batch_shape=(batch, steps, features))",
            layer=node.path,
        )
