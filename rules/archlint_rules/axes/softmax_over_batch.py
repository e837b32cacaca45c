"""ARC210: a softmax across the samples of a batch."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Edit, Finding, Model, proven_equal, rule, show
from archlint_rules.axes.softmaxes import Softmax, softmaxes
from archlint_rules.flow import text_of
from archlint_rules.wording import input_shape, produced

OF_ONE_SAMPLE = ("features", "channel", "classes", "heads")
"""Roles of axes whose size is that of the batch by chance alone: 4 samples, 4 classes."""


@rule("ARC210", "softmax-over-batch", severity="warning", category="axes", fix="unsafe")
def softmax_over_batch(model: Model) -> Iterator[Finding]:
    """Softmaxes along an axis that is the batch and nothing else."""
    for found in softmaxes(model):
        if found.axis is not None and found.role(found.axis) == "batch" and not compares(found):
            yield finding(model, found)


def compares(found: Softmax) -> bool:
    """Is it (N, N): each sample against each, as in a contrastive loss?  Of one axis, it is no batch of vectors."""
    shape, axis = found.tensor.shape, found.axis
    assert shape is not None
    assert axis is not None
    others = [i for i in range(len(shape)) if i != axis and found.role(i) not in OF_ONE_SAMPLE]
    return len(shape) < 2 or any(proven_equal(shape[i], shape[axis]) for i in others)


def finding(model: Model, found: Softmax) -> Finding:
    shape = found.tensor.shape
    assert shape is not None
    assert found.axis is not None
    chosen = "without dim PyTorch takes it" if found.implicit else "the shares of one sample depend on the others"
    best = len(shape) - 1 if len(shape) < 4 else 1
    word = "dim" if model.framework == "torch" else "axis"
    return Finding(
        found.span,
        f"{found.name} runs along the batch: axis {found.axis} ({show(shape[found.axis])}) of "
        f"{input_shape(found.node)}; {chosen}",
        related=produced(model, found.tensor),
        help=f"{word}={best} makes the {show(shape[best])} values of a sample sum to 1",
        layer=found.node.path,
        edits=moved(model, found, best),
    )


def moved(model: Model, found: Softmax, axis: int) -> tuple[Edit, ...]:
    """Another number where the axis is written as one."""
    span = found.node.arg_spans.get("dim") or found.node.arg_spans.get("axis")
    name, equals, value = text_of(model.file, span).rpartition("=") if span is not None else ("", "", "")
    return (Edit(span, f"{name}{equals}{axis}"),) if span is not None and value.strip() in ("0", "-2", "-3") else ()
