"""ARC121: a Keras input shape of pictures or signals without their channels."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Finding, InputRecord, Model, Node, Size, rule
from archlint_rules.shapes.declared import entries, rewritten, without_channels
from archlint_rules.wording import name_of, shape_text


@rule("ARC121", "input-shape-missing-channel", severity="error", category="shapes", fix="unsafe")
def input_shape_missing_channel(model: Model) -> Iterator[Finding]:
    """`Input((28, 28))` before a Conv2D."""
    for node, record in without_channels(model):
        yield finding(model, node, record)


def finding(model: Model, node: Node, record: InputRecord) -> Finding:
    """The shape with one channel, in the layer's own layout."""
    assert record.shape is not None
    sides, demand = record.shape[1:], node.out.demand
    roles = demand.roles if demand is not None else ()
    last = not roles or roles[-1] == "channel"
    names = ("L",) if len(sides) == 1 else ("H", "W") if len(sides) == 2 else ("D", "H", "W")
    layout = ", ".join((*names, "C") if last else ("C", *names))
    full: tuple[Size, ...] = (*sides, 1) if last else (1, *sides)
    what = "a grey picture" if len(sides) == 2 else "a signal of one channel"
    return Finding(
        record.span,
        f"the input shape {entries(sides)} has no channels: {name_of(node)} takes ({layout}) and gets "
        f"{shape_text(record.shape)}",
        label=f"{what} is {entries(full)}",
        help=f"declare {entries(full)}, and give the data that axis: x[..., None]" if last else
        f"declare {entries(full)}, and give the data that axis: x[:, None]",
        layer=node.path,
        edits=rewritten(model, record, full),
    )  # fmt: skip
