"""ARC410: an output activation that the loss was not made for."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Finding, Judged, Model, judged, rule
from archlint_rules.output.endings import cause, made_by, of_keras
from archlint_rules.wording import count

_CATEGORICAL = "the classes are to share a probability of 1, but each unit answers for itself"
_WHY = {
    ("sigmoid", "class probabilities"): _CATEGORICAL,
    ("hard_sigmoid", "class probabilities"): _CATEGORICAL,
    ("sigmoid", "class scores"): "no score can lead another by more than 1",
    ("hard_sigmoid", "class scores"): "no score can lead another by more than 1",
    ("tanh", "class scores"): "no score can lead another by more than 2",
    ("tanh", "class probabilities"): "half of its range is no probability",
    ("tanh", "probabilities"): "half of its range is no probability",
    ("relu", "class probabilities"): "values above 1 are no probabilities, and a unit at 0 gets no gradient",
    ("relu", "probabilities"): "values above 1 are no probabilities, and a unit at 0 gets no gradient",
    ("softmax", "probabilities"): "each unit is judged on its own, but they share a probability of 1",
    ("softmax", "scores"): "each unit is judged on its own, with sigmoid applied to what is between 0 and 1",
    ("softmax", "margins"): "the margin of 1 is never reached between 0 and 1",
    ("softmax", "values"): "the gradient vanishes where the answer is wrong and sure",
}
_INSTEAD = {
    "class probabilities": "use activation=softmax; for several labels at once, a binary cross entropy",
    "class scores": "pass the scores without an activation",
    "probabilities": "use a sigmoid for several labels at once; for one of the classes, a categorical cross entropy",
    "scores": "pass the scores without an activation, or use a cross entropy over classes",
    "margins": "drop the activation, or use a cross entropy",
    "values": "use a cross entropy for classes",
}


@rule("ARC410", "activation-loss-mismatch", severity="warning", category="output", confidence="likely")
def activation_loss_mismatch(model: Model) -> Iterator[Finding]:
    """Pairs of an activation and a loss that contradict each other."""
    for pair in judged(model):
        if pair.ending is None or (pair.ending.kind, pair.expects) not in _WHY or not fits(pair):
            continue
        width = f" on {count(pair.classes, 'unit')}" if isinstance(pair.classes, int) else ""
        yield Finding(
            pair.span,
            f"{made_by(pair.ending)}{width} with {pair.loss}: {_WHY[pair.ending.kind, pair.expects]}",
            related=cause(pair),
            help=_INSTEAD[pair.expects],
            layer=pair.ending.node.path,
            severity="info" if pair.expects == "values" else None,
        )


def fits(pair: Judged) -> bool:
    """Is the number of classes known and the pair none of another rule?  Two units of softmax are yes and no."""
    kind = pair.ending.kind if pair.ending is not None else ""
    if kind in ("tanh", "relu") and pair.expects == "probabilities":
        return of_keras(pair)  # of torch, ARC406
    wide = isinstance(pair.classes, int) and pair.classes > (2 if kind == "softmax" else 1)
    return wide and (pair.expects != "values" or last_axis(pair))


def last_axis(pair: Judged) -> bool:
    """Is the softmax over the classes of an output `(N, classes)`?"""
    ending, rank = pair.ending, len(pair.scores.shape or ())
    return ending is not None and rank == 2 and ending.axis in (1, -1) and not ending.moved
