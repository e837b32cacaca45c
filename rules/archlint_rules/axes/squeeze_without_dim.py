"""ARC207: a squeeze of all axes of 1, which takes the batch as well when it is one sample."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archlint.rule import (
    Edit,
    Finding,
    Model,
    Node,
    Size,
    Span,
    Tensor,
    batch_axis,
    proven_different,
    proven_equal,
    rule,
)  # fmt: skip
from archlint_rules.axes.sample_axes import batch_place, reaches_output, show_axes
from archlint_rules.flow import consumers, place, text_of
from archlint_rules.wording import input_shape, name_of, produced, shape_text

_RESTORES = frozenset(["reshape", "flatten"])


@rule("ARC207", "squeeze-without-dim", severity="warning", confidence="likely", category="axes", fix="unsafe")
def squeeze_without_dim(model: Model) -> Iterator[Finding]:
    """Squeezes without axis of a tensor with a batch of any size and another axis of 1."""
    batches = batch_axis(model)
    seen: set[Span] = set()
    for node in model.family("reshape"):
        tensor = node.inputs[0] if node.inputs else None
        if tensor is None or not squeezes_all(node) or tensor.node not in batches.fed or place(node) in seen:
            continue
        batch, ones = batch_place(tensor, batches.idents), axes_of_one(tensor)
        if batch is None or not ones or not may_be_one(tensor, batch) or not matters(model, node):
            continue
        seen.add(place(node))
        yield finding(model, node, tensor, batch, ones)


def squeezes_all(node: Node) -> bool:
    """Is it a squeeze that names no axis?"""
    if node.op.rpartition(".")[2] not in ("squeeze", "squeeze_"):
        return False
    return all(node.args.get(name) is None for name in ("dim", "axis", "squeeze_dims"))


def axes_of_one(tensor: Tensor) -> tuple[int, ...]:
    return tuple(i for i, size in enumerate(tensor.shape or ()) if proven_equal(size, 1))


def may_be_one(tensor: Tensor, batch: int) -> bool:
    """Is the batch of any size, as `N` is, and every other axis certainly 1 or certainly more?"""
    assert tensor.shape is not None
    others = [s for i, s in enumerate(tensor.shape) if i != batch]
    open_batch = not isinstance(tensor.shape[batch], int) and tensor.shape[batch] is not None
    return open_batch and not proven_different(tensor.shape[batch], 1) and None not in others


def matters(model: Model, node: Node) -> bool:
    """Does it reach the output with the axes that are left?  A reshape right after it states them anew."""
    users = consumers(model, node, frozenset(["activation", "dropout", "identity", "join"]))
    return not (users and all(u.family in _RESTORES for u in users)) and reaches_output(model, node)


def finding(model: Model, node: Node, tensor: Tensor, batch: int, ones: tuple[int, ...]) -> Finding:
    shape = tensor.shape
    assert shape is not None
    left: list[Size] = [s for i, s in enumerate(shape) if i not in ones]
    alone: list[Size] = [s for i, s in enumerate(shape) if i not in ones and i != batch]
    stated = show_axes(i - len(shape) for i in ones)
    word = "dim" if model.framework == "torch" else "axis"
    flat = ", or flatten(1)" if model.framework == "torch" and batch == 0 and len(ones) > 1 and len(left) == 2 else ""
    return Finding(
        place(node),
        f"{name_of(node)} also drops the batch when it is one sample: {input_shape(node)} becomes "
        f"{shape_text(tuple(left))}, and {shape_text(tuple(alone))} for a batch of 1",
        related=produced(model, tensor),
        help=f"name what is to go: squeeze({word}={stated}){flat}",
        layer=node.path,
        edits=named(model, node, stated, word) if len(ones) == 1 else (),
    )


def named(model: Model, node: Node, stated: str, word: str) -> tuple[Edit, ...]:
    """`x.squeeze()` becomes `x.squeeze(-1)`, `tf.squeeze(x)` becomes `tf.squeeze(x, axis=-1)`."""
    text, end = text_of(model.file, node.span), node.span.end - 1
    if "squeeze" not in text or "\n" in text:
        return ()
    if re.search(r"\.squeeze\(\s*\)$", text):
        return (Edit(Span(node.span.path, end, end), stated),)
    if re.fullmatch(r"[\w.]*squeeze\([^,=]+\)", text) and text.count("squeeze") == 1:
        return (Edit(Span(node.span.path, end, end), f", {word}={stated}"),)
    return ()
