"""ARC217: the last sample of a batch taken for the last step of a sequence."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archlint.rule import Edit, Finding, Model, Node, Span, Tensor, batch_axis, rule, show
from archlint_rules.axes.sample_axes import batch_place, has_role, reaches_output, recurs_over_batch
from archlint_rules.flow import place, text_of
from archlint_rules.wording import input_shape, output_shape, produced


@rule("ARC217", "index-on-batch-axis", severity="warning", confidence="likely", category="axes", fix="unsafe")
def index_on_batch_axis(model: Model) -> Iterator[Finding]:
    """Integers that pick one sample of a batch of sequences, in what the model gives back."""
    idents, seen = batch_axis(model).idents, set[Span]()
    for node in model.family("index"):
        batch = batch_place(node.inputs[0], idents) if node.inputs else None
        if batch is None or place(node) in seen or has_role(node.inputs[0], "time") is None:
            continue
        picked = index_at(node, batch)
        if picked in (None, 0) or one_of_several(model, node, batch) or recurs_over_batch(model, node.inputs[0]):
            continue  # `out[0]` takes the batch off again where it is always 1
        if reaches_output(model, node):
            seen.add(place(node))
            yield finding(model, node, batch, picked)


def index_at(node: Node, axis: int) -> int | None:
    """The integer that stands at an axis: -1 of `x[..., -1, :]`; None for a slice, or where tensors index."""
    index, rank = node.args.get("index"), node.inputs[0].rank
    if not isinstance(index, tuple) or rank is None or any(isinstance(p, (Tensor, tuple, list, bool)) for p in index):
        return None
    parts = [p for p in index if p is not None]
    if Ellipsis in [p for p in parts if p is Ellipsis]:
        at = next(i for i, p in enumerate(parts) if p is Ellipsis)
        parts[at : at + 1] = [None] * (rank - len(parts) + 1)
    picked = parts[axis] if axis < len(parts) else None
    return picked if isinstance(picked, int) else None


def one_of_several(model: Model, node: Node, batch: int) -> bool:
    """Are other samples picked as well?  Then a loop goes through the batch."""
    users = model.graph.consumers(node.inputs[0].node)
    others = [n for n in users if n.family == "index" and n.id != node.id]
    return any(index_at(n, batch) is not None for n in others) or node.repeats > 1


def finding(model: Model, node: Node, batch: int, picked: int | None) -> Finding:
    tensor = node.inputs[0]
    time = has_role(tensor, "time")
    assert tensor.shape is not None
    assert time is not None
    right = f"[{picked}]" if time == 0 else f"[{':, ' * time}{picked}]"
    which = "the last sample of the batch, not the last step" if picked == -1 else f"sample {picked}, not step {picked}"
    return Finding(
        place(node),
        f"index {picked} picks {which}: axis {batch} of {input_shape(node)} is the batch "
        f"({show(tensor.shape[batch])}), axis {time} the steps",
        label=f"gives {output_shape(node)}",
        related=produced(model, tensor),
        help=f"{right} picks the step of every sample",
        layer=node.path,
        edits=moved(model, node, right),
    )


def moved(model: Model, node: Node, right: str) -> tuple[Edit, ...]:
    """`out[-1]` becomes `out[:, -1]`, and `out[:, -1]` or `out[:, -1, :]` becomes `out[-1]`."""
    text = text_of(model.file, node.span)
    found = re.search(r"\[(?:\s*:\s*,)?\s*-?\d+\s*(?:,\s*:\s*)*\]$", text)
    start = node.span.start + (found.start() if found is not None else 0)
    return (Edit(Span(node.span.path, start, node.span.end), right),) if found is not None else ()
