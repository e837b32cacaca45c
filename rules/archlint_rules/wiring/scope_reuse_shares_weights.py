"""Two layers, one after the other, that take their variables from one scope."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Finding, Label, Model, Node, rule
from archlint_rules.flow import ancestors
from archlint_rules.wiring.scopes import variables


@rule("ARC615", "scope-reuse-shares-weights", severity="warning", confidence="likely", category="wiring")
def scope_reuse_shares_weights(model: Model) -> Iterator[Finding]:
    if model.file is None or "reuse" not in model.file.lines.text:
        return
    for path, nodes in variables(model).items():
        first = nodes[0]
        for node in nodes[1:]:
            if one_tower(model, first, node):
                yield finding(path, first, node)
                break


def one_tower(model: Model, first: Node, node: Node) -> bool:
    """Does the second take what the first gave, in the same call of the function that writes both?"""
    if first.span == node.span or first.calls != node.calls or first.op != node.op:
        return False
    return any(before.id == first.id for before in ancestors(model, node))


def finding(path: str, first: Node, node: Node) -> Finding:
    span = node.arg_spans.get("scope") or node.span
    return Finding(
        span,
        f'two layers in a row share the variables of scope "{path}"',
        label="the same scope again",
        related=(Label(first.arg_spans.get("scope") or first.span, "first used here"),),
        help="give the second layer a scope of its own; if it is meant to be the same layer, apply it in a loop",
    )
