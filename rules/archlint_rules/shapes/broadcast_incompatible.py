"""ARC111: element-wise arithmetic on shapes that cannot be brought to one."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Fault, Finding, Label, Model, Node, Size, Tensor, rule, show
from archlint_rules.flow import place
from archlint_rules.origins import axis_source
from archlint_rules.shapes.calls import call_name
from archlint_rules.shapes.merge_shape_mismatch import way_out as meeting
from archlint_rules.wording import also, applied, caret, faults, gives


@rule("ARC111", "broadcast-incompatible", severity="error", category="shapes")
def broadcast_incompatible(model: Model) -> Iterator[Finding]:
    """Operators and functions; the layers that merge branches are ARC109's."""
    for node, fault in faults(model, "broadcast"):
        if node.family == "merge" or not node.inputs:
            continue
        span = caret(node, fault.arg)
        labels = operands(model, node, fault)
        yield Finding(
            span,
            f"{call_name(model, node)}: {fault.text}",
            label=f"{show(fault.want)} and {show(fault.got)}",
            related=(*labels, *applied(node, span, *(label.span for label in labels)), *also(model, node, fault)),
            help=way_out(model, node, fault),
            layer=node.path,
        )


def from_end(node: Node, fault: Fault) -> int:
    """The axis, counted from the last one: shapes are aligned there."""
    rank = max(len(t.shape or ()) for t in node.inputs)
    return (fault.axis or 0) - rank


def size_at(tensor: Tensor, axis: int) -> Size:
    """Size of an axis counted from the end; None if it is not there."""
    return tensor.shape[axis] if tensor.shape is not None and len(tensor.shape) >= -axis else None


def operands(model: Model, node: Node, fault: Fault) -> tuple[Label, ...]:
    """Where the axis of each operand got its size."""
    axis, labels = from_end(node, fault), dict[str, Label]()
    for tensor in node.inputs:
        if tensor.node < 0 or size_at(tensor, axis) is None or tensor.shape is None:
            continue
        source = axis_source(model, tensor, len(tensor.shape) + axis) or model.graph[tensor.node]
        text = gives(model, source)
        labels.setdefault(show(size_at(tensor, axis)), Label(place(source), text))
    return tuple(labels.values())


def way_out(model: Model, node: Node, fault: Fault) -> str:
    """A projection for channels, padding for rows and columns."""
    axis, first = from_end(node, fault), node.inputs[0]
    roles = [a[0].role if len(a) == 1 else "" for a in first.axes or ()]
    role = roles[axis] if len(roles) >= -axis else ""
    if role == "channel" and len(node.inputs) > 1:
        return "bring both to the same channels first: a 1x1 convolution on the branch that skips layers"
    if role in ("features", "classes") and len(node.inputs) > 1:
        return "bring both to the same features first, with a linear layer on one of them"
    return meeting(model, node, fault)
