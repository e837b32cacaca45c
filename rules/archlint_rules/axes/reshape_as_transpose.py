"""ARC203: a reshape that reads in memory order what the code means to swap."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from archlint.rule import (
    Finding,
    Mixed,
    Model,
    Node,
    Shape,
    batch_axis,
    needs_transposition,
    proven_equal,
    rule,
    show,
    torn_apart,
)  # fmt: skip
from archlint_rules.axes.named_axes import named_order
from archlint_rules.flow import PASSIVE, consumers, place, producer
from archlint_rules.recurrent.hidden_state_view import mixes_samples
from archlint_rules.training.enclosing import Def, around
from archlint_rules.wording import caret, input_shape, name_of, output_shape, produced

ELEMENTWISE = PASSIVE - {"norm"} | {"elementwise"}
"""Families to which an order of axes is nothing: a norm has one."""


@rule("ARC203", "reshape-as-transpose", severity="warning", confidence="likely", category="axes")
def reshape_as_transpose(model: Model) -> Iterator[Finding]:
    """Reshapes of data whose target names the axes in another order than memory has them."""
    fed = batch_axis(model).fed
    seen: set[object] = set()
    for node in model.family("reshape"):
        if not node.inputs or node.inputs[0].node not in fed or place(node) in seen or state_of_rnn(model, node):
            continue
        before, after = node.inputs[0].shape, node.output.shape
        mixed = needs_transposition(before, after) or exchanged(model, node) or torn_apart(before, after)
        if mixed is None or skews(model, node, mixed) or may_be_single(node.inputs[0].shape, mixed):
            continue
        if not undoes(model, node) and not put_back(model, node) and not held_at_one(model, node):
            seen.add(place(node))
            yield finding(model, node, mixed)


def exchanged(model: Model, node: Node) -> Mixed | None:
    """`x.view(x.size(0), x.size(2), x.size(1))` says which axes it means, even where all sizes are numbers."""
    order = named_order(model, node)
    turned = [i for i, axis in enumerate(order or ()) if i != axis]
    if order is None or not turned:
        return None
    shape = node.inputs[0].shape
    long = [axis for axis in order if shape is not None and not proven_equal(shape[axis], 1)]
    early, late = sorted((order[turned[0]], order[turned[-1]]))
    return Mixed(order, early, late) if long != sorted(long) else None


def held_at_one(model: Model, node: Node) -> bool:
    """Does a test before it let only axes of size 1 pass: `if height != 1: raise ValueError(…)`?"""
    inside = around(model.file, node.span) or []
    function = next((n for n in reversed(inside) if isinstance(n, Def)), None)
    for statement in ast.walk(function) if function is not None else ():
        if isinstance(statement, (ast.If, ast.Assert)) and isinstance(statement.test, ast.Compare):
            wanted = ast.Eq if isinstance(statement, ast.Assert) else ast.NotEq
            refuses = isinstance(statement, ast.Assert) or isinstance(statement.body[-1], ast.Raise)
            ones = [isinstance(c, ast.Constant) and c.value == 1 for c in statement.test.comparators]
            if refuses and isinstance(statement.test.ops[0], wanted) and ones == [True]:
                return True
    return False


def state_of_rnn(model: Model, node: Node) -> bool:
    """`h.view(N, -1)` of `out, (h, c) = self.rnn(x)` is ARC306, with a way out of its own."""
    tensor = node.inputs[0]
    direct = tensor.node >= 0 and model.graph[tensor.node].family == "recurrent" and tensor.slot > 0
    return direct or mixes_samples(model, node) is not None


def skews(model: Model, node: Node, mixed: Mixed) -> bool:
    """Was one axis made longer just for this?  `(T, T + 1)`, read as `(T + 1, T)`, shifts each row by one more."""
    made = producer(model, node, ELEMENTWISE)
    if made is None or made.family != "concat":
        return made is not None and made.family == "pad"
    shapes = [t.shape for t in made.inputs if t.shape is not None and len(t.shape) > max(mixed.early, mixed.late)]
    return any(proven_equal(shape[axis], 1) for shape in shapes for axis in (mixed.early, mixed.late))


def may_be_single(shape: Shape, mixed: Mixed) -> bool:
    """Is nothing swapped where the map has shrunk to one position: `conv(x).view(-1, 256)` with `H//8 - 3` rows?"""
    sizes = shape or ()
    long = [axis for axis in mixed.order if axis < len(sizes) and not proven_equal(sizes[axis], 1)]
    long = [axis for axis in long if "//" not in show(sizes[axis])]
    return long == sorted(long)


def undoes(model: Model, node: Node) -> bool:
    """Does it put back the axes that a reshape before it took apart?"""
    made = producer(model, node, ELEMENTWISE)
    return made is not None and made.family == "reshape" and equal(made.inputs[0].shape, node.output.shape)


def put_back(model: Model, node: Node) -> bool:
    """Is every use a reshape back to the axes before, with nothing between that looks at their order?"""
    users = consumers(model, node, ELEMENTWISE)
    before = node.inputs[0].shape
    return bool(users) and all(u.family == "reshape" and equal(u.output.shape, before) for u in users)


def equal(one: Shape, other: Shape) -> bool:
    """Are all sizes proven to be the same?"""
    return one is not None and other is not None and len(one) == len(other) and all(map(proven_equal, one, other))


def finding(model: Model, node: Node, mixed: Mixed) -> Finding:
    before = node.inputs[0]
    assert before.shape is not None
    early, late = show(before.shape[mixed.early]), show(before.shape[mixed.late])
    way = f".permute{mixed.order}" if model.framework == "torch" else f"a transposition to the order {mixed.order}"
    split = f"make it {mixed.split} first, then " if mixed.split else ""
    return Finding(
        caret(node),
        f"{name_of(node)} makes {output_shape(node)} of {input_shape(node)} in memory order: axes {mixed.early} "
        f"({early}) and {mixed.late} ({late}) get interleaved, not swapped",
        label=f"gives {output_shape(node)}",
        related=produced(model, before),
        help=f"{split}use {way}" if split else f"put {way} before the reshape",
        layer=node.path,
    )
