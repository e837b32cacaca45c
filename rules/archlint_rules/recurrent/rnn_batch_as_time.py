"""ARC302: one vector per sample, read by a recurrent layer as one sequence."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Finding, Label, Model, Node, rule, show
from archlint_rules.flow import applied_at, place
from archlint_rules.recurrent.batches import (
    UNROLLED,
    entry_behind,
    is_plain_batch,
    is_settled,
    reads_sequences,
    stated,
)  # fmt: skip
from archlint_rules.shapes.unbatched_input_suspect import lost_at, sequences_before
from archlint_rules.wording import input_shape, name_of, produced


@rule("ARC302", "rnn-batch-as-time", severity="warning", category="recurrent")
def rnn_batch_as_time(model: Model) -> Iterator[Finding]:
    """Two axes are a sequence without a batch: where the first is the batch, the samples are its steps."""
    seen: set[object] = set()
    for node in model.nodes if model.framework == "torch" else ():
        evidence = batch_for_time(model, node)
        if evidence is not None and place(node) not in seen:
            seen.add(place(node))
            yield finding(model, node, evidence)


def batch_for_time(model: Model, node: Node) -> Label | None:
    """Who says that axis 0 is the batch, if the layer reads it as time."""
    if not reads_sequences(node) or not node.inputs or node.inputs[0].rank != 2 or node.faults:
        return None
    tensor = node.inputs[0]
    entry = entry_behind(model, tensor, 0)
    if entry is None or not is_plain_batch(model, tensor, 0) or not is_settled(model, node):
        return None
    return None if sequences_before(model, node) else stated(model, entry)  # unbatched-input-suspect


def finding(model: Model, node: Node, evidence: Label) -> Finding:
    shape = node.inputs[0].shape
    assert shape is not None
    lost = lost_at(model, node)
    related = (Label(place(lost), f"{name_of(lost)} takes the steps away here"),) if lost is not None else ()
    first, last = show(shape[0]), show(shape[1])
    does = "every sample's state goes into the next" if node.op in UNROLLED else "every sample attends to the others"
    return Finding(
        applied_at(model, node),
        f"{name_of(node)} reads {input_shape(node)} as one sequence of {first} steps: axis 0 is the batch, so {does}",
        label="the batch is read as time",
        related=(evidence, *(related or produced(model, node.inputs[0]))),
        help=f"keep an axis of steps: ({first}, T, {last}) with batch_first=True; "
        f"for one step x.unsqueeze(1), which gives ({first}, 1, {last})",
        layer=node.path,
    )
