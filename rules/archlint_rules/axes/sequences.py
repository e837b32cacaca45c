"""Sequences of vectors as the layer left them that made them: (batch, steps, features), features last."""

from __future__ import annotations

from archlint.rule import Model, Node, Tensor, proven_equal

EMBEDDINGS = frozenset(["torch.nn.Embedding", "torch.nn.functional.embedding"])
RECURRENT = frozenset(["torch.nn.RNN", "torch.nn.GRU", "torch.nn.LSTM"])

_KEEPS = frozenset(["activation", "dropout", "identity"])


def sequence_behind(model: Model, tensor: Tensor) -> Node | None:
    """The embedding or recurrent layer whose output this is, its axes in their order; None if that is not certain.

    The rank may be unknown: the last axis holds the features all the same.
    """
    while tensor.node >= 0 and tensor.slot == 0:
        node = model.graph[tensor.node]
        if node.op in EMBEDDINGS or node.op in RECURRENT:
            return node if is_sequence(node, node.outputs[0]) else None
        before = _before(node, tensor)
        if before is None:
            return None
        tensor = before
    return None


def is_sequence(node: Node, tensor: Tensor) -> bool:
    """Has it one axis of steps?  One step, or one id for each sample, is a vector and no sequence."""
    if tensor.shape is None:
        return True
    if len(tensor.shape) != 3 or any(proven_equal(s, 1) for s in tensor.shape):
        return False
    return node.op in RECURRENT or node.inputs[0].rank == 2


def _before(node: Node, tensor: Tensor) -> Tensor | None:
    """The input that a layer hands on with its axes in place: `drop(e)`, `tokens + places`."""
    if node.family in _KEEPS or "LayerNorm" in node.op:
        return node.inputs[0] if len(node.inputs) == 1 else None
    if node.family != "elementwise" or tensor.axes is None:
        return None
    mine = [[a.ident for a in axis] for axis in tensor.axes]
    return next((t for t in node.inputs if t.axes and [[a.ident for a in axis] for axis in t.axes] == mine), None)
