"""ARC403: a negative log likelihood that gets no logarithms."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Edit, Ending, Finding, Judged, Model, judged, rule
from archlint_rules.flow import place
from archlint_rules.output.endings import cause, made_by, renamed

_WHAT = {
    "softmax": ("probabilities", "the loss is never above 0, and a wrong answer that is sure gets no gradient"),
    "sigmoid": ("probabilities", "the loss is never above 0, and a wrong answer that is sure gets no gradient"),
    "linear": ("plain scores", "the loss has no lower bound"),
    "relu": ("plain scores", "the loss has no lower bound"),
}


@rule("ARC403", "softmax-before-nllloss", severity="warning", category="output", fix="unsafe")
def softmax_before_nllloss(model: Model) -> Iterator[Finding]:
    """Probabilities or plain scores given to `NLLLoss`."""
    for pair in judged(model):
        if pair.ending is None or pair.ending.kind not in _WHAT or not logarithms(pair):
            continue
        what, effect = _WHAT[pair.ending.kind]
        if pair.expects == "logarithms":
            effect = "what comes out is below 0, and no divergence"
        yield Finding(
            pair.span,
            f"{pair.loss} expects log-probabilities but gets {what} from {made_by(pair.ending)}: {effect}",
            related=cause(pair),
            help="use log_softmax"
            if what == "probabilities"
            else "apply log_softmax, or use a cross entropy of scores",
            layer=pair.ending.node.path,
            edits=logarithm(model, pair.ending),
        )


def logarithms(pair: Judged) -> bool:
    """Does the loss take logarithms?  `KLDivLoss` of plain scores may be of what is normalised elsewhere."""
    assert pair.ending is not None
    return pair.expects == "log-probabilities" or (pair.expects == "logarithms" and pair.ending.kind == "softmax")


def logarithm(model: Model, ending: Ending) -> tuple[Edit, ...]:
    """`softmax` becomes `log_softmax`, `nn.Softmax` becomes `nn.LogSoftmax`."""
    if ending.kind != "softmax" or ending.own:
        return ()
    if ending.node.layer is not None:
        return renamed(model.file, ending.node.made_at, "Softmax", "LogSoftmax")
    return renamed(model.file, place(ending.node), "softmax", "log_softmax")
