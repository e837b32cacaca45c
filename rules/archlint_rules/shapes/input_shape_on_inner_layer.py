"""ARC123: an input shape stated by a layer that is not the first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from archlint.rule import Edit, Finding, Model, Node, Shape, Size, Span, proven_different, proven_equal, rule
from archlint_rules.flow import text_of
from archlint_rules.origins import is_entry, record_of
from archlint_rules.wording import name_of, produced, shape_text

_ARGUMENTS = ("input_shape", "batch_input_shape", "input_dim")


@rule("ARC123", "input-shape-on-inner-layer", severity="warning", category="shapes", fix="safe")
def input_shape_on_inner_layer(model: Model) -> Iterator[Finding]:
    """Keras reads `input_shape` of the first layer of a Sequential, and of no other."""
    seen: set[object] = set()
    for node in model.nodes if model.framework == "keras" else ():
        argument = next((a for a in _ARGUMENTS if a in node.arg_spans and node.args.get(a) is not None), "")
        if not argument or node.op == "keras.layers.Embedding" or not node.inputs or not inner(model, node):
            continue
        if node.made_at not in seen and node.inputs[0].shape is not None:
            seen.add(node.made_at)
            yield finding(model, node, argument)


def inner(model: Model, node: Node) -> bool:
    """Is it applied to a tensor that does not come of its own `input_shape`?

    The first layer of a Sequential that is itself a layer of another model stands apart from the call.
    """
    made, span = node.made_at, node.span
    if made is None or made.path != span.path or made.start != span.start or made.end > span.end:
        return False
    source = model.graph[node.inputs[0].node] if node.inputs[0].node >= 0 else None
    if source is None:
        return False
    record = record_of(model, source) if is_entry(source) else None
    return record is None or record.span != made


def finding(model: Model, node: Node, argument: str) -> Finding:
    """A warning where the stated shape is another than the tensor's, else a remark."""
    shape = node.inputs[0].shape
    wrong, span = disagrees(node.args[argument], argument, shape), node.arg_spans.get(argument)
    written = (text_of(model.file, span) if span is not None else "") or argument
    named = written if written.startswith(argument) else f"{argument}={written}"
    return Finding(
        span or node.span,
        f"{name_of(node)} is not the first layer: {named} is ignored, its input is {shape_text(shape)}",
        label="ignored" if wrong else "ignored, and says nothing new",
        related=produced(model, node.inputs[0]),
        help=f"delete {argument}",
        layer=node.path,
        severity=None if wrong else "info",
        edits=deletion(model, span),
        safe=True,
    )


def disagrees(stated: Any, argument: str, shape: Shape) -> bool:
    """Is the stated shape certainly another than the input's?"""
    assert shape is not None
    if argument == "input_dim":
        return isinstance(stated, int) and proven_different(stated, shape[-1])
    if not isinstance(stated, (tuple, list)):
        return False
    actual = shape if argument == "batch_input_shape" else shape[1:]
    return len(stated) != len(actual) or any(_other(a, b) for a, b in zip(stated, actual))


def _other(stated: Any, size: Size) -> bool:
    return isinstance(stated, int) and not proven_equal(stated, size) and proven_different(stated, size)


def deletion(model: Model, span: Span | None) -> tuple[Edit, ...]:
    """The edit that takes the argument out, with the comma that parts it from its neighbour."""
    file = model.file
    if span is None or file is None or file.path != span.path:
        return ()
    text, start, end = file.lines.text, span.start, span.end
    if named := re.search(r"\w+\s*=\s*$", text[:start]):
        start = named.start()
    before = text[:start].rstrip()
    if before.endswith(","):
        start = len(before) - 1
    else:
        after = text[end:].lstrip()
        if after.startswith(","):
            after = after[1:].lstrip(" ")
        end = len(text) - len(after)
    return (Edit(Span(span.path, start, end), ""),)
