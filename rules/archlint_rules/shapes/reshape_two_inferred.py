"""ARC108: more than one size that a reshape is to find out."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Finding, Model, rule
from archlint_rules.shapes.calls import refused
from archlint_rules.wording import faults


@rule("ARC108", "reshape-two-inferred", severity="error", category="shapes")
def reshape_two_inferred(model: Model) -> Iterator[Finding]:
    """Targets with two or more -1."""
    for node, fault in faults(model, "inferred"):
        way_out = "write all sizes but one as numbers, or take them from x.shape"
        yield refused(model, node, fault.text, arg=fault.arg, way_out=way_out)
