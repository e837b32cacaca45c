"""ARC109: branches whose shapes do not fit where they are joined."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Fault, Finding, Label, Model, Node, Tensor, proven_equal, rule, show, show_shape
from archlint_rules.flow import ancestors, place
from archlint_rules.origins import axis_source
from archlint_rules.wording import also, applied, caret, faults, gives, name_of, shape_text


@rule("ARC109", "merge-shape-mismatch", severity="error", category="shapes")
def merge_shape_mismatch(model: Model) -> Iterator[Finding]:
    """Concatenation, stacking, Keras merges: ranks and sizes that differ."""
    for node, fault in faults(model, "merge", "broadcast"):
        if fault.kind == "broadcast" and node.family != "merge":
            continue  # `a + b` is an operator, not a layer that joins branches
        span = caret(node, fault.arg)
        labels = branches(model, node, fault)
        yield Finding(
            span,
            message(node, fault),
            label="" if fault.axis is None else f"axis {fault.axis} has to be the same in all",
            related=(*labels, *applied(node, span, *(label.span for label in labels)), *also(model, node, fault)),
            help=way_out(model, node, fault),
            layer=node.path,
        )


def message(node: Node, fault: Fault) -> str:
    """`cat` joins (N, 16, 24, 24) and (N, 16, 25, 25): axis 2 is 24 and 25."""
    shapes = [t.shape for t in node.inputs if t.shape is not None]
    axis = fault.axis
    if axis is None or not all(axis < len(s) for s in shapes):
        return f"{name_of(node)} {fault.text}"
    pair = [next((s for s in shapes if proven_equal(s[axis], size)), None) for size in (fault.want, fault.got)]
    if None in pair:
        return f"{name_of(node)} {fault.text}"
    texts = " and ".join(shape_text(s) for s in pair)
    return f"{name_of(node)} joins {texts}: axis {axis} is {show(fault.want)} and {show(fault.got)}"


def branches(model: Model, node: Node, fault: Fault) -> tuple[Label, ...]:
    """The last layer of each branch, one for each size on the axis in question."""
    labels: list[Label] = []
    shown: set[str] = set()
    for tensor in node.inputs:
        size = _size(tensor, fault.axis)
        if tensor.node < 0 or size in shown:
            continue
        shown.add(size)
        source = model.graph[tensor.node]
        if fault.axis is not None:
            source = axis_source(model, tensor, fault.axis) or source
        labels.append(Label(place(source), gives(model, source)))
    return tuple(labels)


def _size(tensor: Tensor, axis: int | None) -> str:
    if tensor.shape is None or axis is None:
        return show_shape(tensor.shape)
    return show(tensor.shape[axis]) if axis < len(tensor.shape) else ""


def way_out(model: Model, node: Node, fault: Fault) -> str:
    """How the sizes can be made to meet."""
    if fault.axis is None or not isinstance(fault.want, int) or not isinstance(fault.got, int):
        return ""
    own = next((n for n in model.graph.producers(node.id) if n.family == "variable"), None)
    sizes = own.output.shape if own is not None else None
    if own is not None and sizes is not None and (fault.want in sizes) is not (fault.got in sizes):
        there, wanted = (fault.want, fault.got) if fault.want in sizes else (fault.got, fault.want)
        return f"make {name_of(own)} {wanted} long there, not {there}"
    small, large = sorted((fault.want, fault.got))
    if small > 0 and large % small == 0 and large // small in (2, 4, 8):
        return f"upsample the branch of {small} by {large // small}, or stride the branch of {large}"
    if 0 < large - small <= 2:
        doubled = any(n.family in ("upsample", "resize", "conv_transpose") for n in ancestors(model, node))
        why = ": odd sizes were halved and doubled on the way" if doubled else ""
        return f"pad the branch of {small} or crop the branch of {large}{why}"
    return ""
