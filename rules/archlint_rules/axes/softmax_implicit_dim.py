"""ARC209: a softmax that leaves the axis to PyTorch."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Edit, Finding, Model, Span, proven_equal, rule, show
from archlint_rules.axes.softmaxes import ROLES, Softmax, calls_function, softmaxes
from archlint_rules.flow import text_of
from archlint_rules.wording import input_shape, produced


@rule("ARC209", "softmax-implicit-dim", severity="warning", category="axes", fix="unsafe")
def softmax_implicit_dim(model: Model) -> Iterator[Finding]:
    """Softmaxes without `dim`; where that falls on the batch or on an axis of 1, ARC210 and ARC211 say so."""
    for found in softmaxes(model):
        if found.implicit and not worse(found):
            yield finding(model, found)


def worse(found: Softmax) -> bool:
    """Is there more to say than that the axis is not stated?"""
    shape = found.tensor.shape
    if shape is None or found.axis is None:
        return False
    return found.role(found.axis) == "batch" or proven_equal(shape[found.axis], 1)


def finding(model: Model, found: Softmax) -> Finding:
    shape, axis = found.tensor.shape, found.axis
    if shape is None or axis is None:
        text, best = f"{found.name} has no dim: PyTorch takes axis 0 or 1, as the rank of its input has it", -1
    else:
        role = ROLES.get(found.role(axis), "")
        of = f", {role} ({show(shape[axis])})" if role else f" ({show(shape[axis])})"
        text = f"{found.name} has no dim: PyTorch takes axis {axis}{of} of {input_shape(found.node)}"
        best = axis
    return Finding(
        found.span,
        text,
        related=produced(model, found.tensor),
        help=f"write dim={best}" if best >= 0 else "write the axis of the classes: dim=-1, or dim=1 for feature maps",
        layer=found.node.path,
        edits=stated(model, found, best) if best == 1 else (),
    )


def stated(model: Model, found: Softmax, axis: int) -> tuple[Edit, ...]:
    """`nn.Softmax()` becomes `nn.Softmax(dim=1)`: what it does already, said."""
    if "dim" in found.node.given or not calls_function(model, found):
        return ()
    text, end = text_of(model.file, found.span), found.span.end - 1
    empty = text[: text.rindex(")")].rstrip().endswith(("(", ","))
    return (Edit(Span(found.span.path, end, end), f"{'' if empty else ', '}dim={axis}"),)
