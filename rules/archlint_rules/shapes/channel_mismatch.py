"""ARC102: a layer declares channels that its input does not have."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Fault, Finding, Model, Node, proven_equal, rule, show
from archlint_rules.origins import axis_source, is_entry
from archlint_rules.shapes.layout import swapped
from archlint_rules.wording import caret, causes, faults, input_shape, name_of, new_number


@rule("ARC102", "channel-mismatch", severity="error", category="shapes", fix="unsafe")
def channel_mismatch(model: Model) -> Iterator[Finding]:
    """Declared channels against the channels that arrive."""
    for node, fault in faults(model, "channels", "features"):
        if not fault.arg or node.family == "dense" or not node.inputs or swapped(model, node) is not None:
            continue
        source = None if fault.axis is None else axis_source(model, node.inputs[0], fault.axis)
        if "declared" not in fault.text:
            continue  # blocks of channels that do not divide them
        span, behind = caret(node, fault.arg), channels_behind(node, fault)
        yield Finding(
            span,
            message(node, fault),
            label=f"{show(fault.want)} declared",
            related=causes(model, node, span, fault.axis),
            help=f"the last axis holds {show(fault.want)}: transpose(1, 2) first" if behind else way_out(fault, source),
            layer=node.path,
            edits=() if behind else new_number(model, node.arg_spans.get(fault.arg), fault.want, fault.got),
        )


def channels_behind(node: Node, fault: Fault) -> bool:
    """A sequence (N, T, F) for `Conv1d(F, …)`: the features are all there, on the last axis."""
    shape = node.inputs[0].shape or ()
    return node.family == "conv" and fault.axis == 1 and len(shape) == 3 and proven_equal(shape[-1], fault.want)


def message(node: Node, fault: Fault) -> str:
    """`conv2` expects 64 channels but gets 32: its input is (N, 32, 30, 30)."""
    what = "channels" if fault.kind == "channels" else "features"
    arrives = f"{show(fault.got)}: its input is {input_shape(node)}"
    return f"{name_of(node)} expects {show(fault.want)} {what} but gets {arrives}"


def way_out(fault: Fault, source: Node | None) -> str:
    """The number to write at either end."""
    here = f"set {fault.arg}={show(fault.got)}"
    if source is None or is_entry(source) or source.family not in ("conv", "conv_transpose", "dense", "embedding"):
        return here
    return f"{here}, or make {name_of(source)} give {show(fault.want)}"
