"""ARC508: batch normalisation that learns its variance under dropout."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Finding, Label, Model, Node, Span, rule
from archlint_rules.flow import place, producer
from archlint_rules.training.batch_norms import batch_norms
from archlint_rules.training.dropouts import Dropout, dropouts, never
from archlint_rules.wording import name_of


@rule("ARC508", "dropout-before-batchnorm", severity="info", confidence="likely", category="training", default=False)
def dropout_before_batchnorm(model: Model, *, least: float = 0.2) -> Iterator[Finding]:
    """Dropouts of a rate of `least` or more with at most one layer with weights between them and the normalisation."""
    known = {d.node.id: d for d in dropouts(model)}
    seen: set[Span] = set()
    for norm in batch_norms(model):
        dropout = reached(model, norm, known)
        if dropout is None or never(dropout) or dropout.rate is None or place(norm) in seen:
            continue
        if least <= dropout.rate < 1:
            seen.add(place(norm))
            yield finding(norm, dropout)


def reached(model: Model, norm: Node, known: dict[int, Dropout]) -> Dropout | None:
    """The dropout before a normalisation, with activations and at most one layer between."""
    node = producer(model, norm, ("activation", "identity"))
    if node is not None and node.family in ("conv", "dense"):
        node = producer(model, node, ("activation", "identity", "flatten"))
    return known.get(node.id) if node is not None else None


def finding(norm: Node, dropout: Dropout) -> Finding:
    assert dropout.rate is not None
    more = 1 / (1 - dropout.rate)
    return Finding(
        place(norm),
        f"{name_of(norm)} learns its variance under {name_of(dropout.node)}: a rate of {dropout.rate:.3g} makes the "
        f"squares {more:.3g} times as large while training, and not in evaluation",
        related=(Label(place(dropout.node), f"{dropout.rate:.0%} of the values go here"),),
        help="put the dropout behind the last batch normalisation",
        layer=norm.path,
    )
