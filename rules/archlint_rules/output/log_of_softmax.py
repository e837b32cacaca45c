"""ARC419: the logarithm of a softmax or sigmoid, in two steps."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Edit, Ending, Finding, Label, LayerGraph, Model, Node, Span, ending, rule
from archlint_rules.flow import place, text_of
from archlint_rules.output.endings import made_by, renamed

_STABLE = {
    ("softmax", "torch"): "F.log_softmax", ("sigmoid", "torch"): "F.logsigmoid",
    ("softmax", "keras"): "keras.ops.log_softmax", ("sigmoid", "keras"): "keras.ops.log_sigmoid",
    ("softmax", "tf"): "tf.nn.log_softmax", ("sigmoid", "tf"): "tf.nn.sigmoid_cross_entropy_with_logits",
}  # fmt: skip


@rule("ARC419", "log-of-softmax", severity="warning", category="output", fix="safe")
def log_of_softmax(model: Model) -> Iterator[Finding]:
    """A logarithm of probabilities with nothing in between that keeps them from 0."""
    seen: set[Span] = set()
    for graph in (model.graph, *(record.graph for record in model.losses)):
        for node in graph.nodes:
            found = taken_of(graph, node)
            if found is not None and node.span not in seen:
                seen.add(node.span)
                yield finding(model, graph, node, found)


def taken_of(graph: LayerGraph, node: Node) -> Ending | None:
    """The softmax or sigmoid whose logarithm a node is."""
    if node.op.rpartition(".")[2] != "log" or len(node.inputs) != 1:
        return None
    found = ending(graph, node.inputs[0])
    if found is None or found.kind not in ("softmax", "sigmoid") or node.inputs[0].dtype == "float64":
        return None
    return found


def finding(model: Model, graph: LayerGraph, node: Node, found: Ending) -> Finding:
    framework = node.op.partition(".")[0]
    stable = _STABLE[found.kind, framework if framework in ("torch", "keras") else "tf"]
    edits = tuple(at_once(model, graph, node, found))
    return Finding(
        node.span,
        f"log of {made_by(found)}: a probability that rounds to 0 gives -inf, and its gradient nan",
        related=(Label(place(found.node), f"{made_by(found)} is applied here"),),
        help=f"use {stable} of the scores, which is finite for all of them",
        notes=("in float32 a probability is 0 once its score is about 104 below the greatest",)
        if found.kind == "softmax"
        else (),
        layer=found.node.path,
        edits=edits,
        safe=bool(edits),
    )


def at_once(model: Model, graph: LayerGraph, node: Node, found: Ending) -> Iterator[Edit]:
    """`torch.log(F.softmax(x, dim=1))` becomes `F.log_softmax(x, dim=1)`."""
    inner, outer = found.node.span, node.span
    alone = len(graph.consumers(found.node.id)) == 1 and not found.moved and found.node.layer is None
    if not alone or found.kind != "softmax" or found.own or inner.path != outer.path:
        return
    text, whole = text_of(model.file, inner), text_of(model.file, outer)
    change = renamed(model.file, inner, "softmax", "log_softmax")
    bare = "".join(whole.split()).replace("".join(text.split()), "", 1)
    if not change or not text or not (bare.endswith(".log()") or bare.rstrip(")").endswith("log(")):
        return
    at = change[0].span.start - inner.start
    yield Edit(outer, f"{text[:at]}log_softmax{text[at + len('softmax') :]}")
