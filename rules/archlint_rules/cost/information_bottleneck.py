"""A hidden layer that is narrower than the number of classes that come out of it."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Finding, Label, Model, Node, rule
from archlint_rules.flow import PASSIVE, consumers, place, producer
from archlint_rules.wording import count, name_of


@rule("ARC809", "information-bottleneck", severity="info", confidence="hint", category="cost", default=False)
def information_bottleneck(model: Model) -> Iterator[Finding]:
    """The dense layer before the last one, on the only way there."""
    for last in model.family("dense"):
        narrow = producer(model, last, PASSIVE)
        if narrow is None or narrow.family != "dense" or consumers(model, narrow, PASSIVE) != [last]:
            continue
        if not narrow.inputs:  # applied to something that is not known
            continue
        before, width, classes = narrow.inputs[0].features, narrow.output.features, last.output.features
        if not (isinstance(before, int) and isinstance(width, int) and isinstance(classes, int)):
            continue
        if width < min(before, classes) and is_output(model, last) and not rebuilds(model, classes):
            yield Finding(
                place(narrow),
                f"{name_of(narrow)} squeezes {before} features to {count(width, 'unit')} before {classes} outputs",
                label=f"all that the {classes} outputs are made of",
                related=(Label(place(last), f"{name_of(last)} makes {classes} of them"),),
                help=f"give it {classes} units or more, unless the squeeze is meant",
                layer=narrow.path,
            )


def is_output(model: Model, node: Node) -> bool:
    """Does the model end there, activations left aside?"""
    return not consumers(model, node, PASSIVE)


def rebuilds(model: Model, outputs: int) -> bool:
    """An autoencoder gives back as many numbers as one of its layers before took in, and squeezes on purpose."""
    dense = list(model.family("dense"))
    return any(node.inputs[0].features == outputs for node in dense if node.inputs)
