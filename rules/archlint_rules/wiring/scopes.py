"""Variables of TensorFlow 1 by the name of their scope."""

from __future__ import annotations

import re

from archlint.rule import FileFacts, Model, Node

_REUSE = re.compile(r"reuse|make_template|\bGraph\(|reset_default_graph|enable_eager|keras")


def may_reuse(facts: FileFacts) -> bool:
    """Does the file speak of shared variables, or of several graphs?"""
    return _REUSE.search(facts.lines.text) is not None


def variables(model: Model) -> dict[str, list[Node]]:
    """The layers with variables of each scope that the source names, in order; none in an arm of an undecided test."""
    found: dict[str, list[Node]] = {}
    for node in model.nodes:
        if not node.op.startswith("tf_slim.") or not node.weights or node.layer is None or node.branch:
            continue
        if isinstance(node.args.get("scope"), str) and "?" not in node.path and node.scope_known:
            found.setdefault(node.path, []).append(node)
    return found
