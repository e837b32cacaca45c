"""ARC509: batch normalisation behind a global pool, where a channel has one value for each sample."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Finding, Model, Node, Span, proven_equal, rule
from archlint_rules.flow import place
from archlint_rules.training.batch_norms import batch_norms
from archlint_rules.wording import input_shape, name_of, produced


@rule("ARC509", "batchnorm-single-value", severity="info", category="training")
def batchnorm_single_value(model: Model) -> Iterator[Finding]:
    """Batch normalisations of (N, C, 1, 1), where N may be 1; a warning only where it is."""
    seen: set[Span] = set()
    for node in batch_norms(model):
        if node.op.startswith("torch.nn.BatchNorm") and single(node) and place(node) not in seen:
            seen.add(place(node))
            yield finding(model, node)


def single(node: Node) -> bool:
    """Is one value of each channel left, with a batch of any size; does it look at the batch at all?"""
    shape = node.inputs[0].shape
    if shape is None or len(shape) < 3 or node.args.get("track_running_stats") is None:
        return False
    return all(proven_equal(s, 1) for s in shape[2:]) and not (isinstance(shape[0], int) and shape[0] > 1)


def finding(model: Model, node: Node) -> Finding:
    shape = node.inputs[0].shape
    return Finding(
        place(node),
        f"{name_of(node)} gets {input_shape(node)}, one value of each channel for a sample: with a batch of 1, as "
        "the last one of an epoch may be, PyTorch raises in train()",
        label="expects more than 1 value per channel",
        related=tuple(label for label in produced(model, node.inputs[0]) if label.span != place(node)),
        help="leave it out, use GroupNorm, or let the DataLoader drop_last=True",
        layer=node.path,
        severity="warning" if shape and proven_equal(shape[0], 1) else None,
    )
