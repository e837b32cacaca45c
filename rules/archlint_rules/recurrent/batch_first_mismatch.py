"""ARC303: a sequence layer that takes the batch for the steps, or the steps for the batch."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from archlint.rule import (
    Edit,
    Finding,
    Label,
    Model,
    Node,
    Size,
    Span,
    Tensor,
    proven_equal,
    rule,
    show,
    show_shape,
    symbols,
)
from archlint_rules.flow import applied_at, place, text_of
from archlint_rules.recurrent.batches import (
    UNROLLED,
    entry_behind,
    is_plain_batch,
    is_settled,
    read_as_batch,
    reads_sequences,
    scored,
    stated,
)  # fmt: skip
from archlint_rules.wording import input_shape, name_of, produced


@rule("ARC303", "batch-first-mismatch", severity="warning", confidence="likely", category="recurrent", fix="unsafe")
def batch_first_mismatch(model: Model) -> Iterator[Finding]:
    """torch's recurrent and attention layers whose `batch_first` is not how their input lies."""
    seen: set[object] = set()
    for node in model.nodes if model.framework == "torch" else ():
        evidence = contradicted(model, node)
        if evidence and place(node) not in seen:
            seen.add(place(node))
            yield finding(model, node, evidence)


def contradicted(model: Model, node: Node) -> tuple[Label, ...]:
    """Where the batch is known to be another axis than the layer takes for it; nothing where all is well."""
    first = batch_first(node)
    if first is None or not node.inputs or node.inputs[0].rank != 3 or node.faults:
        return ()
    tensor, batch = node.inputs[0], 1 if first else 0
    assert tensor.shape is not None
    if proven_equal(tensor.shape[1 - batch], 1) or not is_settled(model, node):
        return ()  # (steps, 1, features): one sequence, by intention
    start = started(model, node, batch)
    if start is not None:
        return (start,)
    if not is_plain_batch(model, tensor, batch):
        return ()
    entry = entry_behind(model, tensor, batch)
    label = (stated(model, entry) or read_as_batch(model, entry)) if entry is not None else None
    label = label or scored(model, tensor, batch)
    return () if label is None else (label, *moved(model, tensor, label))


def started(model: Model, node: Node, batch: int) -> Label | None:
    """`h0 = torch.zeros(1, x.size(0), 32)` for a layer that reads axis 1 as the batch."""
    if node.op not in UNROLLED or len(node.inputs) < 2 or node.inputs[1].rank != 3 or node.inputs[1].node < 0:
        return None
    shape, start = node.inputs[0].shape, node.inputs[1].shape
    assert shape is not None
    assert start is not None
    if not symbols(start[1]) or not proven_equal(start[1], shape[batch]) or proven_equal(start[1], shape[1 - batch]):
        return None
    made = model.graph[node.inputs[1].node]
    return Label(place(made), f"the initial state {show_shape(start)} is made for a batch in axis {batch}")


def batch_first(node: Node) -> bool | None:
    """What the layer was built with; None for another layer, or if it is not known."""
    if not reads_sequences(node):
        return None
    value = constructor(node)[0].get("batch_first")
    return value if isinstance(value, bool) else None


def constructor(node: Node) -> tuple[dict[str, Any], Span | None, dict[str, Span]]:
    """Arguments and place of the layer that states `batch_first`: of an encoder, the layer that it repeats."""
    inner = node.args.get("encoder_layer", node.args.get("decoder_layer"))
    args = getattr(inner, "args", None)
    if isinstance(args, dict):
        return args, getattr(inner, "span", None), getattr(inner, "arg_spans", {})
    return node.args, node.made_at, node.arg_spans


def moved(model: Model, tensor: Tensor, label: Label) -> tuple[Label, ...]:
    """Labels at the layer before."""
    return tuple(made for made in produced(model, tensor) if made.span != label.span)


def finding(model: Model, node: Node, evidence: tuple[Label, ...]) -> Finding:
    first, shape = batch_first(node), node.inputs[0].shape
    assert shape is not None
    batch = 1 if first else 0
    does = "recurs over" if node.op in UNROLLED else "attends over"
    order = "(batch, steps, features)" if first else "(steps, batch, features)"
    known = f"axis {batch} ({show(shape[batch])}) is the batch" if shown(shape[batch]) else f"axis {batch} is the batch"
    return Finding(
        applied_at(model, node),
        f"{name_of(node)} has batch_first={first} and reads {input_shape(node)} as {order}: {known}, "
        f"so it {does} the samples",
        label=f"axis {batch} is the batch",
        related=evidence,
        help=f"pass batch_first={not first}, or transpose(0, 1) before and after it",
        layer=node.path,
        edits=turned(model, node),
    )


def shown(size: Size) -> bool:
    """Does the size say more than the letter that the layer's own reading gave the axis?"""
    return show(size) != "T"


def turned(model: Model, node: Node) -> tuple[Edit, ...]:
    """The edit that states the other order where the layer is made."""
    args, made, spans = constructor(node)
    span = spans.get("batch_first")
    written = text_of(model.file, span) if span is not None else ""
    if span is not None:
        new, times = re.subn(r"\b(True|False)$", str(not args["batch_first"]), written)
        return (Edit(span, new),) if times else ()
    text = text_of(model.file, made) if made is not None else ""
    if made is None or not text.endswith(")") or text.rstrip(") \n").endswith(","):
        return ()
    return (Edit(Span(made.path, made.end - 1, made.end - 1), ", batch_first=True"),)
