"""ARC309: an initial state that does not have the form of the final one."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import (
    Fault,
    Finding,
    Label,
    Model,
    Node,
    Shape,
    proven_different,
    proven_equal,
    rule,
    show,
    show_shape,
)  # fmt: skip
from archlint_rules.flow import applied_at, place
from archlint_rules.recurrent.batches import UNROLLED
from archlint_rules.wording import faults, name_of


@rule("ARC309", "hidden-init-shape", severity="error", category="recurrent")
def hidden_init_shape(model: Model) -> Iterator[Finding]:
    """torch's layers take states of (layers * directions, N, H), also with batch_first=True, Keras' of (N, H)."""
    for node, fault in faults(model, "state"):
        yield of_keras(model, node, fault) if node.op.startswith("keras.") else finding(model, node, fault)
    seen: set[object] = set()
    for node in model.nodes:
        swapped = batch_in_front(node)
        if swapped is not None and place(node) not in seen:
            seen.add(place(node))
            yield finding(model, node, swapped)


def batch_in_front(node: Node) -> Fault | None:
    """`(N, layers, H)` where N is open: it fits a batch of as many samples as there are layers, and no other."""
    if node.op not in UNROLLED or node.faults or len(node.inputs) < 2 or len(node.outputs) < 2:
        return None
    got, want = node.inputs[1].shape, node.outputs[1].shape
    if got is None or want is None or len(got) != 3 or len(want) != 3 or proven_equal(want[0], want[1]):
        return None
    turned = proven_equal(got[0], want[1]) and proven_equal(got[1], want[0]) and not proven_different(*want[:2])
    return Fault("state", "", "", want, got, 0) if turned else None


def of_keras(model: Model, node: Node, fault: Fault) -> Finding:
    """A decoder of other units than the encoder whose states it starts from."""
    start = next((t for t in node.inputs[1:] if t.shape == fault.got), None) if fault.got is not None else None
    made = model.graph[start.node] if start is not None and start.node >= 0 else None
    where = (Label(place(made), f"{name_of(made)} gives {show_shape(fault.got)} here"),) if made is not None else ()
    if node.made_at is not None and node.made_at.start != node.span.start:
        where = (*where, Label(node.made_at, f"{name_of(node)} is made here"))
    if fault.got is None:
        text = f"the initial state of {name_of(node)} {fault.text}, {show_shape(fault.want)} each"
        help_text = "an LSTM has two, h and c, and a Bidirectional layer those of both directions"
    else:
        text = f"the initial state of {name_of(node)} is {show_shape(fault.got)}, must be {show_shape(fault.want)}: "
        text += fault.text
        help_text = f"give both layers the same units, or bring the state to {show(fault.want[1])} by a Dense"
    return Finding(applied_at(model, node), text, related=where, help=help_text, layer=node.path)


def finding(model: Model, node: Node, fault: Fault) -> Finding:
    start = node.inputs[1] if len(node.inputs) > 1 else node.inputs[0]
    if start.shape != fault.got and len(node.inputs) > 2:
        start = node.inputs[2]
    made = model.graph[start.node] if start.node >= 0 else None
    shown = made is not None and made.span.path == node.span.path and made.family != "input"
    where = (Label(place(made), f"{show_shape(fault.got)} is made here"),) if made is not None and shown else ()
    return Finding(
        applied_at(model, node),
        f"the initial state of {name_of(node)} is {show_shape(fault.got)}, must be {show_shape(fault.want)}: "
        f"(layers * directions, batch, units)",
        label=f"gets {show_shape(node.inputs[0].shape)}",
        related=where,
        help=way_out(node, fault.got, fault.want),
        notes=() if node.faults else (f"it runs only for a batch of {show(fault.want[0])}",),
        layer=node.path,
        severity=None if node.faults else "warning",
    )


def way_out(node: Node, got: Shape, want: Shape) -> str:
    """What to write instead, and what misled."""
    assert want is not None
    sizes = ", ".join(map(show, want))
    if (
        got is not None
        and len(got) == len(want) == 3
        and proven_equal(got[0], want[1])
        and proven_equal(got[1], want[0])
    ):
        of = "batch_first is about the input alone" if node.args.get("batch_first") is True else "the layers come first"
        return f"make it ({sizes}): {of}"
    before = node.inputs[0].shape
    if got is not None and before is not None and len(got) == len(before) == 3:
        other = 1 if node.args.get("batch_first") is True else 0
        if proven_equal(got[1], before[other]) and not proven_equal(got[1], want[1]):
            return f"make it ({sizes}), or pass batch_first={other == 0} if axis {other} of the input is the batch"
    return f"make it ({sizes})"
