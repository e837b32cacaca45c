"""ARC116: an axis that the tensor does not have."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Fault, Finding, Model, rule
from archlint_rules.shapes.calls import refused
from archlint_rules.wording import faults


@rule("ARC116", "axis-out-of-range", severity="error", category="shapes")
def axis_out_of_range(model: Model) -> Iterator[Finding]:
    """Axes beyond the rank, and positions beyond the size of an axis."""
    for node, fault in faults(model, "axis"):
        yield refused(model, node, fault.text, arg=fault.arg, way_out=way_out(fault))


def way_out(fault: Fault) -> str:
    """The axes there are."""
    rank, axis = fault.want, fault.got
    if not isinstance(rank, int) or type(axis) is not int or -rank <= axis < rank or fault.axis is not None or not rank:
        return ""
    return f"its axes are 0 to {rank - 1}, or -{rank} to -1 from the end"
