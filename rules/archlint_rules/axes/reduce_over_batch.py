"""ARC214: a mean, sum or maximum over the samples of a batch, in what belongs to one sample."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Finding, Model, Node, Span, Tensor, batch_axis, proven_equal, rule, show
from archlint_rules.axes.sample_axes import (
    batch_place,
    has_role,
    reaches_output,
    recurs_over_batch,
    returned,
    says_batch,
)  # fmt: skip
from archlint_rules.flow import place
from archlint_rules.wording import caret, input_shape, name_of, produced

_POOLS = frozenset(
    ["mean", "sum", "max", "min", "amax", "amin", "var", "std", "norm", "median", "logsumexp", "nanmean", "average",
     "reduce_mean", "reduce_sum", "reduce_max", "reduce_min", "reduce_std", "reduce_variance", "reduce_logsumexp"]
)  # fmt: skip


@rule("ARC214", "reduce-over-batch", severity="warning", confidence="likely", category="axes")
def reduce_over_batch(model: Model) -> Iterator[Finding]:
    """Reductions of the batch axis alone, whose result the output of every sample is made of."""
    batches, seen = batch_axis(model).idents, set[Span]()
    for node in model.family("reduce"):
        if not node.inputs or place(node) in seen or node.op.rpartition(".")[2] not in _POOLS:
            continue
        batch = batch_place(node.inputs[0], batches)
        if batch is None or not takes_only(node, batch) or not reaches_output(model, node):
            continue
        mixes, pools = meets_samples(model, node, batch), leaves_steps(model, node)
        if mixes or pools:
            seen.add(place(node))
            yield finding(model, node, batch, mixes)


def takes_only(node: Node, batch: int) -> bool:
    """Is the batch reduced and every other axis kept, more than one of them of several places?

    One axis that is left, channels or features, makes it a statistic of the batch, as a batch norm takes it.
    """
    before, after = node.inputs[0], node.output
    if before.shape is None or before.axes is None or after.axes is None or after.shape is None:
        return False
    others = [i for i in range(len(before.shape)) if i != batch]
    kept = [axis for i, axis in enumerate(after.axes) if len(after.axes) < len(before.axes) or i != batch]
    keeps = len(after.axes) < len(before.axes) or proven_equal(after.shape[batch], 1)
    same = [idents(before, i) for i in others] == [tuple(a.ident for a in axis) for axis in kept]
    return keeps and same and sum(not proven_equal(before.shape[i], 1) for i in others) > 1


def idents(tensor: Tensor, axis: int) -> tuple[int, ...]:
    """What an axis is made of."""
    return tuple(a.ident for a in tensor.axes[axis]) if tensor.axes else ()


def meets_samples(model: Model, node: Node, batch: int) -> bool:
    """Does the reduced value go into something that has the batch axis again, `x - x.mean(0)`?"""
    if not says_batch(model, node):
        return False  # frames of a film, patches of one picture: a convolution takes them for a batch
    lost = idents(node.inputs[0], batch)
    given, todo, seen = returned(model), [(node, False)], {(node.id, False)}
    while todo:
        maker, met = todo.pop()
        if met and maker.id in given:
            return True
        for user in model.graph.consumers(maker.id):
            has = lost in [idents(user.output, i) for i in range(user.output.rank or 0)]
            step = (user.id, has)
            # a deviation that is averaged again, and given to every sample as one more channel, is a feature of its own
            if step not in seen and (has if met else user.family != "reduce"):
                seen.add(step)
                todo.append((user, has))
    return False


def leaves_steps(model: Model, node: Node) -> bool:
    """Is it a batch of sequences, of a recurrent layer, whose steps are all still there?"""
    tensor = node.inputs[0]
    return tensor.rank == 3 and has_role(node.output, "time") is not None and not recurs_over_batch(model, tensor)


def finding(model: Model, node: Node, batch: int, mixes: bool) -> Finding:
    tensor = node.inputs[0]
    assert tensor.shape is not None
    time = has_role(tensor, "time")
    word = "dim" if model.framework == "torch" else "axis"
    meant = f"the steps are axis {time}: {word}={time}" if time is not None else "reduce an axis of the sample itself"
    effect = "the output of one sample depends on the others" if mixes else "one result is left for all samples"
    return Finding(
        caret(node, word),
        f"{name_of(node)} runs along the batch: axis {batch} ({show(tensor.shape[batch])}) of {input_shape(node)}; "
        f"{effect}",
        related=produced(model, tensor),
        help=meant,
        layer=node.path,
    )
