"""ARC413: an activation directly after an activation."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Ending, Finding, Label, Model, Node, activation, ending, rule
from archlint_rules.flow import followers, place
from archlint_rules.output.endings import made_by, without

_EFFECT = {
    ("softmax", "softmax"): "probabilities become nearly equal",
    ("sigmoid", "softmax"): "no class can lead another by more than a factor of e",
    ("softmax", "sigmoid"): "all values end between 0.50 and 0.73",
    ("sigmoid", "sigmoid"): "all values end between 0.50 and 0.73",
    ("relu", "sigmoid"): "no value ends below 0.5",
    ("relu", "relu"): "it changes nothing",
    ("log_softmax", "log_softmax"): "it changes nothing",
}


@rule("ARC413", "double-activation", severity="warning", category="output", fix="unsafe")
def double_activation(model: Model) -> Iterator[Finding]:
    """Pairs of activations of which the second harms, or does nothing."""
    for node in model.family("activation"):
        second = activation(node)
        first = ending(model.graph, node.inputs[0]) if second is not None and node.inputs else None
        if first is None or second is None or (first.kind, second) not in _EFFECT:
            continue
        if fits(model, node, first, second):
            yield finding(model, node, first, second)


def fits(model: Model, node: Node, first: Ending, second: str) -> bool:
    """Is it the pair it looks like: along one axis, at the output, without another bound?"""
    if node.branch != first.node.branch or node.args.get("by") is not None:
        return False
    if second.endswith("softmax") and first.kind.endswith("softmax"):
        stated = ending(model.graph, node.output)
        return not first.moved and stated is not None and stated.axis == first.axis
    if second == "relu":
        return node.op.rpartition(".")[2].lower() == "relu" and node.args.get("max_value") is None
    if first.kind == "relu":
        returned = model.returned or frozenset(model.outputs)
        return node.id in returned and not followers(model, node)
    return True


def finding(model: Model, node: Node, first: Ending, second: str) -> Finding:
    found = ending(model.graph, node.output)
    assert found is not None
    effect = _EFFECT[first.kind, second]
    redundant = effect == "it changes nothing"
    return Finding(
        place(node),
        f"{made_by(found)} directly after {made_by(first)}: {effect}",
        related=(Label(place(first.node), f"{made_by(first)} is applied here"),),
        help="drop one of the two"
        if redundant
        else "drop the first"
        if first.kind == "relu"
        else "keep one of the two",
        layer=node.path,
        severity="info" if redundant else None,
        edits=without(model.file, model.graph, first if first.kind == "relu" and second == "sigmoid" else found),
    )
