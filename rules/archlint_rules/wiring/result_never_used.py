"""ARC606: a layer whose output is dropped, and the network goes on without it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archlint.rule import Finding, Label, Model, Node, Span, Unread, proven_equal, rule
from archlint_rules.amounts import number
from archlint_rules.flow import last_of_call, text_of
from archlint_rules.wording import crashed, input_shape, name_of, output_shape

FAMILIES = frozenset({
    "activation", "adaptive_pool", "concat", "conv", "conv_transpose", "dense", "dropout", "elementwise", "embedding",
    "flatten", "global_pool", "matmul", "merge", "norm", "pad", "permute", "pixel_shuffle", "pool", "recurrent",
    "reshape", "resize", "softmax", "stack", "upsample",
})  # fmt: skip
"""Families whose calls do nothing but give a tensor: losses, summaries and checks do more."""

WITHIN = frozenset({"cast", "identity", "index", "reduce", "slice", "split", "attention", "variable", "constant"})
"""Families besides, which may come up inside a block of the user's."""

_EFFECTS = re.compile(
    r"\.(append|extend|insert|update|add|setdefault|register\w*|log\w*|write|put|send|[a-zA-Z]\w*_)\(|\bprint\(|"
    r"\b(global|nonlocal|setattr|logger)\b|\w\] *[-+*/]?= "
)
"""What a block may do besides giving a tensor; in any place of the file it makes the rule silent about blocks."""

_HOOKS = re.compile(r"hook|add_loss|add_metric|activity_regularizer|create_feature_extractor|IntermediateLayerGetter")


@rule("ARC606", "result-never-used", severity="warning", category="wiring")
def result_never_used(model: Model) -> Iterator[Finding]:
    """Calls of layers whose value is read on no way through the function that makes them."""
    for span, nodes, unread, other in thrown_away(model):
        yield finding(model, span, nodes, unread, other)


def thrown_away(model: Model) -> Iterator[tuple[Span, list[Node], Unread, Node | None]]:
    """Each such call with its layers, and the layer that reads what they read."""
    if model.file is None or _HOOKS.search(model.file.lines.text):
        return  # a hook reads outputs that the text drops
    beside = {record.span for other in model.file.models for record in other.aside}
    for span, unread in model.file.flow.unread.items():
        nodes = [n for n in model.nodes if n.span == span or span in n.calls] if unread.answers else []
        if nodes and span not in beside and meant(model, nodes, unread) and dropped(model, span, nodes):
            run = [n for n in nodes if same_run(n, nodes[0], span)]
            yield span, run, unread, instead(model, run)


def same_run(node: Node, first: Node, span: Span) -> bool:
    """Do both belong to one run of the call?  A block that is built ten times runs its forward ten times."""

    def before(n: Node) -> tuple[Span, ...]:
        return n.calls[: n.calls.index(span)] if span in n.calls else n.calls

    return before(node) == before(first)


def meant(model: Model, nodes: list[Node], unread: Unread) -> bool:
    """Is it more than a left-over line: `h = x.view(-1, 3)`, with no `h` anywhere, which ruff finds as well?"""
    layer = model.framework == "tf" or any(n.layer is not None or n.family == "dropout" for n in nodes)
    return layer or not unread.name or unread.again


def dropped(model: Model, span: Span, nodes: list[Node]) -> bool:
    """Is a tensor computed here that no other layer takes, by calls that do nothing else?"""
    own = {n.id for n in nodes} | {last_of_call(model, n).id for n in nodes}
    entered = any(n.span != span for n in nodes)
    if not own.isdisjoint(model.returned or ()) or (entered and not only_computes(model, nodes)):
        return False
    families = FAMILIES | WITHIN if entered else FAMILIES
    if any(n.family not in families or n.faults or writes_elsewhere(model, n, own) for n in nodes):
        return False
    if any(c.id not in own for n in nodes for c in model.graph.consumers(n.id) if c.args.get("by") != n.id):
        return False
    if model.framework == "tf":  # a tensor that has a name can be asked for by it
        return not any("name" in n.given or n.op.endswith("Print") for n in nodes)
    if model.framework == "keras":
        return not (entered and builds(model, span, nodes))
    return all(n.root is not None for n in nodes)


def builds(model: Model, span: Span, nodes: list[Node]) -> bool:
    """Is the call all that a model is run for: `model(np.zeros((1, 8, 8, 3)))`, after which its weights are there?"""
    root = nodes[0].root
    return root is not None and all(n.span == span or span in n.calls for n in model.nodes if n.root == root)


def writes_elsewhere(model: Model, node: Node, own: set[int]) -> bool:
    """Does it work in place, on what was not made just before by a layer that is dropped with it?"""
    if node.args.get("inplace") is not True:
        return False
    source = node.inputs[0].node if node.inputs else -1
    return source not in own or not (model.graph[source].weights or model.graph[source].family == "pool")


def only_computes(model: Model, nodes: list[Node]) -> bool:
    """Does the user's code that the call runs give a tensor and do nothing else, as far as the file's text tells?"""
    file = model.file
    if file is None or any(n.span.path != file.path or n.span in file.flow.overwrites for n in nodes):
        return False
    stores = [s for record in file.index.classes.values() for s in record.stores if s.method != "__init__"]
    return not stores and not _EFFECTS.search(file.lines.text)


def finding(model: Model, span: Span, nodes: list[Node], unread: Unread, other: Node | None) -> Finding:
    node = next((n for n in nodes if n.weights and n.span == span), nodes[-1])
    broken = crashed(model, span)
    other_taker = (Label(other.span, f"{name_of(other)} gets {input_shape(other)} from before"),) if other else ()
    name = name_of(nodes[-1]) if nodes[-1].span == span else f"`{text_of(model.file, span).partition('(')[0]}`"
    why = f"no code reads this `{unread.name}`" if unread.name else "the call stands alone"
    first = name_of(nodes[0]) if nodes[0].span == span else name
    taken = f", and {name_of(other)} takes what {first} took" if other is not None else ""
    weights = node.weights and node.out.params is not None and not proven_equal(node.out.params, 0)
    help_text = (
        f"hand `{unread.name}` on to what comes next" if unread.name else "give the value a name, and hand it on"
    )
    return Finding(
        span,
        f"output {output_shape(nodes[-1])} of {name} is dropped: {why}{taken}",
        label="computed and never used",
        related=broken or other_taker,
        help=f"{help_text}, or delete the call",
        notes=(f"its {number(node.out.params)} parameters get no gradient here",) if weights and not broken else (),
        severity="error" if broken else None,
        layer=node.path,
    )


def instead(model: Model, nodes: list[Node]) -> Node | None:
    """The next layer that reads what the dropped one read: it may have been meant to read its output."""
    taken = {(t.node, t.slot) for t in nodes[0].inputs if t.node >= 0}
    later = (n for n in model.nodes[nodes[-1].id + 1 :] if n.span != nodes[-1].span and n.family != "join")
    return next((n for n in later if any((t.node, t.slot) in taken for t in n.inputs)), None)
