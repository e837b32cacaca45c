"""Batch normalisations, and the layers whose outputs they take."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archlint.rule import Model, Node
from archlint_rules.flow import producer

_BATCH = re.compile(r"(Lazy)?BatchNorm([123]d|alization(V[12])?)?|SyncBatchNorm(alization)?|batch_norm(alization)?")


def batch_norms(model: Model) -> Iterator[Node]:
    """Batch normalisations that own their statistics, in order."""
    for node in model.family("norm"):
        if _BATCH.fullmatch(node.op.rpartition(".")[2]) and node.weights and node.inputs:
            yield node


def before(model: Model, node: Node) -> Node | None:
    """The one layer with weights that the input comes from, looking through what has none."""
    return producer(model, node, ("activation", "identity", "dropout", "pool", "flatten"))


def channels(node: Node) -> int | None:
    """Which axis of its input a batch normalisation goes along, from the front; None if that is not known."""
    rank = node.inputs[0].rank
    axis = 1 if node.op.startswith("torch.") else node.args.get("axis", -1)
    if node.op.startswith("tf_slim."):
        axis = -1 if str(node.args.get("data_format", "")).endswith("C") else 1
    if rank is None or isinstance(axis, bool) or not isinstance(axis, int) or not -rank <= axis < rank:
        return None
    return axis % rank
