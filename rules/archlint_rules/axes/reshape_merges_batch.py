"""ARC201: a reshape with -1 in front that turns one sample into several rows."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Finding, Label, Model, Node, Size, divide, product, proven_different, proven_equal, rule, show
from archlint_rules.flow import PASSIVE, consumers, descendants, place
from archlint_rules.wording import caret, name_of, output_shape, produced


@rule("ARC201", "reshape-merges-batch", severity="error", confidence="likely", category="axes")
def reshape_merges_batch(model: Model) -> Iterator[Finding]:
    """Reshapes to (-1, k) of image maps whose rows go through a dense layer and are not put together again."""
    for node, head in merging(model):
        yield finding(model, node, head)


def merging(model: Model) -> Iterator[tuple[Node, Node]]:
    """Each such reshape and the dense layer behind it, the first of several at one place."""
    seen: set[object] = set()
    for node in model.family("reshape"):
        if not rows_per_sample(node) or place(node) in seen:
            continue
        head = dense_after(model, node)
        if head is not None and keeps_rows(model, node, head):
            seen.add(place(node))
            yield node, head


def rows_per_sample(node: Node) -> bool:
    """Is it (N, C, H, W) -> (-1, k) where k is not the size of a sample, and cuts through the channels?

    (N, T, F) -> (-1, F) makes a row of every step, and (N, H, W, C) -> (-1, C) one of every pixel: both are meant.
    """
    before, after = node.inputs[0] if node.inputs else None, node.output
    if before is None or before.shape is None or after.shape is None or len(after.shape) != 2:
        return False
    if len(before.shape) < 3 or not batch_first(node):
        return False
    sample, row = product(before.shape[1:]), after.shape[1]
    if not isinstance(sample, int) or not isinstance(row, int):
        return False
    return row != sample and (row < sample or row % sample != 0) and cuts_channels(node, row)


def batch_first(node: Node) -> bool:
    """Is axis 0 of the input the batch and nothing else?"""
    before = node.inputs[0]
    return bool(before.axes) and before.axes is not None and [a.role for a in before.axes[0]] == ["batch"]


def cuts_channels(node: Node, row: int) -> bool:
    """Does a row end inside the channels of a sample?

    A row of whole trailing axes is a step, a pixel, a frame or a head; only the channels of an image never are.
    """
    before = node.inputs[0]
    assert before.shape is not None
    assert before.axes is not None
    roles = [axis[0].role if len(axis) == 1 else "" for axis in before.axes]
    if "channel" not in roles or not any(r.startswith("space") for r in roles):
        return False
    for start in range(len(before.shape) - 1, 0, -1):
        if proven_equal(product(before.shape[start:]), row):
            return "channel" in roles[1:start] and "time" not in roles
    return True


def dense_after(model: Model, node: Node) -> Node | None:
    """The dense layer that reads the rows."""
    return next((n for n in consumers(model, node, PASSIVE) if n.family in ("dense", "matmul")), None)


def keeps_rows(model: Model, node: Node, head: Node) -> bool:
    """Do the rows reach the model's output or a loss as rows?  Rows that are no whole number fail before that."""
    before, after = node.inputs[0].shape, node.output.shape
    assert before is not None
    assert after is not None
    if divide(product(before[1:]), after[1]) is None:
        return True
    rows = after[0]
    ends = [n for n in (head, *descendants(model, head)) if n.id in model.outputs or n.family == "loss"]
    if rows is None or not ends:
        return False
    return all(n.family == "loss" or (n.output.shape and proven_equal(n.output.shape[0], rows)) for n in ends)


def finding(model: Model, node: Node, head: Node) -> Finding:
    """The number of rows, and the number that was meant."""
    before, after = node.inputs[0], node.output
    assert before.shape is not None
    assert after.shape is not None
    batch, sample, row = show(before.shape[0]), product(before.shape[1:]), after.shape[1]
    rows = show(after.shape[0])
    notes: tuple[str, ...] = ()
    if divide(sample, row) is None:
        rows, notes = f"{batch}*{sample}/{row}", (f"{row} does not divide {sample}, so most batches fail here",)
    return Finding(
        caret(node),
        f"{name_of(node)} makes {rows} rows of {batch} samples: a sample has {show(sample)} numbers, a row {show(row)}",
        label=f"gives {output_shape(node)}",
        related=(*produced(model, before), Label(place(head), f"{name_of(head)} gives {output_shape(head)} here")),
        help=way_out(model, head, sample),
        notes=notes,
        layer=node.path,
    )


def way_out(model: Model, head: Node, sample: Size) -> str:
    """Flatten per sample; the head then has to take all of it."""
    declared = head.args.get("in_features")
    if model.framework != "torch":
        return f"keep the batch: reshape to (-1, {show(sample)})"
    resize = f", and in_features={show(sample)} in {name_of(head)}" if proven_different(declared, sample) else ""
    return f"keep the batch with x.flatten(1){resize}"
