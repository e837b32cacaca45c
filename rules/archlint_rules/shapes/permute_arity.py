"""ARC115: an order of axes that is none of the tensor's."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Fault, Finding, Model, Node, rule
from archlint_rules.shapes.calls import refused
from archlint_rules.wording import faults


@rule("ARC115", "permute-arity", severity="error", category="shapes")
def permute_arity(model: Model) -> Iterator[Finding]:
    """`permute`, `transpose(perm)`, `movedim`, `Permute`: each axis once."""
    for node, fault in faults(model, "order"):
        yield refused(model, node, wrong(fault), arg=fault.arg, way_out=way_out(node, fault))


def wrong(fault: Fault) -> str:
    """`lists 4 axes for a tensor of 3`."""
    return f"lists {fault.text}" if isinstance(fault.got, int) else fault.text


def way_out(node: Node, fault: Fault) -> str:
    """The axes there are."""
    if node.op == "keras.layers.Permute":
        return "dims counts from 1 and leaves the batch axis out"
    if not isinstance(fault.want, int):
        return ""
    return f"name each of the axes 0 to {fault.want - 1} once"
