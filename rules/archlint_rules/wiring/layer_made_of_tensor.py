"""ARC625: a layer that is given a tensor when it is made."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import FileFacts, Finding, rule, show_shape
from archlint_rules.wiring.places import text_at, unguarded

_FUNCTIONS = {
    "ReLU": "F.relu", "GELU": "F.gelu", "SiLU": "F.silu", "ELU": "F.elu", "Sigmoid": "torch.sigmoid",
    "Tanh": "torch.tanh", "MSELoss": "F.mse_loss", "L1Loss": "F.l1_loss", "CrossEntropyLoss": "F.cross_entropy",
    "BCELoss": "F.binary_cross_entropy", "BCEWithLogitsLoss": "F.binary_cross_entropy_with_logits",
    "NLLLoss": "F.nll_loss", "SmoothL1Loss": "F.smooth_l1_loss", "KLDivLoss": "F.kl_div",
}  # fmt: skip
"""Layers without settings that matter, and the function that does the same at once."""


@rule("ARC625", "layer-made-of-tensor", severity="error", category="wiring", scope="file")
def layer_made_of_tensor(facts: FileFacts) -> Iterator[Finding]:
    """`nn.ReLU(x)`: what comes out is a layer, which computed nothing."""
    for slip in unguarded(facts, "tensor as setting"):
        name, (parameter, shape) = slip.subject.rpartition(".")[2], slip.numbers
        written = text_at(facts, slip.span).partition("(")[0]
        direct = _FUNCTIONS.get(name)
        yield Finding(
            slip.span,
            f"this makes a `{name}` whose `{parameter}` is a tensor {show_shape(shape)}; nothing is computed",
            label="a layer, not its output",
            help=f"make it, then call it: `{written if written.endswith(name) else f'nn.{name}'}()(…)`"
            + (f", or use `{direct}(…)`" if direct else ""),
        )
