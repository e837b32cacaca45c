"""ARC411: a regression whose output cannot leave an interval."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import RANGES, Finding, Judged, Model, judged, proven_different, rule
from archlint_rules.output.endings import cause, made_by, without


@rule("ARC411", "bounded-regression-output", severity="info", category="output", fix="unsafe", confidence="hint")
def bounded_regression_output(model: Model) -> Iterator[Finding]:
    """Sigmoid or tanh under a squared or absolute error."""
    for pair in judged(model):
        found = pair.ending
        if (
            found is None
            or found.kind not in ("sigmoid", "tanh")
            or pair.expects != "values"
            or not regression(model, pair)
        ):
            continue
        yield Finding(
            pair.span,
            f"the output of {made_by(found)} stays in {RANGES[found.kind]}: {pair.loss} cannot reach targets outside",
            related=cause(pair),
            help="scale the targets into this range, or drop the activation",
            layer=found.node.path,
            edits=without(model.file, pair.graph, found),
        )


def regression(model: Model, pair: Judged) -> bool:
    """A vector for each sample that is not as wide as the input: no picture, and no copy of what came in."""
    shape = pair.scores.shape
    inputs = [n.output for n in model.family("input")]
    if shape is None or len(shape) != 2 or not inputs:
        return False
    return all(
        t.shape is not None and len(t.shape) == 2 and proven_different(t.features, shape[-1]) for t in inputs[:1]
    )
