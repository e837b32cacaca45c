"""ARC119: weights that need a size which the model leaves open."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Fault, Finding, Model, Node, Size, rule, show, symbols
from archlint_rules.shapes.flattened import flattening
from archlint_rules.wording import caret, causes, faults, input_shape, name_of


@rule("ARC119", "dynamic-dim-into-weights", severity="error", category="shapes")
def dynamic_dim_into_weights(model: Model) -> Iterator[Finding]:
    """Keras layers that build weights from an axis of size None."""
    for node, fault in faults(model, "dynamic"):
        if not node.inputs or fault.arg == "stateful":  # that one needs the batch
            continue
        span = caret(node, fault.arg)
        flatten = flattening(model, node)
        yield Finding(
            span,
            message(node, fault, flatten),
            label=f"gets {input_shape(node)}",
            related=causes(model, node, span, fault.axis),
            help=way_out(flatten),
            layer=node.path,
        )


def message(node: Node, fault: Fault, flatten: Node | None) -> str:
    """`dense` must know the size of its last axis, but `flatten` has put the open axis 1 into it."""
    last = fault.axis is None or fault.axis == len(node.inputs[0].shape or ()) - 1
    which = "its last axis" if last else f"axis {fault.axis}"
    text = f"{name_of(node)} must know the size of {which} to make its weights, but {input_shape(node)}"
    shape = flatten.inputs[0].shape if flatten is not None else None
    if flatten is None or shape is None:
        return f"{text} leaves it open"
    axis = next((i for i, size in enumerate(shape) if i and dynamic(size)), 1)
    return f"{text} leaves it open: {name_of(flatten)} flattened axis {axis} of size {show(shape[axis])}"


def dynamic(size: Size) -> bool:
    """Is it a size that Keras itself does not know?"""
    return size is None or any(v.origin == "dynamic" for v in symbols(size))


def way_out(flatten: Node | None) -> str:
    """What works on any length."""
    if flatten is None:
        return "give the input a size on that axis"
    return "pool over the open axis (GlobalAveragePooling), or apply the layer to each step without the flatten"
