"""ARC854: a pool after each of many convolutions."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Finding, Model, rule
from archlint_rules.design.trunk import chain
from archlint_rules.flow import PASSIVE, place


@rule("ARC854", "pooling-after-every-conv", severity="info", confidence="hint", category="design", default=False)
def pooling_after_every_conv(model: Model, *, least: int = 4) -> Iterator[Finding]:
    """Chains in which every convolution is followed by a pool, activations and norms between them left aside."""
    layers = [node for node in chain(model) if node.family not in PASSIVE]
    convs = [i for i, node in enumerate(layers) if node.family == "conv"]
    pooled = [i for i in convs if i + 1 < len(layers) and layers[i + 1].family == "pool"]
    if len(convs) >= least and pooled == convs:
        yield Finding(
            place(layers[pooled[-1] + 1]),
            f"{len(pooled)} pools for {len(convs)} convolutions: one after each",
            help="two or three convolutions between pools see more before positions are thrown away",
        )
