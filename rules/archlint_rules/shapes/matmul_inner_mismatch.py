"""ARC112: matrix products over axes of different sizes."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Fault, Finding, Model, Node, proven_equal, rule
from archlint_rules.shapes.calls import refused
from archlint_rules.wording import faults


@rule("ARC112", "matmul-inner-mismatch", severity="error", category="shapes")
def matmul_inner_mismatch(model: Model) -> Iterator[Finding]:
    """`matmul`, `@`, `einsum`, `Dot`: what is summed over has one size."""
    for node, fault in faults(model, "matmul"):
        yield refused(model, node, fault.text, arg=fault.arg, way_out=way_out(node, fault))


def way_out(node: Node, fault: Fault) -> str:
    """A transposed operand, where that fits."""
    shapes = [t.shape for t in node.inputs]
    if fault.arg or len(shapes) != 2 or shapes[0] is None or shapes[1] is None:
        return ""
    left, right = shapes[0], shapes[1]
    if len(left) < 2 or len(right) < 2:
        return ""
    if proven_equal(left[-1], right[-1]):
        torch = node.op.startswith("torch.")
        how = ".transpose(-2, -1)" if torch else "transpose_b=True in tf.matmul, or keras.ops.swapaxes(y, -2, -1)"
        return f"transpose the second operand: {how}"
    if proven_equal(left[-2], right[-2]):
        return "transpose the first operand"
    if proven_equal(left[-2], right[-1]):
        return "exchange the operands, or transpose both"
    return ""
