"""ARC118: as many names as a tensor has no axes, or a layer no results."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Fault, Finding, Label, Model, Node, rule
from archlint_rules.flow import place
from archlint_rules.wording import causes, count, faults, input_shape, name_of, op_name, shape_text


@rule("ARC118", "shape-unpack-arity", severity="error", category="shapes")
def shape_unpack_arity(model: Model) -> Iterator[Finding]:
    """`b, c, h, w = x.shape` of a tensor with three axes."""
    for node, fault in faults(model, "unpack"):
        if node.op.endswith(".outputs"):
            yield of_results(model, node, fault)
            continue
        made = causes(model, node, node.span)
        shown = input_shape(node) if node.inputs else fault.text.rpartition(": ")[2]
        names, sizes = count(fault.got, "name"), count(fault.want, "size")
        yield Finding(
            node.span,
            f"{names} for the {sizes} of a tensor: {shown}",
            label=f"the shape has {fault.want}",
            related=tuple(label for label in made if label.span != node.span),
            help=way_out(fault),
        )


def of_results(model: Model, node: Node, fault: Fault) -> Finding:
    """`out, state_h, state_c = Bidirectional(LSTM(256, return_state=True))(x)`: five tensors for three names."""
    maker = model.graph[node.inputs[0].node]
    gives = ", ".join(shape_text(t.shape, t.last) for t in node.inputs)
    return Finding(
        node.span,
        f"{count(fault.got, 'name')} for the {count(fault.want, 'value')} that {name_of(maker)} gives: {gives}",
        label=f"{fault.want} come",
        related=(Label(place(maker), f"{name_of(maker)} is made here"),) if place(maker) != maker.span else (),
        help=states(maker, fault),
    )


def states(maker: Node, fault: Fault) -> str:
    """What the tensors are."""
    torch = maker.op.startswith("torch.")
    if maker.family == "recurrent" and torch and fault.want == 2 and op_name(maker) == "LSTM":
        return "the states are a pair of their own: out, (h, c) = lstm(x)"
    if maker.family == "recurrent" and not torch and fault.want == 5:
        return "each direction has its own states: out, forward_h, forward_c, backward_h, backward_c"
    return f"name {fault.want}, with `_` for those that nobody reads" if isinstance(fault.want, int) else ""


def way_out(fault: Fault) -> str:
    """One axis more or less, or a star."""
    if not isinstance(fault.want, int) or not isinstance(fault.got, int):
        return ""
    if fault.got > fault.want:
        return f"name {fault.want} sizes, or give the tensor the missing axis before"
    return f"name {fault.want} sizes, or take some of them: x.shape[-{fault.got}:]"
