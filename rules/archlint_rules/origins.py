"""Where a tensor's axes come from: the layer that made them, or an entry tensor of the model."""

from __future__ import annotations

from archlint.rule import InputRecord, Model, Node, Tensor


def axis_source(model: Model, tensor: Tensor, axis: int) -> Node | None:
    """The node that gave an axis its size: `conv1`, though `relu` and `pool` came after it.

    An axis keeps the atoms it was made of as long as layers leave it alone.
    """
    while tensor.node >= 0:
        node = model.graph[tensor.node]
        if tensor.axes is None or tensor.shape is None or not -len(tensor.axes) <= axis < len(tensor.axes):
            return node
        atoms = [atom.ident for atom in tensor.axes[axis]]
        places = ((source, place) for source in node.inputs for place in range(len(source.axes or ())))
        kept = ((t, at) for t, at in places if atoms and t.axes and atoms == [a.ident for a in t.axes[at]])
        before = next(kept, None)
        if before is None:
            return node
        tensor, axis = before
    return None


def is_entry(node: Node) -> bool:
    """Is the node an entry tensor of the model?"""
    return node.family == "input"


def record_of(model: Model, entry: Node) -> InputRecord | None:
    """What is known of an entry tensor."""
    return next((r for r in model.inputs if r.node == entry.id), None)


def readers(model: Model, entry: Node) -> list[Node]:
    """The layers that read an entry tensor; from the first one its form is taken, if nobody states it."""
    return [n for n in model.nodes if any(t.node == entry.id for t in n.inputs)]
