"""ARC412: classes on the last axis, where torch's losses read axis 1."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Edit, Finding, Judged, Model, Span, Tensor, judged, rule, show
from archlint_rules.flow import text_of
from archlint_rules.output.class_axis import classes_last
from archlint_rules.output.endings import output_labels
from archlint_rules.wording import shape_text


@rule("ARC412", "class-axis-position", severity="error", category="output", fix="unsafe")
def class_axis_position(model: Model) -> Iterator[Finding]:
    """Scores `(N, T, K)` of a sequence against labels `(N, T)`."""
    for pair in judged(model):
        node = pair.node
        if (
            node is None
            or not node.op.startswith("torch.")
            or pair.expects not in ("class scores", "log-probabilities")
        ):
            continue
        labels = node.args.get("target")
        shape = labels.shape if isinstance(labels, Tensor) else None
        scores = pair.scores.shape
        if scores is None or len(scores) < 3:
            continue
        if classes_last(scores, shape):
            yield finding(model, pair, f"against labels {shape_text(shape)}: it raises")
        elif shape is None and of_steps(pair):
            yield finding(model, pair, "of a sequence")


def of_steps(pair: Judged) -> bool:
    """Is axis 1 that of time, and the last one what a dense layer has made for each step?"""
    made = pair.ending
    if made is None or made.node.family != "dense" or made.moved:
        return False
    axes = pair.scores.axes or ()
    return len(axes) == 3 and [a.role for a in axes[1]] == ["time"]


def finding(model: Model, pair: Judged, where: str) -> Finding:
    scores = pair.scores.shape or ()
    steps, classes = show(scores[1]), show(scores[-1])
    last = len(scores) - 1
    return Finding(
        pair.span,
        f"{pair.loss} reads axis 1 ({steps}) as classes, but they are on the last axis ({classes}) "
        f"of the scores {shape_text(scores)} {where}",
        related=output_labels(pair),
        help=f"move the classes: scores.transpose(1, {last})"
        if last == 2
        else f"move the classes: scores.movedim({last}, 1)",
        edits=moved(model, pair, last),
    )


def moved(model: Model, pair: Judged, last: int) -> tuple[Edit, ...]:
    """`F.cross_entropy(scores, y)` becomes `F.cross_entropy(scores.transpose(1, 2), y)`."""
    span = pair.node.arg_spans.get("input") if pair.node is not None else None
    name = text_of(model.file, span) if span is not None else ""
    if span is None or not name.replace(".", "_").isidentifier():
        return ()
    how = "transpose(1, 2)" if last == 2 else f"movedim({last}, 1)"
    return (Edit(Span(span.path, span.end, span.end), f".{how}"),)
