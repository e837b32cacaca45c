"""Is a fault certain?  A tensor may have been given its form by a part of the program that does not run with it.

def forward(self, x, context=None):
    if self.colour:
        x = self.rgb(x)          # takes x as (N, 3, H, W), but only in colour
    else:
        x = self.grey(x)         # no fault here: in this mode x is another tensor
    context = x if context is None else context
    return self.attend(context)  # nor here: whoever gives a context gives the right one
"""

from __future__ import annotations

import re

from archlint.rule import Fault, InputRecord, Model, Node, Span
from archlint_rules.flow import ancestors, text_of
from archlint_rules.origins import axis_source, is_entry, readers, record_of


def certain(model: Model, node: Node, fault: Fault) -> bool:
    """Does the fault hold on every way through the program that reaches the node?"""
    return not spared_alternative(model, node) and all(settled(model, node, e) for e in entries(model, node, fault))


def alternatives(model: Model, node: Node) -> list[Node]:
    """What one call may run: `conv = Conv2d if dims == 2 else Conv3d`, and then `conv(x)`."""
    for joined in model.graph.consumers(node.id):
        if joined.family == "join" and joined.span == node.span:
            return [n for n in model.graph.producers(joined.id) if n.span == node.span]
    return [node]


def spared_alternative(model: Model, node: Node) -> bool:
    """Is there another option for the call that does not fail?"""
    return any(not other.faults for other in alternatives(model, node))


def entries(model: Model, node: Node, fault: Fault) -> list[Node]:
    """The entry tensors that the fault is about: the one that gave a channel axis its size, else all above."""
    if fault.kind in ("channels", "features") and fault.axis is not None and node.inputs:
        source = axis_source(model, node.inputs[0], fault.axis)
        return [source] if source is not None and is_entry(source) else []
    return [n for n in ancestors(model, node) if is_entry(n)]


def settled(model: Model, node: Node, entry: Node) -> bool:
    """Is the entry's form stated, or taken from a layer that always runs before the node, on the tensor so named?"""
    record = record_of(model, entry)
    if record is None or record.source != "first layer":
        return True
    takers = readers(model, entry)
    if not takers:
        return False
    first = takers[0]
    if node.branch[: len(first.branch)] != first.branch or len(alternatives(model, first)) > 1:
        return False
    above = {n.id for n in ancestors(model, node)} | {node.id}
    return all(named(model, reader, record) for reader in takers if reader.id in above)


def named(model: Model, reader: Node, record: InputRecord) -> bool:
    """Does the call that reads the entry name it?  Under another name it may be another tensor for other callers."""
    if text_of(model.file, record.span) != record.name:
        return True  # the input of a Sequential has no name
    word = re.compile(rf"\b{re.escape(record.name)}\b")
    calls = [
        s
        for s in (reader.span, *reader.calls)
        if not (s.path == record.span.path and s.start <= record.span.start < s.end)
    ]
    return any(word.search(text(model, span)) for span in calls)


def text(model: Model, span: Span) -> str:
    """The source of a place in the model's file."""
    file = model.file
    return file.lines.text[span.start : span.end] if file is not None and file.path == span.path else ""
