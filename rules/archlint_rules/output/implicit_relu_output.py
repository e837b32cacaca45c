"""A slim output layer that applies ReLU because nobody said otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archlint.rule import Finding, Label, Model, Node, Span, rule, show_shape, symbols
from archlint_rules.flow import ancestors, bound_names, consumers, followers, weighted
from archlint_rules.layer_facts import filters_note, stack_note
from archlint_rules.output.endings import switched_off
from archlint_rules.wording import op_name

_OUTPUT = re.compile(r"(\w+_)?(logits?|predictions?|advantages?|q_?values?)(_\d+)?")
_VAGUE = re.compile(r"(outputs?|preds?|values?|q|q_?out|out_layer|output_layer)(_\d+)?")
"""Names that a building block also uses: believed of a dense layer that other layers come before."""
_CLASSES = re.compile(r"(num|n)_?(of_)?(classes|actions|labels)")


@rule("ARC409", "implicit-relu-output", severity="warning", category="output", fix="unsafe")
def implicit_relu_output(model: Model) -> Iterator[Finding]:
    for relu in model.family("activation"):
        by = relu.args.get("by")
        if not isinstance(by, int) or relu.args.get("stated", True) or not op_name(relu).startswith("relu"):
            continue
        layer = model.graph[by]
        if layer.scope_known and relu.scope_known and not followers(model, relu):
            evidence = output_evidence(model, layer, relu)
            if evidence is not None:
                yield finding(model, layer, relu, evidence)


def output_evidence(model: Model, layer: Node, relu: Node) -> tuple[str, Span | None] | None:
    """What makes the layer the network's output: its name, its width, or what takes its value."""
    for name, span in bound_names(model, layer):
        if _OUTPUT.fullmatch(name.lower()) or (_VAGUE.fullmatch(name.lower()) and deep(model, layer)):
            return f"`{name}`", span
    if any(v.origin == "argument" and _CLASSES.fullmatch(v.name) for v in symbols(layer.output.features)):
        return f"the output of {op_name(layer)}", None
    if any(takes_scores(n) for n in consumers(model, relu, ("identity", "reshape", "index"))):
        return f"the output of {op_name(layer)}", None
    return None


def takes_scores(node: Node) -> bool:
    """A softmax or a cross entropy, which want scores of both signs; a distance between features does not."""
    return node.family == "softmax" or "softmax" in node.op or "entropy" in node.op


def deep(model: Model, layer: Node) -> bool:
    """A dense layer with weighted layers before it."""
    return layer.family == "dense" and any(weighted(n) for n in ancestors(model, layer))


def finding(model: Model, layer: Node, relu: Node, evidence: tuple[str, Span | None]) -> Finding:
    what, span = evidence
    stack = tuple(stack_note(model, layer))
    way_out = "give the last layer a call of its own, with activation_fn=None" if stack else "add activation_fn=None"
    takers = [n for n in consumers(model, relu) if takes_scores(n)]
    related = [Label(span, f"{what} holds {show_shape(relu.output.shape)}, all of it 0 or more")] if span else []
    related += [Label(n.span, f"{op_name(n)} takes it here") for n in takers[:1]]
    return Finding(
        layer.span,
        f"{op_name(layer)} applies ReLU unless told otherwise: {what} can never be negative",
        label="activation_fn is not stated",
        related=tuple(related),
        help=way_out,
        notes=(*stack, *filters_note(layer)),
        layer=layer.path,
        edits=() if stack else switched_off(model.file, layer),
    )
