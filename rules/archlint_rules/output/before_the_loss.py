"""What stands between the last layer with weights and the loss."""

from __future__ import annotations

from archlint.rule import Judged, Label, Node, activation, keeps_values
from archlint_rules.flow import place
from archlint_rules.wording import name_of

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


def around(last: Node, pair: Judged) -> tuple[Label, Label]:
    """Where the outputs come from, and where the loss reads them."""
    return (
        Label(place(last), f"{name_of(last)} gives the outputs here"),
        Label(pair.span, f"{pair.loss} reads them here"),
    )
