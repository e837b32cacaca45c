"""The final states that a torch recurrent layer returns beside its output."""

from __future__ import annotations

from archlint.rule import Model, Node, Tensor
from archlint_rules.recurrent.batches import UNROLLED


def state_behind(model: Model, tensor: Tensor) -> Node | None:
    """The recurrent layer of which the tensor is a final state, or some layers of one.

    _, (h, c) = self.rnn(x)
    h.view(layers, 2, n, -1)[-1].view(n, -1)
    """
    while tensor.node >= 0:
        node = model.graph[tensor.node]
        if node.op in UNROLLED:
            return node if tensor.slot > 0 else None
        if node.family not in ("index", "reshape", "identity") or not node.inputs:
            return None
        tensor = node.inputs[0]
    return None
