"""ARC616: an operation in place changes a tensor that a skip connection reads afterwards."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Finding, Label, Model, Overwritten, Span, read_after, rule
from archlint_rules.flow import place
from archlint_rules.wiring.in_place import out_of_place, shown
from archlint_rules.wiring.inplace_breaks_backward import broken
from archlint_rules.wording import name_of, produced, shape_text


@rule("ARC616", "inplace-aliases-skip", severity="warning", category="wiring", fix="unsafe")
def inplace_aliases_skip(model: Model) -> Iterator[Finding]:
    """`self.branch(x) + x`, where the branch begins with `ReLU(inplace=True)`."""
    seen: set[Span] = set(broken(model))  # ARC617 is about those
    for found in read_after(model):
        if place(found.writer) not in seen:
            seen.add(place(found.writer))
            yield finding(model, found)


def finding(model: Model, found: Overwritten) -> Finding:
    writer, reader, tensor = found.writer, found.reader, found.tensor
    shape = shape_text(tensor.shape, tensor.last)
    made = () if model.graph[tensor.node].family == "input" else produced(model, tensor)
    return Finding(
        place(writer),
        f"{shown(model, writer)} writes over the {shape} that {name_of(reader)} reads afterwards",
        label="in place",
        related=(*made, Label(reader.span, f"{name_of(reader)} gets the changed values, not those of before")),
        help="do it out of place, so that both find the tensor as it was",
        notes=("the shape is the same, so nothing fails",),
        layer=writer.path,
        edits=tuple(out_of_place(model, writer)),
    )
