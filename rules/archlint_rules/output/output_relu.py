"""ARC408: an output that ReLU clips at 0."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archlint.rule import Ending, Finding, Judged, Label, Model, Node, Span, ending, judged, rule
from archlint_rules.flow import ancestors, bound_names, descendants, followers, place, weighted
from archlint_rules.output.endings import cause, made_by, without

_OUTPUT = re.compile(r"(\w+_)?(logits?|q_?values?|advantages?)(_\d+)?")
"""Names of scores and values, which have both signs."""


@rule("ARC408", "output-relu", severity="warning", category="output", fix="unsafe", confidence="likely")
def output_relu(model: Model) -> Iterator[Finding]:
    """ReLU on scores before a loss that wants both signs, on targets of a regression, on what is called logits."""
    seen: set[Span] = set()
    for pair in judged(model):
        found = pair.ending
        if found is None or found.kind != "relu" or implicit(found):
            continue
        if pair.expects in ("class scores", "scores", "values") and place(found.node) not in seen:
            seen.add(place(found.node))
            yield before_loss(model, pair, found)
    if not any(_OUTPUT.fullmatch(name.lower()) for node in model.nodes for name, _ in node.names):
        return
    for node in model.nodes:
        found = ending(model.graph, node.output) if node.family == "activation" or node.family == "dense" else None
        if found is None or found.kind != "relu" or found.node is not node or implicit(found):
            continue
        named = [(n, s) for n, s in bound_names(model, node) if _OUTPUT.fullmatch(n.lower())]
        if named and place(node) not in seen and last(model, node) and not normalised(model, node):
            yield called_scores(model, found, *named[0])


def implicit(found: Ending) -> bool:
    """ReLU that nobody wrote, which ARC409 reports."""
    return "by" in found.node.args and not found.node.args.get("stated", True)


def last(model: Model, node: Node) -> bool:
    """Is nothing with weights behind it, and more than one layer before it?"""
    before = sum(weighted(n) for n in ancestors(model, node)) + weighted(node)
    return before > 1 and not followers(model, node)


def normalised(model: Model, node: Node) -> bool:
    """Do the values become weights, for which none may be negative: `logits / logits.sum(1, keepdim=True)`?"""
    after = descendants(model, node)
    own = {node.id, *(n.id for n in after)}
    divisions = [n for n in after if n.op.endswith((".operator/", ".div", ".divide", ".true_divide"))]
    return any(len(n.inputs) > 1 and all(t.node in own for t in n.inputs) for n in divisions)


def before_loss(model: Model, pair: Judged, found: Ending) -> Finding:
    regression = pair.expects == "values"
    what = "targets below 0 are out of reach" if regression else "scores below 0 are out of reach"
    return Finding(
        pair.span,
        f"{made_by(found)} clips at 0 what {pair.loss} reads: {what}, and a unit stuck at 0 gets no gradient",
        related=cause(pair),
        help="remove the activation" + (", unless no target is ever negative" if regression else ""),
        layer=found.node.path,
        severity="info" if regression else None,
        edits=without(model.file, pair.graph, found),
    )


def called_scores(model: Model, found: Ending, name: str, span: Span) -> Finding:
    return Finding(
        place(found.node),
        f"{made_by(found)} clips scores at 0: values below 0 are out of reach, and a unit stuck at 0 gets no gradient",
        related=(Label(span, f"called `{name}` here"),),
        help="remove the activation after the last layer",
        layer=found.node.path,
        edits=without(model.file, model.graph, found),
    )
