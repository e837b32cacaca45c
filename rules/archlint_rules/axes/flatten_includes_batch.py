"""ARC202: a flatten that takes the batch into the row of numbers that a linear layer reads."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archlint.rule import Edit, Finding, Label, Model, Node, Span, divide, product, proven_equal, rule, show
from archlint_rules.flow import PASSIVE, ancestors, consumers, place, text_of
from archlint_rules.origins import is_entry, record_of
from archlint_rules.wording import caret, input_shape, name_of, output_shape, produced, size_text


@rule("ARC202", "flatten-includes-batch", severity="error", category="axes", fix="unsafe")
def flatten_includes_batch(model: Model) -> Iterator[Finding]:
    """Flattens of all axes, the batch among them, whose row goes into a linear layer."""
    for node, head in rows(model):
        yield finding(model, node, head)


def rows(model: Model) -> list[tuple[Node, Node]]:
    """Each such flatten and the linear layer that reads the row, the first of several at one place."""
    found: dict[Span, tuple[Node, Node]] = {}
    for node in (*model.family("flatten"), *model.family("reshape")) if model.framework == "torch" else ():
        if place(node) in found or not takes_batch(node) or not batched(model, node):
            continue
        head = next((n for n in consumers(model, node, PASSIVE) if n.family == "dense"), None)
        if head is not None:
            found[place(node)] = (node, head)
    return list(found.values())


def takes_batch(node: Node) -> bool:
    """Is it (N, …) -> (N*k,)?  (N, 1) -> (N,) keeps a number for each sample."""
    if not node.inputs or len(node.output.shape or ()) != 1:
        return False
    before = node.inputs[0]
    if before.shape is None or len(before.shape) < 2 or before.axes is None:
        return False
    return [a.role for a in before.axes[0]] == ["batch"] and not proven_equal(product(before.shape[1:]), 1)


def batched(model: Model, node: Node) -> bool:
    """Is it certain that there is a batch?  A convolution also takes one picture, (C, H, W), and says nothing.

    A batch norm does not, nor does an entry whose shape the user states.
    """
    above = ancestors(model, node)
    if any("BatchNorm" in n.op for n in above):
        return True
    records = [record_of(model, n) for n in above if is_entry(n)]
    return bool(records) and all(r is not None and r.source not in ("first layer", "open") for r in records)


def finding(model: Model, node: Node, head: Node) -> Finding:
    before = node.inputs[0].shape
    assert before is not None
    sample, declared = product(before[1:]), head.args.get("in_features")
    notes = []
    times = divide(declared, sample) if isinstance(declared, int) else None
    if isinstance(times, int) and times > 0:
        notes.append(f"in_features={declared} of {name_of(head)} fits batches of {times} only")
    return Finding(
        caret(node, "start_dim"),
        f"{name_of(node)} flattens the batch too: {input_shape(node)} becomes {output_shape(node)}",
        related=(*produced(model, node.inputs[0]), Label(place(head), f"{name_of(head)} reads the row here")),
        help=f"keep the batch: flatten(1) gives ({show(before[0])}, {size_text(sample)})",
        notes=tuple(notes),
        layer=node.path,
        edits=kept(model, node),
    )


def kept(model: Model, node: Node) -> tuple[Edit, ...]:
    """`x.flatten()`, `x.view(-1)` become `x.flatten(1)`, `nn.Flatten(0)` becomes `nn.Flatten(1)`."""
    start = node.arg_spans.get("start_dim")
    if start is not None:
        name, equals, value = text_of(model.file, start).rpartition("=")
        return (Edit(start, f"{name}{equals}1"),) if value.strip() == "0" else ()
    text = text_of(model.file, node.span)
    for pattern, new in (
        (r"\.flatten\(\s*\)$", ".flatten(1)"),
        (r"\.(view|reshape)\(\s*-\s*1\s*,?\s*\)$", ".flatten(1)"),
    ):
        found = re.search(pattern, text)
        if found is not None:
            return (Edit(Span(node.span.path, node.span.start + found.start(), node.span.end), new),)
    found = re.fullmatch(r"torch\.flatten\((?P<what>[^,()]+)\)", text)
    end = node.span.end - 1
    return (Edit(Span(node.span.path, end, end), ", 1"),) if found is not None else ()
