"""ARC128: labels that the loss cannot hold against the model's output."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from archlint.rule import (
    DataRecord,
    Fault,
    Finding,
    Label,
    Model,
    Node,
    Shape,
    Size,
    Span,
    Tensor,
    proven_different,
    proven_equal,
    rule,
    show,
    show_shape,
)  # fmt: skip
from archlint_rules.accused import accused, crashes
from archlint_rules.axes import flatten_includes_batch
from archlint_rules.axes.missing_flatten_before_dense import on_pixels, too_many_axes
from archlint_rules.certainty import certain
from archlint_rules.one_cause import Root, label_follows, made_by
from archlint_rules.output.class_axis import classes_last
from archlint_rules.shapes.fed import given_text, origin, written
from archlint_rules.wording import op_name, shape_text

_SPARSE = "sparse_categorical_crossentropy"
_CATEGORICAL = ("categorical_crossentropy", "categorical_focal_crossentropy")
_SPREADING = frozenset(
    ["MSELoss", "L1Loss", "SmoothL1Loss", "HuberLoss", "mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"]
)
"""torch's losses that repeat the smaller side until both have one shape."""


@rule("ARC128", "label-shape-mismatch", severity="error", category="shapes")
def label_shape_mismatch(model: Model) -> Iterator[Finding]:
    """Labels given to `fit` and `evaluate` under the compiled loss, and the labels of losses that are called."""
    seen: set[tuple[object, str]] = set()
    for found in (*together(model), *from_graph(model)):
        if (found.span, found.message) not in seen:
            seen.add((found.span, found.message))
            yield found


def together(model: Model) -> Iterator[Finding]:
    """The labels to train on and those to validate with are of one kind: one finding that shows both places."""
    found: dict[object, Finding] = {}
    for record, one in from_data(model):
        fault, sizes = record.fault, (record.shape or ())[1:]
        split = fault is None or fault.kind == "samples"
        key = one if split else (record.node, record.loss, record.expected, fault and fault.kind, sizes)
        first = found.setdefault(key, one)
        if first is not one and first.span != one.span:
            label = Label(one.span, f"neither can it hold {given_text(model, record)}, {show_shape(record.shape)}")
            found[key] = replace(first, related=(*first.related, label))
    yield from found.values()


def short_of_units(model: Model) -> bool:
    """Has the output one value, and do the labels that it is given have more classes?"""
    for record in model.data:
        if record.role == "label" and record.expected and proven_equal(record.expected[-1], 1):
            wider = record.loss in _CATEGORICAL and record.shape and proven_different(record.shape[-1], 1)
            if too_many_classes(record) or (wider and record.fault is not None):
                return True
    return False


def from_data(model: Model) -> Iterator[tuple[DataRecord, Finding]]:
    """Labels that meet the model outside of it."""
    found = crashes(model)
    for record in model.data:
        if record.role != "label" or follows(model, found, model.graph[record.node].output, record.shape):
            continue
        torch = record.loss.startswith(("torch.", "keras.", "tensorflow.", "tf_slim."))
        if torch and (classes_last(record.expected, record.shape) or flatten_includes_batch.rows(model)):
            continue  # class-axis-position, flatten-includes-batch
        if record.fault is not None:
            yield record, called(model, record) if torch else compiled(model, record, record.fault)
        elif torch and spreads(record.call, record.expected, record.shape):
            yield record, spread(record)
        elif too_many_classes(record):
            yield record, overflow(model, record)


def compiled(model: Model, record: DataRecord, fault: Fault) -> Finding:
    """`fit(x, y)` under the loss that `compile` names."""
    related = [] if record.at is None or not record.loss else [Label(record.at, f"{record.loss} is the loss here")]
    name = given_text(model, record)
    if fault.kind == "samples":
        named = f" in `{written(model, record)}`" if written(model, record) else f" are given to `{record.call}`"
        text = f"{show(fault.got)} labels{named} for {show(fault.want)} samples"
        return Finding(record.span, text, related=tuple(origin(record)), help="give data and labels of one split")
    text = f"{record.loss} cannot hold {name}, {show_shape(record.shape)}, against the output "
    return Finding(
        record.span,
        f"{text}{show_shape(record.expected)}{reason(record)}",
        label=f"is {show_shape(record.shape)}",
        related=(*related, *produced(model, record), *origin(record)),
        help=compiled_way_out(model, record),
        notes=notes(record),
    )


