"""ARC313: every step of a sequence held against the one label of its sample."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import DataRecord, Finding, Label, Model, Node, proven_different, proven_equal, rule, show_shape
from archlint_rules.flow import PASSIVE, place, producer
from archlint_rules.wording import name_of

_REPEATING = frozenset(
    ["mean_squared_error", "mean_absolute_error", "mean_absolute_percentage_error", "mean_squared_logarithmic_error",
     "huber", "log_cosh", "mse", "mae", "mape", "msle"]
)  # fmt: skip
"""Keras losses that repeat the label where the shapes differ; the cross-entropies refuse."""


@rule("ARC313", "sequence-output-vs-label", severity="warning", confidence="likely", category="recurrent")
def sequence_output_vs_label(model: Model) -> Iterator[Finding]:
    """Labels of one number per sample, given to `fit` of a model whose output has kept its steps."""
    if model.framework != "keras":
        return
    seen: set[object] = set()
    for record in model.data:
        rnn = repeated(model, record)
        if rnn is not None and record.span not in seen:
            seen.add(record.span)
            yield finding(record, rnn)


def repeated(model: Model, record: DataRecord) -> Node | None:
    """The recurrent layer that gave every step, if each is compared with the same label."""
    got, want = record.shape, record.expected
    if record.role != "label" or record.fault is not None or record.loss not in _REPEATING:
        return None
    if got is None or want is None or len(want) != 3 or len(got) not in (1, 2):
        return None
    if not proven_equal(want[-1], 1) or not proven_different(want[1], 1):
        return None
    if len(got) == 2 and not proven_equal(got[1], 1):
        return None
    rnn = producer(model, model.graph[record.node], PASSIVE)
    while rnn is not None and rnn.family == "dense":
        rnn = producer(model, rnn, PASSIVE)
    return rnn if rnn is not None and rnn.args.get("return_sequences") is True else None


def finding(record: DataRecord, rnn: Node) -> Finding:
    related = [Label(place(rnn), f"{name_of(rnn)} gives every step, {show_shape(rnn.output.shape)}")]
    if record.at is not None:
        related.append(Label(record.at, f"{record.loss} is the loss here"))
    if record.made is not None:
        related.append(Label(record.made, f"the labels {show_shape(record.shape)} come from here"))
    return Finding(
        record.span,
        f"{record.loss} compares every step of the output {show_shape(record.expected)} with the one label of its "
        f"sample, {show_shape(record.shape)}",
        label=f"is {show_shape(record.shape)}",
        related=tuple(related),
        help=f"leave return_sequences out of {name_of(rnn)}, so that the last step alone is compared",
        layer=rnn.path,
    )
