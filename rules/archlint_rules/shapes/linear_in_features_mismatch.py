"""ARC104: `in_features` of a linear layer against the features that arrive."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Fault, Finding, Model, Node, accepted_sizes, rule, show, with_open_input
from archlint_rules.axes import flatten_includes_batch
from archlint_rules.shapes.flattened import sized_by_input
from archlint_rules.wording import caret, causes, factors, faults, input_shape, name_of, new_number


@rule("ARC104", "linear-in-features-mismatch", severity="error", category="shapes", fix="unsafe")
def linear_in_features_mismatch(model: Model) -> Iterator[Finding]:
    """Declared features against those of the last axis; what depends on an open input size is left to ARC105."""
    rows = {head.id for _, head in flatten_includes_batch.rows(model)}  # ARC202 is about those
    for node, fault in faults(model, "features"):
        if node.family != "dense" or not node.inputs or sized_by_input(model, node) or node.id in rows:
            continue
        span = caret(node, fault.arg)
        yield Finding(
            span,
            message(model, node, fault),
            label=f"{show(fault.want)} declared",
            related=causes(model, node, span, fault.axis),
            help=f"set {fault.arg}={show(fault.got)}" if fault.arg else "",
            notes=fitting(model, node, fault),
            layer=node.path,
            edits=new_number(model, node.arg_spans.get(fault.arg), fault.want, fault.got),
        )


def message(model: Model, node: Node, fault: Fault) -> str:
    """`fc` has in_features=400 but receives 576 = 16*6*6."""
    parts = factors(model, node.inputs[0], fault.axis) if fault.axis is not None else ""
    got = f"{show(fault.got)} = {parts}" if parts else show(fault.got)
    shape = f": its input is {input_shape(node)}" if node.inputs[0].shape is not None else ""
    return f"{name_of(node)} has {fault.arg or 'in_features'}={show(fault.want)} but receives {got}{shape}"


def fitting(model: Model, node: Node, fault: Fault) -> tuple[str, ...]:
    """Inputs for which the declared number would be right."""
    opened = with_open_input(model, node)
    shape = opened.inputs[0] if opened is not None else None
    if opened is None or not shape or not isinstance(fault.want, int):
        return ()
    sizes = accepted_sizes(shape[-1], fault.want, opened.sizes)
    if sizes is None:
        return ()
    want = f"{fault.arg}={fault.want}"
    return (f"{want} fits no input of any size" if sizes.none else f"{want} fits inputs with {sizes}",)
