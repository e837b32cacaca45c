"""Where a tensor's axes come from: the layer that made them, or an entry tensor of the model."""

from __future__ import annotations

from archlint.rule import InputRecord, Model, Node, Tensor


def axis_source(model: Model, tensor: Tensor, axis: int) -> Node | None:
    """The node that gave an axis its size: `conv1`, though `relu` and `pool` came after it.

    An axis keeps the atoms it was made of as long as layers leave it alone.
    """
    if tensor.node < 0:
        return None
    node = model.graph[tensor.node]
    if tensor.axes is None or tensor.shape is None or not -len(tensor.axes) <= axis < len(tensor.axes):
        return node
    atoms = tensor.axes[axis]
    before = next(
        (
            (source, place)
            for source in node.inputs
            for place, candidate in enumerate(source.axes or ())
            if atoms and [a.ident for a in candidate] == [a.ident for a in atoms]
        ),
        None,
    )
    return node if before is None else axis_source(model, before[0], before[1])


def is_entry(node: Node) -> bool:
    """Is the node an entry tensor of the model?"""
    return node.family == "input"


def record_of(model: Model, entry: Node) -> InputRecord | None:
    """What is known of an entry tensor."""
    return next((r for r in model.inputs if r.node == entry.id), None)


def readers(model: Model, entry: Node) -> list[Node]:
    """The layers that read an entry tensor; from the first one its form is taken, if nobody states it."""
    return [n for n in model.nodes if any(t.node == entry.id for t in n.inputs)]
