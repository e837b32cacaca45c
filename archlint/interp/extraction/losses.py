"""Losses that read a model's output, inside its forward pass or after it, with all that they depend on.

scores = F.softmax(net(x), dim=1)         outside of the model, yet on the way from it to the loss
loss = F.cross_entropy(scores, y)         or, written by hand: -(y * torch.log(scores)).sum()
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archlint.graph import LayerGraph, Node
from archlint.interp.evaluator import Evaluator
from archlint.interp.extraction import data as extract_data
from archlint.model import LossRecord, Model
from archlint.values import Object

Fill = Callable[[Evaluator, Model, list[Node]], dict[int, int]]
"""Copies nodes of the session into a model's own graph; gives the new numbers."""

_MOST = 32
"""Losses of one model; a program with more calls the same few in a loop."""


def records(ev: Evaluator, model: Model, own: set[int], fill: Fill) -> list[LossRecord]:
    """Every loss that depends on a node of the model, each place once, in order of evaluation."""
    found: dict[Any, LossRecord] = {}
    chosen = _chosen_between(ev)
    paths = {n.layer: n.path for n in model.graph.nodes if n.layer is not None}
    for node in ev.session.graph.nodes:
        key = (node.span, node.calls, node.op)
        if not _judges(node) or key in found or len(found) >= _MOST or node.span in chosen:
            continue
        needed = extract_data.ancestors(ev, [node.id])
        if not any(n.id in own for n in needed):
            continue
        copy = Model(model.name, model.framework, model.span, "", LayerGraph())
        numbers = fill(ev, copy, needed)
        for other in copy.graph.nodes:
            if other.layer is not None:
                other.path = paths.get(other.layer, other.path)
        found[key] = LossRecord(copy.graph, numbers[node.id])
    return list(found.values())


def returned(made: Object, kept: dict[int, int]) -> frozenset[int] | None:
    """Nodes whose outputs a module's first call gave back, as its own graph numbers them."""
    found = made.attrs.get("__returned__")
    if not isinstance(found, list):
        return None  # no call, or one of two branches
    return frozenset(kept[n] for n in found if n in kept)


def _judges(node: Node) -> bool:
    return node.family == "loss" or (node.family != "other" and node.op.endswith(".log"))


def _chosen_between(ev: Evaluator) -> set[Any]:
    """Places where one of several losses is called: `(bce if binary else cross_entropy)(scores, y)`."""
    ops: dict[Any, set[str]] = {}
    for node in ev.session.graph.nodes:
        if node.family == "loss":
            ops.setdefault(node.span, set()).add(node.op)
    return {span for span, names in ops.items() if len(names) > 1}
