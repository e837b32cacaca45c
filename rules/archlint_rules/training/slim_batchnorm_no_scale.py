"""ARC515: slim's batch normalisation has no gamma unless it is asked for."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Finding, Label, Model, Node, Span, activation, rule
from archlint_rules.flow import consumers, followers, place
from archlint_rules.wording import count, name_of

_SCALED = frozenset(["relu", "linear", None])
"""What a scale goes through unchanged, and what is not known."""


@rule("ARC515", "slim-batchnorm-no-scale", severity="info", confidence="hint", category="training", default=False)
def slim_batchnorm_no_scale(model: Model) -> Iterator[Finding]:
    """`slim.batch_norm` without `scale` before an activation other than ReLU, or as the end of the network."""
    seen: set[Span] = set()
    for node in model.family("norm"):
        if node.op != "tf_slim.batch_norm" or "scale" in node.given or not node.scope_known or node.span in seen:
            continue
        bent = next((n for n in consumers(model, node, ("identity",)) if activation(n) not in _SCALED), None)
        if bent is not None or not (followers(model, node) or model.graph.consumers(node.id)):
            seen.add(node.span)
            yield finding(model, node, bent)


def finding(model: Model, node: Node, bent: Node | None) -> Finding:
    size = node.output.features
    many = count(size, "channel") if isinstance(size, int) else "all channels"
    behind = f"{name_of(bent)} gets" if bent is not None else "the network gives"
    return Finding(
        place(node),
        f"{name_of(node)} has no gamma: {behind} {many} with a standard deviation of 1",
        label="scale is False unless it is passed",
        related=(Label(bent.span, "not a ReLU, so no later weights can make up for it"),)
        if bent is not None and bent.span != node.span
        else (),
        help="pass scale=True, in normalizer_params if the layer applies it",
        layer=node.path,
    )
