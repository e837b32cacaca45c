"""ARC404: a Keras cross entropy of probabilities over an output without activation."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Edit, Finding, Judged, Label, Model, Node, judged, rule
from archlint_rules.flow import place, text_of
from archlint_rules.output.endings import of_keras
from archlint_rules.wording import name_of

_ACTIVATION = {"class probabilities": "softmax", "probabilities": "sigmoid"}


@rule("ARC404", "logits-without-from-logits", severity="warning", category="output", fix="unsafe", confidence="likely")
def logits_without_from_logits(model: Model) -> Iterator[Finding]:
    """A linear output layer under a cross entropy that states no `from_logits=True`."""
    for pair in judged(model):
        wanted = _ACTIVATION.get(pair.expects)
        if wanted and of_keras(pair) and pair.ending is not None and pair.ending.kind == "linear":
            yield finding(model, pair, pair.ending.node, wanted)


def finding(model: Model, pair: Judged, layer: Node, wanted: str) -> Finding:
    return Finding(
        pair.span,
        f"{name_of(layer)} has no activation, but {pair.loss} expects probabilities: values outside [0, 1] are clipped",
        related=(Label(place(layer), f"{name_of(layer)} gives scores of any size here"),),
        help=f'add activation="{wanted}" to the layer, or from_logits=True to the loss',
        layer=layer.path,
        edits=tuple(activated(model, layer, wanted)),
    )


def activated(model: Model, layer: Node, wanted: str) -> Iterator[Edit]:
    """`Dense(10)` becomes `Dense(10, activation="softmax")`."""
    span = place(layer)
    text = text_of(model.file, span)
    stated = layer.arg_spans.get("activation")
    if stated is not None or not text.endswith(")") or "#" in text or text[:-1].rstrip().endswith((",", "(")):
        return
    if layer.made_at == span:
        yield Edit(type(span)(span.path, span.end - 1, span.end - 1), f', activation="{wanted}"')
