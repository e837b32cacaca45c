"""ARC114: arguments that a layer refuses whatever it is applied to."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Fault, Finding, Label, Model, Node, rule
from archlint_rules.shapes.calls import call_name
from archlint_rules.wording import caret, faults

_WAYS = {
    "padding='same' needs a stride of 1": "with a stride, pad by numbers: padding=kernel_size // 2",
    "strides > 1 and dilation_rate > 1 exclude each other": "give one of them up, or stride in a pooling of its own",
}


@rule("ARC114", "invalid-layer-args", severity="error", category="shapes")
def invalid_layer_args(model: Model) -> Iterator[Finding]:
    """Numbers out of range, and arguments that exclude each other."""
    for node, fault in faults(model, "arguments"):
        span = caret(node, fault.arg)
        call = node.made_at or node.span
        shown = call.path == span.path and call.start <= span.start < call.end
        yield Finding(
            span,
            f"{call_name(model, node)}: {named(node, fault)}",
            label=fault.arg,
            related=() if shown else (Label(call, "refused here"),),
            help=way_out(node, fault),
            layer=node.path,
        )


def named(node: Node, fault: Fault) -> str:
    """`p must be between 0 and 1, got 1.5`."""
    return f"{fault.arg} {fault.text}" if fault.text.startswith(("must", "needs")) and fault.arg else fault.text


def way_out(node: Node, fault: Fault) -> str:
    """What is taken instead."""
    if fault.text.startswith("must be a whole number"):
        return "divide by // instead of /"
    return _WAYS.get(fault.text, "")
