"""What stands between the last layer with weights and the loss."""

from __future__ import annotations

from archlint.rule import Judged, Node, activation, keeps_values

_PASSED = frozenset(["softmax", "log_softmax", "sigmoid"])
_LAST = frozenset(["dense", "conv", "conv_transpose"])


def behind_last_layer(pair: Judged, family: str) -> tuple[Node, Node] | None:
    """A layer of some family that is applied to the scores themselves, and the layer that gives them."""
    node, found = pair.graph[pair.scores.node], None
    while node.inputs and node.inputs[0].node >= 0 and not node.branch:
        if node.family in _LAST:
            return None if found is None else (found, node)
        if node.family == family and found is None:
            found = node
        elif not keeps_values(node) and activation(node) not in _PASSED:
            return None
        node = pair.graph[node.inputs[0].node]
    return None
