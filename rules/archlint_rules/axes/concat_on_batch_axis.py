"""ARC213: features of the same samples put under each other, where they belong side by side."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Finding, Label, Model, Node, Span, Tensor, batch_axis, rule, show
from archlint_rules.axes.sample_axes import batch_place, returned
from archlint_rules.flow import WEIGHTED, ancestors, descendants, place
from archlint_rules.wording import caret, name_of, output_shape, shape_text


@rule("ARC213", "concat-on-batch-axis", severity="warning", confidence="likely", category="axes")
def concat_on_batch_axis(model: Model) -> Iterator[Finding]:
    """Concatenations along the batch of what different layers made of the same samples, up to the output."""
    for node, batch in stacked(model):
        yield finding(model, node, batch)


def stacked(model: Model) -> Iterator[tuple[Node, int]]:
    """Each such concatenation with the batch axis, the first of several at one place."""
    idents, seen = batch_axis(model).idents, set[Span]()
    for node in model.family("concat"):
        batch = joined_on_batch(node, idents) if place(node) not in seen else None
        if batch is not None and of_different_layers(model, node) and stays(model, node, batch):
            seen.add(place(node))
            yield node, batch


def joined_on_batch(node: Node, idents: frozenset[int]) -> int | None:
    """The batch axis of the inputs if it is one and the same and the one that grows; else None."""
    if len(node.inputs) < 2 or node.faults or node.output.axes is None:
        return None
    places = {batch_place(tensor, idents) for tensor in node.inputs}
    batch = places.pop() if len(places) == 1 else None
    if batch is None or len({ident(t, batch) for t in node.inputs}) != 1:
        return None  # `torch.cat([first, second])` of two entries: pairs, that go through the same layers
    return batch if ident(node.output, batch) != ident(node.inputs[0], batch) else None


def ident(tensor: Tensor, axis: int) -> int:
    """What an axis of one part is."""
    return tensor.axes[axis][0].ident if tensor.axes and len(tensor.axes[axis]) == 1 else -1


def of_different_layers(model: Model, node: Node) -> bool:
    """Has every input a layer with weights of its own?  The same tensor twice, or turned, is a larger batch."""
    above = [{n.layer for n in of(model, t) if n.family in WEIGHTED and n.layer is not None} for t in node.inputs]
    return all(mine - set().union(*(o for j, o in enumerate(above) if j != i)) for i, mine in enumerate(above))


def of(model: Model, tensor: Tensor) -> list[Node]:
    """The node that makes a tensor and all above it."""
    return [model.graph[tensor.node], *ancestors(model, model.graph[tensor.node])] if tensor.node >= 0 else []


def stays(model: Model, node: Node, batch: int) -> bool:
    """Is the longer batch given back, and never cut or regrouped on the way?"""
    grown, after = ident(node.output, batch), [node, *descendants(model, node)]
    given = returned(model)
    kept = [n for n in after if any(ident(t, i) == grown for t in n.outputs for i in range(len(t.axes or ())))]
    ends = [n for n in after if n.id in given]
    return bool(ends) and len(kept) == len(after) and all(ident(n.output, 0) == grown for n in ends)


def finding(model: Model, node: Node, batch: int) -> Finding:
    one, shapes = node.inputs[0].shape, ", ".join(shape_text(t.shape) for t in node.inputs)
    assert one is not None
    assert node.output.shape is not None
    word = "dim" if model.framework == "torch" else "axis"
    side = 1 if len(one) == 2 or (len(one) == 4 and model.framework == "torch") else -1
    makers = [model.graph[i] for i in dict.fromkeys(t.node for t in node.inputs)]
    return Finding(
        caret(node, word),
        f"{name_of(node)} puts {shapes} under each other and gives {output_shape(node)}: of {show(one[batch])} samples "
        f"it makes {show(node.output.shape[batch])}",
        related=tuple(Label(place(n), f"{name_of(n)} gives {output_shape(n)} here") for n in makers),
        help=f"{word}={side} puts the features of a sample side by side",
        layer=node.path,
    )
