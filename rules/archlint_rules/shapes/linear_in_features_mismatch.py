"""ARC104: `in_features` of a linear layer against the features that arrive."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Edit, Fault, Finding, Model, Node, accepted_sizes, rule, show, with_open_input
from archlint_rules.axes import flatten_includes_batch
from archlint_rules.one_cause import not_flattened
from archlint_rules.shapes.exchanged import exchange
from archlint_rules.shapes.flattened import sized_by_input
from archlint_rules.wording import also, caret, causes, factors, faults, input_shape, name_of, new_number


@rule("ARC104", "linear-in-features-mismatch", severity="error", category="shapes", fix="unsafe")
def linear_in_features_mismatch(model: Model) -> Iterator[Finding]:
    """Declared features against those of the last axis; what depends on an open input size is left to ARC105."""
    rows = {head.id for _, head in flatten_includes_batch.rows(model)}  # ARC202 is about those
    for node, fault in faults(model, "features"):
        if node.family != "dense" or not node.inputs or sized_by_input(model, node) or node.id in rows:
            continue
        span, both = caret(node, fault.arg), exchange(model, node, fault)
        yield Finding(
            span,
            message(model, node, fault),
            label=f"{show(fault.want)} declared",
            related=(*causes(model, node, span, fault.axis), *also(model, node, fault)),
            help=way_out(node, fault, bool(both)),
            notes=fitting(model, node, fault),
            layer=node.path,
            edits=() if not_flattened(node, fault) else both or number(model, node, fault),
        )


def number(model: Model, node: Node, fault: Fault) -> tuple[Edit, ...]:
    """The number that fits, where the declared one is written."""
    return new_number(model, node.arg_spans.get(fault.arg), fault.want, fault.got)


def way_out(node: Node, fault: Fault, exchanged: bool) -> str:
    """The number to write; else what was forgotten before, or the other order of the two."""
    if not_flattened(node, fault):
        sizes = "*".join(show(size) for size in (node.inputs[0].shape or ())[1:] if size != 1)
        return f"flatten its input first: torch.flatten(x, 1) makes {show(fault.want)} features of {sizes}"
    if exchanged:
        return f"exchange the two: in_features={show(fault.got)}, out_features={show(fault.want)}"
    return f"set {fault.arg}={show(fault.got)}" if fault.arg else ""


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