def notes(record: DataRecord) -> tuple[str, ...]:
    """What another version does."""
    given, wanted = record.shape or (), record.expected or ()
    if not record.loss.startswith("binary") or not given or not numbers(given, wanted):
        return ()
    return ("Keras 2 may repeat the label for every output without a word",)


def reason(record: DataRecord) -> str:
    """What kind of labels the loss wants and which these are; "" where the shapes say it."""
    given, wanted = record.shape or (), record.expected or ()
    if record.loss in _CATEGORICAL and numbers(given, wanted):
        return ": it wants a vector of classes for each sample, these are class numbers"
    if record.loss == _SPARSE and vectors(given, wanted):
        return ": it wants class numbers, these are one-hot"
    if record.loss in _CATEGORICAL and len(given) == len(wanted) and given and wanted:
        return f": the labels have {show(given[-1])} classes, the output {show(wanted[-1])}"
    return ""


def numbers(given: tuple[Size, ...], output: tuple[Size, ...]) -> bool:
    """Are these class numbers for such an output: no axis of classes, or one of 1?"""
    column = len(given) == len(output) and proven_equal(given[-1], 1)
    return len(output) > 1 and proven_different(output[-1], 1) and (len(given) == len(output) - 1 or column)


def vectors(given: tuple[Size, ...], output: tuple[Size, ...]) -> bool:
    """Are these vectors of classes?"""
    return len(given) == len(output) and bool(given) and proven_different(given[-1], 1)


def compiled_way_out(model: Model, record: DataRecord) -> str:
    """The other loss, or the other labels."""
    given, wanted, name = record.shape or (), record.expected or (), written(model, record) or "y"
    if not given or not wanted:
        return ""
    classes = show(wanted[-1])
    if record.loss in _CATEGORICAL and numbers(given, wanted):
        return f'use loss="{_SPARSE}", or keras.utils.to_categorical({name}, {classes})'
    if record.loss == _SPARSE and vectors(given, wanted):
        return f'use loss="categorical_crossentropy", or {name}.argmax(axis=-1)'
    if record.loss in _CATEGORICAL and len(given) == len(wanted):
        return f"give the last layer {show(given[-1])} units"
    if record.loss == "binary_crossentropy" and numbers(given, wanted):
        return f'for {classes} classes use loss="{_SPARSE}"; for yes or no, give the last layer 1 unit'
    return ""


def too_many_classes(record: DataRecord) -> bool:
    """Is there a class number that the output has no place for?"""
    wanted = record.expected
    if record.loss != _SPARSE or record.classes is None or not wanted or not isinstance(wanted[-1], int):
        return False
    return record.classes > wanted[-1]


def overflow(model: Model, record: DataRecord) -> Finding:
    """Classes 0 to 9 against an output of 9."""
    classes, width = record.classes or 0, show(record.expected[-1] if record.expected else None)
    text = (
        f"{given_text(model, record)} has class numbers up to {classes - 1}, the output {show_shape(record.expected)}"
    )
    return Finding(
        record.span,
        f"{text} has places for {width} classes only",
        label=f"{classes} classes",
        related=(*produced(model, record), *origin(record)),
        help=f"give the last layer {classes} units",
    )


def produced(model: Model, record: DataRecord) -> Iterator[Label]:
    """The layer that gives the output."""
    node = model.graph[record.node]
    span = node.made_at or node.span
    if node.family != "input":
        yield Label(span, f"the output {show_shape(record.expected)} comes from here")


def called(model: Model, record: DataRecord) -> Finding:
    """`criterion(model(x), y)`."""
    assert record.fault is not None
    return against(record.span, record.call, record.expected, record.shape, record.fault, "scores", "target")


def from_graph(model: Model) -> Iterator[Finding]:
    """Losses that belong to the model's own graph: those of TensorFlow 1, or of a forward pass."""
    found = crashes(model)
    for node in model.family("loss"):
        scores, labels = sides(node)
        if any(follows(model, found, tensor, labels) for tensor in node.inputs if tensor.shape == scores):
            continue
        for fault in node.faults:
            if certain(model, node, fault) and scores is not None and labels is not None:
                if node.op.startswith("torch.") and classes_last(scores, labels):
                    continue  # class-axis-position
                names = (
                    ("logits", "labels") if node.op.startswith("t") and "torch" not in node.op else ("scores", "target")
                )
                yield against(node.span, op_name(node), scores, labels, fault, *names)
        if not node.faults and scores and labels and not node.branch and spreads(op_name(node), scores, labels):
            if node.op.startswith("torch."):
                yield spread_at(node.span, op_name(node), scores, labels)


