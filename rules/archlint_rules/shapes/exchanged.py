"""`Linear(128, 784)` for `Linear(784, 128)`: the two sizes of a layer, changed over."""

from __future__ import annotations

from archlint.rule import Edit, Fault, Model, Node
from archlint_rules.accused import crashes
from archlint_rules.one_cause import exchanged_for_all
from archlint_rules.wording import new_number

_OUT = {"in_features": "out_features", "in_channels": "out_channels"}


def exchange(model: Model, node: Node, fault: Fault) -> tuple[Edit, ...]:
    """The edits that change them over, where that cures what fails behind the layer as well; else none."""
    root = next((r for r in crashes(model) if r.node is node and r.fault is fault), None)
    other = _OUT.get(fault.arg)
    if root is None or other is None or not exchanged_for_all(model, root):
        return ()
    there = new_number(model, node.arg_spans.get(other), fault.got, fault.want)
    here = new_number(model, node.arg_spans.get(fault.arg), fault.want, fault.got)
    return (*here, *there) if here and there else ()
