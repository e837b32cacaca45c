"""ARC110: branches that meet only where the input's size is a multiple of 2, 4, 8 …"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from archlint.rule import (
    Finding,
    Label,
    Model,
    Node,
    Size,
    Tensor,
    batch_axis,
    required_multiple,
    rule,
    show,
    substitute,
    symbols,
)
from archlint_rules.certainty import settled
from archlint_rules.flow import ancestors, place
from archlint_rules.origins import axis_source, is_entry
from archlint_rules.shapes.calls import call_name
from archlint_rules.wording import count, gives

_JOINING = frozenset({"merge", "elementwise"})


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two tensors that `node` joins, with sizes on an axis (from the end) that are equal for multiples only."""

    node: Node
    pair: tuple[Tensor, Tensor]
    axis: int
    multiple: int

    @property
    def sizes(self) -> tuple[Size, Size]:
        """The two sizes."""
        return _at(self.pair[0], self.axis), _at(self.pair[1], self.axis)


@rule("ARC110", "skip-size-parity", severity="warning", category="shapes")
def skip_size_parity(model: Model) -> Iterator[Finding]:
    """The strictest of all joins; what it asks for, the others get."""
    if model.file is not None and model.file.guards:
        return  # `if h % 8 or w % 8: raise ValueError`: it says so itself
    others = symbols(batch_axis(model).size) | channels(model)
    found = [m for node in model.nodes if (m := meeting(model, node, others)) is not None]
    if found:
        yield finding(model, max(found, key=lambda m: m.multiple), found)


def channels(model: Model) -> frozenset[object]:
    """Symbols that count channels of an entry tensor: whoever builds the model chooses them, no picture does."""
    found = set[object]()
    for record in model.inputs:
        if record.shape is not None and len(record.shape) > 2:
            found |= symbols(record.shape[1 if model.framework == "torch" else -1])
    return frozenset(found)


def meeting(model: Model, node: Node, others: Collection[object]) -> Meeting | None:
    """The strictest demand of one join, if it is sure to be reached with tensors of the input's size."""
    joins = node.family in _JOINING or node.op in ("torch.cat", "torch.concat", "torch.stack")
    if not joins or node.faults or len(node.inputs) < 2 or not all(t.shape for t in node.inputs):
        return None
    first, best = node.inputs[0], None
    for other in node.inputs[1:]:
        for axis in range(-min(len(first.shape or ()), len(other.shape or ())), 0):
            multiple = demanded(node, first, other, axis, others)
            if multiple is not None and (best is None or multiple > best.multiple):
                best = Meeting(node, (first, other), axis, multiple)
    if best is None or not all(settled(model, node, e) for e in ancestors(model, node) if is_entry(e)):
        return None
    return best


def demanded(node: Node, a: Tensor, b: Tensor, axis: int, others: Collection[object]) -> int | None:
    """Of what the size of the input has to be a multiple for one axis to fit; None if that is not so."""
    left, right = _at(a, axis), _at(b, axis)
    if left == right or _joined_along(node, axis):
        return None
    if any(v in others for v in symbols(left) | symbols(right)):
        return None
    return required_multiple(left, right)


def _at(tensor: Tensor, axis: int) -> Size:
    return tensor.shape[axis] if tensor.shape is not None and len(tensor.shape) >= -axis else None


def _joined_along(node: Node, axis: int) -> bool:
    """Is it the axis of a concatenation, whose sizes add up?"""
    if node.family == "elementwise":
        return False
    shape = node.output.shape
    total = None if shape is None else shape[axis] if len(shape) >= -axis else None
    return total is None or all(total != _at(t, axis) for t in node.inputs)


def finding(model: Model, worst: Meeting, found: list[Meeting]) -> Finding:
    """The sizes as functions of the input's, and a size at which they part."""
    left, right = worst.sizes
    (symbol,) = symbols(left) | symbols(right)
    bad = {symbol.name: max(2, -(-32 // worst.multiple)) * worst.multiple - 1}
    shapes = f"{show(left)} and {show(right)}"
    example = f"{symbol.name}={bad[symbol.name]} gives {show(substitute(left, bad))} and {show(substitute(right, bad))}"
    others = len({place(m.node) for m in found}) - 1
    return Finding(
        worst.node.span,
        f"{call_name(model, worst.node)} joins sizes {shapes}, which are equal only if {symbol.name} is a multiple of "
        f"{worst.multiple}: {example}",
        label=f"needs a multiple of {worst.multiple}",
        related=tuple(branches(model, worst)),
        help=f"resize or pad one branch to the other's size, or pad the input to a multiple of {worst.multiple}",
        notes=(f"{count(others, 'other join')} of the model ask for a smaller multiple or the same",) * (others > 0),
        layer=worst.node.path,
    )


def branches(model: Model, worst: Meeting) -> Iterator[Label]:
    """Where the two tensors got their size."""
    shown = set()
    for tensor in worst.pair:
        if tensor.node < 0 or tensor.shape is None:
            continue
        source = axis_source(model, tensor, len(tensor.shape) + worst.axis) or model.graph[tensor.node]
        if place(source) not in shown and source is not worst.node:
            shown.add(place(source))
            yield Label(place(source), gives(model, source))
