"""What a model has met outside of it, as the rules see it: data it was given, losses that read its output."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from archlint.dims import show_shape
from archlint.graph import Node
from archlint.interp.evaluator import Evaluator
from archlint.model import CompileRecord, DataRecord
from archlint.values import Object


def compiled(made: Object) -> CompileRecord | None:
    """What `model.compile(…)` stated, if that is certain."""
    found = made.attrs.get("__compiled__")
    return found if isinstance(found, CompileRecord) else None


def data(ev: Evaluator, made: Object | None, kept: dict[int, int]) -> list[DataRecord]:
    """What the model was given, each once: an epoch is a call like the one before."""
    found: dict[Any, DataRecord] = {}
    for ident, record in ev.session.feeds:
        if record.node in kept and (ident is None or (made is not None and ident == made.ident)):
            key = (record.call, record.role, record.span, record.node, show_shape(record.shape), record.loss)
            found.setdefault(key, replace(record, node=kept[record.node]))
    return list(found.values())


def losses(ev: Evaluator, own: set[int], kept: dict[int, int], taken: set[int]) -> list[DataRecord]:
    """`loss = criterion(model(x), y)`, applied outside the model, on every way through the program."""
    found: dict[Any, DataRecord] = {}
    for node in ev.session.graph.nodes:
        if node.family != "loss" or node.id in own or len(node.inputs) < 2:
            continue
        reached = [n.id for n in ancestors(ev, [t.node for t in node.inputs]) if n.id in own]
        if not reached:
            continue
        taken.add(node.id)
        if any(test not in ev.loops for test, _ in node.branch):
            continue  # `criterion = BCELoss() if binary else CrossEntropyLoss()`: the other may be meant
        scores, labels = node.inputs[1::-1] if node.op.startswith("keras.") else node.inputs[:2]
        record = DataRecord(
            node.op.rpartition(".")[2], "label", node.span, labels.shape, scores.shape,
            kept.get(reached[-1], max(kept.values())), node.op, fault=next(iter(node.faults), None),
        )  # fmt: skip
        found.setdefault((node.span, show_shape(labels.shape), show_shape(scores.shape)), record)
    return list(found.values())


def ancestors(ev: Evaluator, ends: list[int]) -> list[Node]:
    """The nodes of this session that some nodes depend on, themselves included, in order."""
    seen: dict[int, Node] = {}
    queue = list(ends)
    while queue:
        current = queue.pop()
        node = ev.node(current)
        if node is not None and current not in seen:
            seen[current] = node
            queue += [t.node for t in node.inputs]
    return [seen[number] for number in sorted(seen)]
