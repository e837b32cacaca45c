"""ARC311: a sequence layer over one step."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Finding, Label, Model, Node, Tensor, proven_equal, rule, show
from archlint_rules.amounts import number
from archlint_rules.flow import applied_at, place
from archlint_rules.origins import is_entry, record_of
from archlint_rules.recurrent.batch_first_mismatch import batch_first
from archlint_rules.recurrent.batches import ATTENDING, UNROLLED, is_settled
from archlint_rules.wording import input_shape, name_of

_KERAS = frozenset(["keras.layers.LSTM", "keras.layers.GRU", "keras.layers.SimpleRNN"])


@rule("ARC311", "degenerate-time-axis", severity="info", category="recurrent")
def degenerate_time_axis(model: Model) -> Iterator[Finding]:
    """Recurrent and self-attention layers whose sequence the model itself makes one step long."""
    applied: dict[object, list[Node]] = {}
    for node in model.nodes:
        if node.op in UNROLLED | ATTENDING | _KERAS:
            applied.setdefault(node.layer, []).append(node)
    for nodes in applied.values():
        source = one_step(model, nodes[0]) if len(nodes) == 1 else None  # applied again and again: a decoder
        if source is not None:
            yield finding(model, nodes[0], source)


def one_step(model: Model, node: Node) -> Node | None:
    """What made the axis of steps 1 long, if that is certain and no state comes from outside."""
    axis = time_axis(node)
    if axis is None or node.faults or not node.inputs or node.inputs[0].rank != 3 or not is_settled(model, node):
        return None
    tensors = {(t.node, t.slot) for t in node.inputs}
    if len(tensors) > 1 or (len(node.inputs) > 1 and node.op not in ATTENDING):
        return None  # a state is handed on from step to step, or other keys are attended to
    if not lone(node.inputs[0], axis) or node.args.get("stateful") not in (None, False) or node.branch:
        return None
    return made_by(model, node, axis)


def time_axis(node: Node) -> int | None:
    if node.op in _KERAS:
        return 1
    first = batch_first(node)
    return None if first is None else int(first)


def lone(tensor: Tensor, axis: int) -> bool:
    """Is the axis of a sequence 1 long?"""
    return tensor.shape is not None and len(tensor.shape) == 3 and proven_equal(tensor.shape[axis], 1)


def made_by(model: Model, node: Node, axis: int) -> Node | None:
    """The layer that gave one step where there was no such axis, or a declared input of one step."""
    tensor = node.inputs[0]
    while tensor.node >= 0:
        made = model.graph[tensor.node]
        if is_entry(made):
            record = record_of(model, made)
            return made if record is not None and record.source == "declared" else None
        if len(made.inputs) != 1 or made.inputs[0].rank is None:
            return None
        if not lone(made.inputs[0], axis):
            return made if made.family == "reshape" else None
        tensor = made.inputs[0]
    return None


def finding(model: Model, node: Node, source: Node) -> Finding:
    params = node.out.params
    owned = f" ({number(params)} parameters)" if isinstance(params, int) and params else ""
    if node.op in ATTENDING:
        acts = f"it attends to that step alone, so queries and keys change nothing{owned}"
    else:
        acts = f"nothing recurs, it acts as a gated Dense layer{owned}"
    size = (node.inputs[0].shape or (None,))[-1]
    text = "is declared with one step" if is_entry(source) else "makes one step of it"
    return Finding(
        applied_at(model, node),
        f"{name_of(node)} runs over 1 step, {input_shape(node)}: {acts}",
        label="a sequence of one step",
        related=(Label(place(source), f"{name_of(source)} {text} here"),),
        help=f"if the {show(size)} features are steps, make them the axis of time: {way_out(model, node, show(size))}",
        layer=node.path,
    )


def way_out(model: Model, node: Node, size: str) -> str:
    if model.framework == "keras":
        return f"Reshape(({size}, 1))"
    return "x.unsqueeze(-1)"
