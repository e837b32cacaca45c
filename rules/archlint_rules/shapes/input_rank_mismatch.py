"""ARC101: a tensor with the wrong number of axes."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Finding, Model, Node, rule
from archlint_rules.recurrent.cnn_to_rnn_rank import maps_before
from archlint_rules.recurrent.stacked_rnn_missing_return_sequences import last_state_from
from archlint_rules.shapes.declared import misdeclared
from archlint_rules.shapes.norm_rank_mismatch import for_space
from archlint_rules.wording import caret, causes, faults, input_shape, name_of


@rule("ARC101", "input-rank-mismatch", severity="error", category="shapes")
def input_rank_mismatch(model: Model) -> Iterator[Finding]:
    """Ranks a layer does not take; the causes that have a rule of their own are left to it."""
    for node, fault in faults(model, "rank"):
        if maps_before(model, node, fault) or last_state_from(model, node, fault) or not node.inputs:
            continue
        if for_space(node) or misdeclared(model, node):
            continue
        span = caret(node, fault.arg)
        shape = input_shape(node)
        text = fault.text if shape in fault.text else f"{fault.text}: {shape}"
        yield Finding(
            span,
            f"{name_of(node)} {text}",
            label=f"gets {shape}",
            related=causes(model, node, span),
            help=way_out(node, fault.want, fault.got),
            layer=node.path,
        )


def way_out(node: Node, want: object, got: object) -> str:
    """What usually makes the axes right; "" where nothing is usual."""
    if not isinstance(want, int) or not isinstance(got, int):
        return ""
    torch = node.op.startswith("torch.")
    if node.family in ("conv", "conv_transpose", "pool", "global_pool", "norm", "upsample") and want >= 3:
        if got == 2 or got < want - 1:
            how = "nn.Unflatten(1, (channels, height, width))" if torch else "layers.Reshape((height, width, channels))"
            return f"give it axes of space first, for example with {how}" if want == 4 else ""
        if got == want - 1:
            how = "x.unsqueeze(1)" if torch else "layers.Reshape((..., 1))"
            return f"a channel axis of 1 is added by {how}"
        if got == want + 1:
            how = "x.flatten(0, 1)" if torch else "layers.TimeDistributed(...)"
            return f"fold the axis of frames into the batch: {how}"
    if node.family == "recurrent" and got == 2:
        how = "x.unsqueeze(1)" if torch else "layers.Reshape((steps, features))"
        return f"it reads (batch, time, features): make a time axis, for example with {how}"
    return ""