def follows(model: Model, found: list[Root], scores: Tensor, labels: Shape) -> bool:
    """Is the output what it is for another mistake: a crash on the way to it, a concatenation of the batch?"""
    if too_many_axes(scores.shape, labels) and any(True for _ in on_pixels(model)):
        return True  # ARC206 says so
    return label_follows(model, found, scores, labels) or made_by(model, scores, frozenset(accused(model))) is not None


def sides(node: Node) -> tuple[Shape, Shape]:
    """Shapes of the scores and of the labels that a loss is given."""
    found = [
        next((v.shape for k in keys if isinstance(v := node.args.get(k), Tensor)), None)
        for keys in (("logits", "predictions", "y_pred", "input"), _LABELS)
    ]
    if found[0] is None and found[1] is None and len(node.inputs) > 1:
        first, second = node.inputs[0].shape, node.inputs[1].shape
        return (second, first) if node.op.startswith("keras.") else (first, second)
    return found[0], found[1]


_LABELS = ("labels", "onehot_labels", "multi_class_labels", "y_true", "target")


def against(span: Span, op: str, scores: Shape, labels: Shape, fault: Fault, left: str, right: str) -> Finding:
    """A loss that fails on its two sides."""
    return Finding(
        span,
        f"`{op}` cannot hold {left} {shape_text(scores)} against {right} {shape_text(labels)}"
        + wants(op, scores, labels),
        label=fault.text,
        help=called_way_out(op, scores or (), labels or ()),
    )


def wants(op: str, scores: Shape, labels: Shape) -> str:
    """Which kind of labels the loss takes, where these are of the other kind."""
    if not scores or not labels:
        return ""
    if op in ("CrossEntropyLoss", "NLLLoss", "cross_entropy", "nll_loss") and len(labels) == len(scores):
        kept = scores[:1] + scores[2:]
        return f": it wants class numbers {shape_text(kept)}"
    if "sparse_softmax" in op and vectors(labels, scores):
        return ": it wants class numbers, these are one-hot"
    if "softmax" in op and numbers(labels, scores):
        return ": it wants a vector of classes for each sample, these are class numbers"
    return ""


def called_way_out(op: str, scores: tuple[Size, ...], labels: tuple[Size, ...]) -> str:
    """What makes the two sides one."""
    if not scores or not labels:
        return ""
    if op in ("CrossEntropyLoss", "NLLLoss", "cross_entropy", "nll_loss"):
        if len(labels) == len(scores) and proven_equal(labels[1] if len(labels) > 1 else None, 1):
            return "drop the axis of 1: target.squeeze(1)"
        return "give class numbers: target.argmax(dim=1)" if op.lower().startswith("nll") else ""
    if op.startswith(("BCE", "binary_cross_entropy")):
        if len(scores) == len(labels) + 1 and proven_equal(scores[-1], 1):
            return "give both one shape: target.unsqueeze(-1), or scores.squeeze(-1)"
        return ""
    if "sparse_softmax" in op and vectors(labels, scores):
        return f"use {op.replace('sparse_', '')}, or tf.argmax(labels, 1)"
    if "softmax" in op and "sparse" not in op and numbers(labels, scores):
        return f"use sparse_{op.replace('_v2', '')}, or tf.one_hot(labels, {show(scores[-1])})"
    return ""


def spreads(op: str, scores: Shape, labels: Shape) -> bool:
    """Does the loss compare every prediction with every target: (N, 1) against (N,)?"""
    if op not in _SPREADING or not scores or not labels or abs(len(scores) - len(labels)) != 1:
        return False
    long, short = (scores, labels) if len(scores) > len(labels) else (labels, scores)
    return (
        len(short) == 1
        and proven_equal(long[-1], 1)
        and proven_equal(long[0], short[0])
        and not proven_equal(short[0], 1)
    )


def spread(record: DataRecord) -> Finding:
    return spread_at(record.span, record.call, record.expected, record.shape)


def spread_at(span: Span, op: str, scores: Shape, labels: Shape) -> Finding:
    """(N, 1) against (N,) is (N, N): it runs, and means nothing."""
    batch = show(labels[0] if labels else None)
    return Finding(
        span,
        f"`{op}` spreads scores {shape_text(scores)} and target {shape_text(labels)} to ({batch}, {batch}): "
        "every prediction is compared with every target",
        severity="warning",
        help="give both one shape: scores.squeeze(-1), or target.unsqueeze(-1)",
    )
