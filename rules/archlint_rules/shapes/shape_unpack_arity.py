"""ARC118: as many names as the tensor has no axes."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Fault, Finding, Model, rule
from archlint_rules.wording import causes, count, faults


@rule("ARC118", "shape-unpack-arity", severity="error", category="shapes")
def shape_unpack_arity(model: Model) -> Iterator[Finding]:
    """`b, c, h, w = x.shape` of a tensor with three axes."""
    for node, fault in faults(model, "unpack"):
        made = causes(model, node, node.span)
        names, sizes = count(fault.got, "name"), count(fault.want, "size")
        yield Finding(
            node.span,
            f"{names} for the {sizes} of a tensor: {fault.text.rpartition(': ')[2]}",
            label=f"the shape has {fault.want}",
            related=tuple(label for label in made if label.span != node.span),
            help=way_out(fault),
        )


def way_out(fault: Fault) -> str:
    """One axis more or less, or a star."""
    if not isinstance(fault.want, int) or not isinstance(fault.got, int):
        return ""
    if fault.got > fault.want:
        return f"name {fault.want} sizes, or give the tensor the missing axis before"
    return f"name {fault.want} sizes, or take some of them: x.shape[-{fault.got}:]"
