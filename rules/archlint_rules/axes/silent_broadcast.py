"""ARC208: a column of one value per sample met by a row of one value per sample."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from archlint.rule import Edit, Finding, Model, Node, Span, Tensor, proven_equal, rule, show
from archlint_rules.flow import place, text_of
from archlint_rules.origins import axis_source
from archlint_rules.wording import caret, name_of, output_shape, produced, shape_text

MADE_BY = frozenset(["dense", "conv", "recurrent", "matmul", "embedding"])
"""Layers that give the 1; `x.unsqueeze(1) - x` and a reduction that keeps its axis mean every pair."""


@rule("ARC208", "silent-broadcast", severity="warning", category="axes", fix="unsafe")
def silent_broadcast(model: Model) -> Iterator[Finding]:
    """(N, 1) of a layer against (N,), element by element."""
    seen: set[Span] = set()
    for node in model.family("elementwise"):
        if len(node.inputs) != 2 or node.span in seen or node.op.startswith("keras.layers."):
            continue
        for column, row in (node.inputs, node.inputs[::-1]):
            if crossed(column, row) and from_layer(model, column):
                seen.add(node.span)
                yield finding(model, node, column, row)


def crossed(column: Tensor, row: Tensor) -> bool:
    """Is it (N, 1), or (N, 1, 1), against (N,), with the batch first in both?"""
    if not column.shape or not row.shape or not column.axes or not row.axes:
        return False
    if len(row.shape) != 1 or len(column.shape) < 2 or not all(proven_equal(s, 1) for s in column.shape[1:]):
        return False
    if [a.role for a in column.axes[0]] != ["batch"] or [a.role for a in row.axes[0]] != ["batch"]:
        return False
    return proven_equal(column.shape[0], row.shape[0]) and not proven_equal(row.shape[0], 1)


def from_layer(model: Model, column: Tensor) -> bool:
    """Is the last 1 the one unit of a layer?"""
    source = axis_source(model, column, -1)
    return source is not None and source.family in MADE_BY


def finding(model: Model, node: Node, column: Tensor, row: Tensor) -> Finding:
    assert row.shape is not None
    batch = show(row.shape[0])
    return Finding(
        caret(node),
        f"{name_of(node)} pairs {shape_text(column.shape)} with {shape_text(row.shape)} and gives "
        f"{output_shape(node)}: each of the {batch} samples meets all {batch}",
        label=f"gives {output_shape(node)}",
        related=(*produced(model, column), *(label for label in produced(model, row) if label.span != place(node))),
        help="drop the axis of 1 with squeeze(-1), or give the other side one with unsqueeze(-1)",
        layer=node.path,
        edits=squeezed(model, node, column),
    )


def squeezed(model: Model, node: Node, column: Tensor) -> tuple[Edit, ...]:
    """`self.fc(x) - y` becomes `self.fc(x).squeeze(-1) - y`."""
    text = text_of(model.file, node.span)
    try:
        found = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError):
        return ()
    if model.framework != "torch" or not isinstance(found, ast.BinOp) or "\n" in text or not text.isascii():
        return ()
    side = found.left if column is node.inputs[0] else found.right
    if not isinstance(side, (ast.Call, ast.Name, ast.Attribute)) or side.end_col_offset is None:
        return ()
    at = node.span.start + side.end_col_offset
    return (Edit(Span(node.span.path, at, at), ".squeeze(-1)"),)
