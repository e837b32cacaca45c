"""TimeDistributed around a layer that acts on the last axis anyway."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archlint.rule import Finding, Model, Node, Size, Span, product, rule, show
from archlint_rules.amounts import number
from archlint_rules.wording import op_name

_LAST_AXIS = {
    "keras.layers.Dense",
    "keras.layers.Activation",
    "keras.layers.ReLU",
    "keras.layers.LeakyReLU",
    "keras.layers.LayerNormalization",
}
"""Layers that give every vector on the last axis the same treatment, whatever the axes before it."""

_KERAS_1 = re.compile(
    r"\b(nb_filter|nb_row|nb_epoch|border_mode|subsample|W_regularizer|inner_activation|samples_per_epoch"
    r"|TimeDistributedDense)\b|\bDense\(\s*output_dim\b"
)
"""Words of Keras 1, whose Dense took two axes only."""


@rule("ARC205", "timedistributed-dense-redundant", severity="info", category="recurrent")
def timedistributed_dense_redundant(model: Model) -> Iterator[Finding]:
    if model.file is None or _KERAS_1.search(model.file.lines.text):
        return
    wrapped: dict[Span, list[Node]] = {}
    for node in model.nodes:
        if node.args.get("wrapper") == "keras.layers.TimeDistributed" and node.made_at is not None:
            wrapped.setdefault(node.made_at, []).append(node)
    for span, nodes in wrapped.items():
        if all(last_axis_only(node) for node in nodes):
            yield finding(span, nodes)


def last_axis_only(node: Node) -> bool:
    """Would the layer do the same without the wrapper?"""
    if node.op not in _LAST_AXIS or node.faults:
        return False
    if node.args.get("axis", -1) != -1 or node.args.get("dot_general_cls") is not None:
        return False
    return node.args.get("activation") != "softmax" or node.op == "keras.layers.Dense"


def finding(span: Span, nodes: list[Node]) -> Finding:
    inner, first = " and ".join(dict.fromkeys(op_name(n) for n in nodes)), nodes[0]
    params = nodes[0].out.params if len(nodes) == 1 else None
    same = f"both have {number(params)} parameters" if isinstance(params, int) and params else "the output is the same"
    return Finding(
        span,
        f"TimeDistributed({inner}) does what {inner} alone does: {same}",
        help=f"use {inner} without the wrapper: it acts on the last axis and leaves the steps apart",
        notes=tuple(flattened(first)),
        layer=first.path,
    )


def flattened(dense: Node) -> Iterator[str]:
    """What a Flatten in place of the wrapper would cost, in numbers."""
    before, units = dense.inputs[0].features, dense.args.get("units")
    steps: Size = dense.repeats
    if isinstance(before, int) and isinstance(units, int) and isinstance(steps, int) and steps > 1:
        bias = 0 if dense.args.get("use_bias") is False else units
        whole = product((steps, before, units))
        assert isinstance(whole, int)
        yield (
            f"a Flatten before Dense({show(units)}) is another model: {number(whole + bias)} parameters, "
            f"and every output reads all {steps} steps"
        )
