"""ARC107: a reshape to a shape that holds another number of elements."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Fault, Finding, Model, Node, rule, show
from archlint_rules.wording import caret, causes, faults, name_of


@rule("ARC107", "reshape-element-count", severity="error", category="shapes")
def reshape_element_count(model: Model) -> Iterator[Finding]:
    """Element counts that cannot be equal."""
    for node, fault in faults(model, "count"):
        if not node.inputs:
            continue
        span = caret(node, fault.arg)
        yield Finding(
            span,
            f"{name_of(node)}: {fault.text}",
            label=f"needs {needed(fault)}" if node.family == "reshape" else "",
            related=causes(model, node, span),
            help=way_out(node, fault),
            layer=node.path,
        )


def needed(fault: Fault) -> str:
    """`21 elements`, or `a multiple of 21` where one size is inferred."""
    return f"{show(fault.want)} elements"


def way_out(node: Node, fault: Fault) -> str:
    """Where to look."""
    if node.family != "reshape" or fault.want is None or fault.got is None:
        return ""
    return f"the sizes of the target must multiply to {show(fault.got)}"
