"""ARC212: attention whose shares sum to 1 along another axis than the one they are summed over."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Finding, Label, Model, Node, Tensor, batch_axis, rule, show
from archlint_rules.axes.softmaxes import Softmax, softmaxes
from archlint_rules.flow import ancestors, consumers, place
from archlint_rules.wording import input_shape, name_of, produced

_PRODUCTS = frozenset(["operator@", "matmul", "bmm", "mm"])
_HANDS_ON = frozenset(["dropout", "identity", "cast", "permute", "join"])


@rule("ARC212", "softmax-axis-vs-consumer", severity="warning", confidence="likely", category="axes")
def softmax_axis_vs_consumer(model: Model) -> Iterator[Finding]:
    """Softmaxes of scores, a product of two tensors, along the axis that the product with the values keeps."""
    fed = batch_axis(model).fed
    for found in softmaxes(model):
        axis, rank = found.axis, found.tensor.rank
        if found.own or axis is None or rank is None or rank < 3 or axis < rank - 2 or not scores(model, found, fed):
            continue
        users = consumers(model, found.node, _HANDS_ON)
        summed = [summed_axis(model, found, user, fed) for user in users]
        other = 2 * rank - 3 - axis
        if users and all(s == other for s in summed):
            yield finding(model, found, users[0], axis, other)


def scores(model: Model, found: Softmax, fed: frozenset[int]) -> bool:
    """Is the tensor the product of two that depend on the input, scaled and masked perhaps?"""
    tensor = found.tensor
    while tensor.node >= 0:
        node = model.graph[tensor.node]
        if is_product(node):
            return len(node.inputs) == 2 and all(t.node in fed for t in node.inputs)
        if node.family not in ("elementwise", "dropout", "identity", "cast"):
            return False
        mine = [t for t in node.inputs if idents(t) == idents(tensor)]
        others = [t for t in node.inputs if idents(t) != idents(tensor)]
        if len(mine) != 1 or any(has_product(model, t) for t in others):
            return False  # routing by agreement adds one product to another
        tensor = mine[0]
    return False


def is_product(node: Node) -> bool:
    return node.family == "matmul" and node.op.rpartition(".")[2] in _PRODUCTS


def has_product(model: Model, tensor: Tensor) -> bool:
    if tensor.node < 0:
        return False
    node = model.graph[tensor.node]
    return any(n.family == "matmul" for n in (node, *ancestors(model, node)))


def idents(tensor: Tensor) -> list[list[int]]:
    """What each axis is made of."""
    return [[a.ident for a in axis] for axis in tensor.axes or ()]


def summed_axis(model: Model, found: Softmax, user: Node, fed: frozenset[int]) -> int | None:
    """The axis of the shares that a product with the values sums over; None where that is another operation."""
    if not is_product(user) or len(user.inputs) != 2:
        return None
    shares = [i for i, t in enumerate(user.inputs) if comes_from(model, t, found.node)]
    if len(shares) != 1:
        return None
    operand, values = user.inputs[shares[0]], user.inputs[1 - shares[0]]
    own = idents(operand)
    if values.node not in fed or of_softmax(model, values) or len(own) < 2:
        return None  # two tables of shares, one over the rows and one over the columns: co-attention
    flags = [user.args.get(f"{name}_{'ab'[shares[0]]}", False) for name in ("transpose", "adjoint")]
    if any(flag not in (True, False, None) for flag in flags):
        return None
    axis = own[-1 if (shares[0] == 0) != any(flags) else -2]
    places = [i for i, ident in enumerate(idents(found.tensor)) if ident == axis]
    return places[0] if len(places) == 1 else None


def comes_from(model: Model, tensor: Tensor, node: Node) -> bool:
    """Is it the value of a node, moved at most?"""
    while tensor.node >= 0:
        if tensor.node == node.id:
            return True
        maker = model.graph[tensor.node]
        if maker.family not in _HANDS_ON or not maker.inputs:
            return False
        tensor = maker.inputs[0]
    return False


def of_softmax(model: Model, tensor: Tensor) -> bool:
    """Is it the value of another softmax, moved at most?"""
    while tensor.node >= 0:
        maker = model.graph[tensor.node]
        if "softmax" in maker.op.lower():
            return True
        if maker.family not in _HANDS_ON or not maker.inputs:
            return False
        tensor = maker.inputs[0]
    return False


def finding(model: Model, found: Softmax, user: Node, axis: int, other: int) -> Finding:
    shape = found.tensor.shape
    assert shape is not None
    word = "dim" if model.framework == "torch" else "axis"
    right = -1 if other == len(shape) - 1 else -2
    return Finding(
        found.span,
        f"{found.name} runs along axis {axis} ({show(shape[axis])}) of {input_shape(found.node)}, but "
        f"{name_of(user)} sums over axis {other} ({show(shape[other])}): the shares that are summed do not add up to 1",
        related=(*produced(model, found.tensor), Label(place(user), f"sums over axis {other} of the shares here")),
        help=f"{word}={right} makes the shares of each sum add up to 1",
        layer=found.node.path,
    )
