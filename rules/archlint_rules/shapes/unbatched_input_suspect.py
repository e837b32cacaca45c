"""ARC129: a tensor that has lost an axis, so that the batch is read as channels or as time."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from archlint.rule import Finding, Label, Model, Node, Tensor, batch_axis, proven_equal, rule, show
from archlint_rules.certainty import settled
from archlint_rules.flow import ancestors, applied_at, place
from archlint_rules.origins import is_entry
from archlint_rules.wording import input_shape, name_of


@rule("ARC129", "unbatched-input-suspect", severity="warning", confidence="likely", category="shapes")
def unbatched_input_suspect(model: Model) -> Iterator[Finding]:
    """torch's layers take one sample without a batch axis, and read the batch of a tensor that is short of an axis."""
    seen: set[object] = set()
    if model.framework != "torch":
        return
    batch = batch_axis(model).idents
    for node in model.nodes:
        role = read_as(model, node, batch)
        if role and place(node) not in seen:
            seen.add(place(node))
            yield finding(model, node, role)


def read_as(model: Model, node: Node, batch: Collection[int]) -> str:
    """`channels` or `time` where the layer looks at the batch for them; "" where all is well."""
    tensor = node.inputs[0] if node.inputs else None
    if tensor is None or not tensor.shape or node.faults:
        return ""
    rank, role = len(tensor.shape), ""
    if node.family in ("conv", "conv_transpose") and rank == len(node.out.window) + 1:
        role = "channels"
    elif node.family == "recurrent" and rank == 2 and sequences_before(model, node):
        role = "time"
    if not role or not is_batch(tensor, batch):
        return ""
    above = [n for n in ancestors(model, node) if is_entry(n)]
    return role if all(settled(model, node, e) for e in above) else ""


def is_batch(tensor: Tensor, batch: Collection[int]) -> bool:
    """Is axis 0 the batch of the model, and nothing else?"""
    axis = (tensor.axes or ((),))[0]
    return len(axis) == 1 and axis[0].role == "batch" and axis[0].ident in batch


def sequences_before(model: Model, node: Node) -> bool:
    """Did a recurrent layer before read the same batch as a batch?

    Without one, `(frames, features)` of one clip may well be what is meant.
    """
    batch = (node.inputs[0].axes or ((),))[0]
    for before in ancestors(model, node):
        if before.family == "recurrent" and before.inputs and len(before.inputs[0].shape or ()) == 3:
            first = 0 if before.args.get("batch_first") is True else 1
            axes = before.inputs[0].axes
            if axes is not None and [a.ident for a in axes[first]] == [a.ident for a in batch]:
                return True
    return False


def lost_at(model: Model, node: Node) -> Node | None:
    """The last node above that had an axis more."""
    rank = len(node.inputs[0].shape or ())
    while node.inputs and node.inputs[0].node >= 0:
        node = model.graph[node.inputs[0].node]
        if node.inputs and len(node.inputs[0].shape or ()) > rank:
            return node
    return None


def finding(model: Model, node: Node, role: str) -> Finding:
    """What axis 0 is taken for, and where the rank was lost."""
    shape = node.inputs[0].shape
    assert shape is not None
    lost = lost_at(model, node)
    related = (Label(place(lost), f"{name_of(lost)} takes an axis away here"),) if lost is not None else ()
    way = "keep the axis: x.unsqueeze(1), or x[:, -1:] instead of x[:, -1]" if role == "time" else "keep the last axis"
    declared = node.args.get("in_channels")
    fits = role == "channels" and isinstance(declared, int) and not proven_equal(declared, shape[0])
    notes = (f"it runs only where the batch has {declared} samples",) if fits else ()
    return Finding(
        applied_at(model, node),
        f"{name_of(node)} takes {input_shape(node)} for one sample without a batch: axis 0, the batch of "
        f"{show(shape[0])}, is read as {role}",
        label=f"the batch is read as {role}",
        related=related,
        help=way,
        notes=notes,
        layer=node.path,
    )
