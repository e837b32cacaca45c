"""ARC211: a softmax over one value, which is always 1."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Edit, Finding, Model, proven_equal, rule
from archlint_rules.axes.softmaxes import Softmax, softmaxes
from archlint_rules.flow import text_of
from archlint_rules.origins import axis_source
from archlint_rules.shapes.label_shape_mismatch import short_of_units
from archlint_rules.wording import produced, shape_text

UNITS = ("out_features", "out_channels", "units", "filters", "num_outputs")
"""What layers call the number of values that they give."""


@rule("ARC211", "softmax-over-singleton", severity="error", category="axes", fix="unsafe")
def softmax_over_singleton(model: Model) -> Iterator[Finding]:
    """Softmaxes along an axis whose size is 1 whatever comes in."""
    if not short_of_units(model):  # else ARC128 says how many classes the labels have
        yield from (finding(model, found) for found in over_one_value(model))


def over_one_value(model: Model) -> Iterator[Softmax]:
    """Each such softmax."""
    for found in softmaxes(model):
        if found.axis is None:
            continue
        shape = found.tensor.shape
        size = found.tensor.features if shape is None else shape[found.axis]
        if not proven_equal(size, 1) or (model.assumed and not written(model, found)):
            continue
        if found.own or made_of_one_unit(model, found):
            yield found


def written(model: Model, found: Softmax) -> bool:
    """Does the code itself say 1?  A part that stands alone may be built with another configuration."""
    axis = -1 if found.axis is None else found.axis
    source = found.node if found.own else axis_source(model, found.tensor, axis)
    spans = source.arg_spans if source is not None else {}
    return any(text_of(model.file, spans[name]) == "1" for name in UNITS if name in spans)


def made_of_one_unit(model: Model, found: Softmax) -> bool:
    """Is it the one unit of a layer?  Attention over a single key, or one branch of several, is a matter of size."""
    if found.axis is None:
        return False
    source = axis_source(model, found.tensor, found.axis)
    return source is not None and source.family in ("dense", "conv")


def finding(model: Model, found: Softmax) -> Finding:
    tensor = found.tensor
    where = "the last axis of " if found.axis == -1 else f"axis {found.axis} of "
    return Finding(
        found.span,
        f"{found.name} is taken over a single value, {where}{shape_text(tensor.shape, tensor.last)}: "
        "it is always 1.0, and its gradient 0",
        related=() if found.own else produced(model, tensor),
        help="for two classes use sigmoid, or 2 units; else the axis of the classes",
        layer=found.node.path,
        edits=sigmoid(model, found),
    )


def sigmoid(model: Model, found: Softmax) -> tuple[Edit, ...]:
    """`activation="softmax"` becomes `activation="sigmoid"`."""
    span = found.node.arg_spans.get("activation")
    if span is None:
        return ()
    text = text_of(model.file, span)
    changed = text.replace("softmax", "sigmoid").replace("Softmax", "Sigmoid")
    return (Edit(span, changed),) if text.count("oftmax") == 1 and "log" not in text.lower() else ()
