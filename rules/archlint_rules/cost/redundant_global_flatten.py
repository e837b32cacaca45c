"""Layers that hand on what they get: Flatten of vectors, pooling of one position, upsampling by one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archlint.rule import Edit, Finding, Model, Node, Span, rule
from archlint_rules.flow import place, text_of
from archlint_rules.wording import input_shape, name_of, output_shape, produced

_LAYERS = {"Flatten", "Permute", "GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalMaxPooling1D",
           "GlobalMaxPooling2D", "UpSampling1D", "UpSampling2D", "Upsample"}  # fmt: skip
"""Layers that are written to change something; a dropout of 0 or an Identity is a place that is kept free."""


@rule("ARC811", "redundant-global-flatten", severity="info", category="cost", fix="safe")
def redundant_global_flatten(model: Model) -> Iterator[Finding]:
    """Layers of Keras and torch.nn, written with their numbers, that change neither a size nor a value."""
    for node in model.nodes:
        name = node.op.rpartition(".")[2]
        if (
            name in _LAYERS
            and node.op.startswith(("torch.nn.", "keras.layers."))
            and nothing(node)
            and alone(model, node)
        ):
            edits = removal(model, place(node)) if model.framework == "keras" else ()
            yield Finding(
                place(node),
                f"{name_of(node)} does nothing: {input_shape(node)} -> {output_shape(node)}",
                related=produced(model, node.inputs[0]),
                help="leave it out",
                layer=node.path,
                edits=edits,
                safe=bool(edits),
            )


def nothing(node: Node) -> bool:
    """Is the output certainly the input?"""
    before, after = (node.inputs[0].shape if len(node.inputs) == 1 else None), node.output.shape
    if before is None or after is None or node.faults or node.unknown or len(before) != len(after):
        return False
    if None in before or before != after or "wrapper" in node.args:
        return False
    name = node.op.rpartition(".")[2]
    if name == "Flatten":
        return len(before) == 2 and node.args.get("start_dim", 1) == 1
    if name == "Permute":
        return node.args.get("dims") in (order := [*range(1, len(before))], tuple(order))
    if name.startswith("Global"):
        return bool(node.args.get("keepdims")) and all(size == 1 for size in before[1:-1])
    factor = node.args.get("size", node.args.get("scale_factor"))
    return factor in (1, (1, 1), [1, 1])


def alone(model: Model, node: Node) -> bool:
    """Is the layer applied once, in the file itself, and not in a branch or function that others call otherwise?"""
    twins = [n for n in model.nodes if n.layer == node.layer and n.layer is not None]
    models = model.file.models if model.file is not None else [model]
    same = [n for m in models for n in m.nodes if n.made_at == node.made_at and n.op == node.op]
    return len(twins) == 1 and not node.branch and not node.calls and all(nothing(n) for n in same)


def removal(model: Model, span: Span) -> tuple[Edit, ...]:
    """Takes an element of a list of layers away, with the comma and its line; a `model.add(...)` line too."""
    file = model.file
    if not text_of(file, span) or file is None:
        return ()
    text = file.lines.text
    start, end = text.rfind("\n", 0, span.start) + 1, text.find("\n", span.end) + 1
    line = text[start : end or len(text)]
    own = text[span.start : span.end]
    if re.fullmatch(rf"\s*(?:\w+\.add\({re.escape(own)}\)|{re.escape(own)},)\s*(?:#[^\n]*)?\n?", line):
        return (Edit(Span(span.path, start, end or len(text)), ""),)
    comma = re.match(r",[ ]*", text[span.end :])
    if comma and re.search(r"[\[(,][ ]*$", text[start : span.start]):
        return (Edit(Span(span.path, span.start, span.end + comma.end()), ""),)
    return ()
