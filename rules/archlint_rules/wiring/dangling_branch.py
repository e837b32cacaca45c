"""ARC613: a layer of a functional Keras model that is built and leads to no output."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archlint.rule import AsideRecord, Finding, Label, Model, Node, rule
from archlint_rules.wording import name_of, output_shape

_OTHER_USES = re.compile(r"add_loss|add_metric|activity_regularizer|\.function\(|\.outputs?\b")
"""Ways to reach a tensor that no name leads to."""


@rule("ARC613", "dangling-branch", severity="warning", category="wiring")
def dangling_branch(model: Model) -> Iterator[Finding]:
    """Layers applied to the model's tensors whose outputs no model has, and no code reads."""
    if model.file is None or _OTHER_USES.search(model.file.lines.text):
        return
    for record in model.aside:
        if record.span in model.file.flow.unread and not record.read:
            yield finding(model, record, model.file.flow.unread[record.span].name)


def finding(model: Model, record: AsideRecord, name: str) -> Finding:
    source = model.graph[record.reads[0]]
    other = reader(model, source, record)
    layer = f"`{record.op.rpartition('.')[2]}`"
    why = f"no code reads this `{name}`" if name else "the call stands alone"
    taken = f"; {name_of(other)} takes the {output_shape(source)} that it took" if other is not None else ""
    return Finding(
        record.span,
        f"{layer} is built but not part of the model: {why}{taken}",
        label="leads to no output",
        related=(Label(other.span, f"{name_of(other)} reads what came before"),) if other is not None else (),
        help=(f"hand `{name}` on to what comes next" if name else "use its value") + ", or delete the layer",
        notes=("Keras says nothing: the model has only the layers between its inputs and outputs",),
        layer=record.path,
    )


def reader(model: Model, source: Node, record: AsideRecord) -> Node | None:
    """The next layer of the model that reads the same tensor."""
    return next((n for n in model.graph.consumers(source.id) if n.span.start > record.span.start), None)
