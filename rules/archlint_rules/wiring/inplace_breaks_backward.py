"""ARC617: an operation in place changes a tensor that the backward pass of another one needs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archlint.rule import Finding, Label, Model, Node, Overwritten, Span, kept_before, rule
from archlint_rules.flow import place
from archlint_rules.wiring.in_place import out_of_place, shown
from archlint_rules.wording import name_of, shape_text

_NO_GRADIENT = re.compile(
    r"no_grad|inference_mode|requires_grad|set_grad_enabled|\.detach\(|\.eval\(\)\s*$", re.MULTILINE
)


@rule("ARC617", "inplace-breaks-backward", severity="error", category="wiring", fix="unsafe")
def inplace_breaks_backward(model: Model) -> Iterator[Finding]:
    """`torch.sigmoid(h)` keeps its output; `z += 1` changes it before `backward` asks for it."""
    for found in broken(model).values():
        yield finding(model, found)


def broken(model: Model) -> dict[Span, Overwritten]:
    """What makes `backward` fail, by the place of the operation in place."""
    found: dict[Span, Overwritten] = {}
    for each in kept_before(model):
        if not without_gradient(model, each.writer):
            found.setdefault(place(each.writer), each)
    return found


def without_gradient(model: Model, node: Node) -> bool:
    """Does the file switch gradients off anywhere?  Then this part may be one that is not trained."""
    facts = model.file
    return facts is None or facts.path != node.span.path or bool(_NO_GRADIENT.search(facts.lines.text))


def finding(model: Model, found: Overwritten) -> Finding:
    writer, reader, tensor = found.writer, found.reader, found.tensor
    shape, what = shape_text(tensor.shape, tensor.last), "output" if found.place is None else "input"
    return Finding(
        place(writer),
        f"{shown(model, writer)} modifies the {shape} that {name_of(reader)} keeps for its gradient: backward() raises",
        label="in place",
        related=(Label(reader.span, f"{name_of(reader)} needs its {what} again"),),
        help="do it out of place",
        notes=(
            "PyTorch says: one of the variables needed for gradient computation has been modified by an inplace "
            "operation",
        ),
        layer=writer.path,
        edits=tuple(out_of_place(model, writer)),
    )
