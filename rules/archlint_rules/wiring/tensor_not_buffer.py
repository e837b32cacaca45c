"""A tensor in a plain attribute that the forward pass adds to what comes in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archlint.rule import Edit, FileFacts, Finding, Label, Model, Node, Slip, Span, rule
from archlint_rules.flow import ancestors, block_of, value_assigned
from archlint_rules.wiring.places import met, text_at

_MOVED = re.compile(
    r"device|\.to\(|\.cuda\(|\.cpu\(|type_as|_apply|new_tensor|register_buffer|Parameter\(|requires_grad"
)
"""Words of a class that knows where its tensors are, or that registers them in another way."""


@rule("ARC619", "tensor-not-buffer", severity="warning", confidence="likely", category="wiring", fix="safe")
def tensor_not_buffer(model: Model) -> Iterator[Finding]:
    facts = model.file
    if facts is None or model.framework != "torch":
        return
    for slip in met(facts, "tensor attribute"):
        held = facts.index.classes.get(slip.subject.partition(".")[0])
        if held is None or _MOVED.search(block_of(facts, Span(facts.path, held.start, held.end))):
            continue
        use = next(uses(model, slip), None)
        if use is not None:
            yield finding(facts, slip, use)


def uses(model: Model, slip: Slip) -> Iterator[Node]:
    """Where arithmetic joins the tensor with one that depends on an input; a single number may stay on the CPU."""
    for node in model.nodes:
        if node.family == "variable" and node.span == slip.places[0] and node.output.shape:
            for user in model.graph.consumers(node.id):
                others = [n for n in model.graph.producers(user.id) if n.id != node.id]
                arithmetic = user.family in ("arithmetic", "elementwise", "binary", "matmul", "merge")
                if arithmetic and any(n.family == "input" for o in others for n in (o, *ancestors(model, o))):
                    yield user


def finding(facts: FileFacts, slip: Slip, use: Node) -> Finding:
    attr = slip.subject.partition(".")[2]
    return Finding(
        slip.span,
        f"`self.{attr}` is a plain tensor: to(device) leaves it on the CPU, and state_dict() does not save it",
        label="not registered",
        related=(Label(use.span, "meets the input here, which may be on another device"),),
        help=f'write self.register_buffer("{attr}", …)',
        layer=attr,
        edits=tuple(edits(facts, slip, attr)),
        safe=True,
    )


def edits(facts: FileFacts, slip: Slip, attr: str) -> Iterator[Edit]:
    """`self.pe = …` becomes `self.register_buffer("pe", …)`."""
    value = value_assigned(facts, slip.span)
    before = Span(slip.span.path, slip.span.start - 5, slip.span.end)
    if value is not None and text_at(facts, before) == f"self.{attr}":
        yield Edit(Span(value.path, before.start, value.start), f'self.register_buffer("{attr}", ')
        yield Edit(Span(value.path, value.end, value.end), ")")
