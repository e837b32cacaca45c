"""ARC510: one batch normalisation for the outputs of several layers."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Finding, Label, Model, Node, Span, rule
from archlint_rules.flow import place
from archlint_rules.training.batch_norms import batch_norms, before
from archlint_rules.wiring.copy_paste_layer_call import mistaken
from archlint_rules.wording import count, name_of


@rule("ARC510", "batchnorm-reused", severity="warning", confidence="likely", category="training")
def batchnorm_reused(model: Model) -> Iterator[Finding]:
    """Batch normalisations that one forward pass applies to outputs of layers with different weights."""
    uses: dict[int, list[Node]] = {}
    for node in batch_norms(model):
        if node.layer is not None and not node.op.startswith(("tf_slim.", "tensorflow.")):
            uses.setdefault(node.layer, []).append(node)
    seen: set[Span] = set()
    mixed_up = {call for _, _, calls in mistaken(model) for call in calls}  # ARC609 is about those
    for nodes in uses.values():
        if mixed_up & {node.span for node in nodes}:
            continue
        made = different(model, nodes)
        if made is not None and place(nodes[0]) not in seen:
            seen.add(place(nodes[0]))
            yield finding(model, made)


def different(model: Model, nodes: list[Node]) -> list[tuple[Node, Node]] | None:
    """(use, the layer it takes from) for uses of different layers in one pass; None if a source is not known."""
    found: dict[int, tuple[Node, Node]] = {}
    for node in nodes:
        source = before(model, node)
        if source is None or source.layer is None or source.family not in ("conv", "conv_transpose", "dense"):
            return None
        if node.branch or node.root != nodes[0].root:
            return None
        found.setdefault(source.layer, (node, source))
    return list(found.values()) if len(found) > 1 else None


def finding(model: Model, made: list[tuple[Node, Node]]) -> Finding:
    (first, source), (second, other) = made[:2]
    names = ", ".join(name_of(s) for _, s in made)
    return Finding(
        second.span,
        f"{name_of(first)} is applied to the outputs of {count(len(made), 'layer')} ({names}): they share one running "
        "mean and variance, which fit none of them in eval()",
        label=f"here to the output of {name_of(other)}",
        related=(Label(first.span, f"here to the output of {name_of(source)}"),) if first.span != second.span else (),
        help="give each layer a batch normalisation of its own",
        layer=first.path,
    )
