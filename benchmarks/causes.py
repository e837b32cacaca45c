"""Which stop each layer call that is not understood goes back to."""

from __future__ import annotations

from collections import Counter

from archlint.model import Model

CASCADE = "input not known"
"""The reason of a node that only passes on what stopped earlier."""

OPEN = "entry tensor of open shape"


def causes(model: Model) -> Counter[str]:
    """Layer calls of unknown output, by the reason of the first unknown tensor on their way."""
    found: Counter[str] = Counter()
    reached: dict[int, str] = {}
    for node in model.nodes:
        if node.output.shape is not None:
            continue
        before = (reached.get(tensor.node) for tensor in node.inputs if tensor.shape is None)
        first = next((reason for reason in before if reason), "")
        if node.family == "input":
            reason = OPEN
        elif node.unknown and node.unknown != CASCADE:
            reason = node.unknown
        else:
            reason = first or CASCADE
        reached[node.id] = reason
        if node.unknown and node.family not in ("input", "join"):
            found[reason] += 1
    return found
