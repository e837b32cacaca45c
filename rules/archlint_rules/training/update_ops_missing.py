"""ARC514: a train step that does not run the updates of batch normalisation."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archlint.rule import FileFacts, Finding, Label, Model, Node, Span, rule
from archlint_rules.wording import count, op_name

_OPS = {"tensorflow.layers.batch_normalization": "training", "tf_slim.batch_norm": "is_training"}
_CARED = re.compile(r".*(UPDATE_OPS|update_ops|create_train_op|optimize_loss|get_updates_for|extra_update).*|updates")
_STEP = re.compile(r"\.(minimize|apply_gradients)\(")


@rule("ARC514", "update-ops-missing", severity="warning", category="training")
def update_ops_missing(model: Model) -> Iterator[Finding]:
    """Batch normalisations in training mode, a train step in the same file, and no word of their updates there."""
    step = train_step(model.file)
    nodes = [n for n in model.family("norm") if n.op in _OPS and updating(n)]
    if step is not None and nodes and len({n.span.path for n in nodes} | {step.path}) == 1:
        yield finding(nodes, step)


def updating(node: Node) -> bool:
    """Does it leave its updates to the collection, and has any?"""
    flag = _OPS[node.op]
    if node.op.startswith("tf_slim."):
        if node.args.get("updates_collections") != "update_ops" or not node.scope_known:
            return False
        return node.args.get(flag) is not False
    return flag in node.given and node.args.get(flag) is not False


def train_step(facts: FileFacts | None) -> Span | None:
    """The one call that makes the train step, in a file that says nothing of the updates."""
    if facts is None or any(map(_CARED.fullmatch, names_in(facts))):
        return None
    for found in _STEP.finditer(facts.lines.text):
        if not any(c.start <= found.start() < c.end for c in facts.comments):
            return Span(facts.path, found.start() + 1, found.end() - 1)
    return None


def names_in(facts: FileFacts) -> set[str]:
    """Attributes that the file reads, strings in it, and what it imports and calls."""
    index = facts.index
    called = {part for name in index.called for part in name.split(".")}
    return index.attributes | index.strings | called | set(index.imports)


def finding(nodes: list[Node], step: Span) -> Finding:
    first = nodes[0]
    many = count(len({n.span for n in nodes}), "batch normalisation")
    return Finding(
        step,
        f"the moving averages of {many} are never updated: nothing runs the operations in UPDATE_OPS",
        related=(Label(first.span, f"{op_name(first)} puts its updates there"),),
        help="make the train step under tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS))",
        notes=("evaluation then normalises by mean 0 and variance 1, as they start",),
        layer=first.path,
    )
