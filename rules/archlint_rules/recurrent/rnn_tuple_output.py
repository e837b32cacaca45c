"""The pair that a recurrent or attention layer returns, handed on as if it were a tensor."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Finding, Label, Model, Node, Slip, rule, show_shape
from archlint_rules.flow import applied_at, place
from archlint_rules.wording import name_of, op_name

_ONE_TENSOR = frozenset(
    ("dense", "conv", "conv_transpose", "pool", "global_pool", "norm", "activation", "softmax", "dropout", "flatten",
     "reshape", "permute", "reduce", "embedding")
)  # fmt: skip
"""Families whose layers take one tensor.  A Keras 2 recurrent layer takes its states in the same list."""


@rule("ARC305", "rnn-tuple-output", severity="error", category="recurrent")
def rnn_tuple_output(model: Model) -> Iterator[Finding]:
    for node in model.nodes:
        source = whole_result(model, node)
        if source is not None:
            yield finding(model, node, source)
    made = {node.span: node for node in model.nodes}
    for slip in model.file.slips if model.file is not None else ():
        if slip.kind == "result indexed" and slip.places[0] in made:
            yield indexed(made[slip.places[0]], slip)


def whole_result(model: Model, node: Node) -> Node | None:
    """The layer all of whose outputs arrive at once at a layer that takes one tensor."""
    if node.family not in _ONE_TENSOR or len(node.inputs) < 2 or node.inputs[0].node < 0:
        return None
    source = model.graph[node.inputs[0].node]
    arrived = [(t.node, t.slot) for t in node.inputs]
    made = [(source.id, slot) for slot in range(len(source.outputs))]
    return source if source.family in ("recurrent", "attention") and arrived == made else None


def indexed(source: Node, slip: Slip) -> Finding:
    """`out = self.rnn(x)`, and then `out[:, -1]`."""
    return Finding(
        slip.span,
        f"the whole result of {name_of(source)}, output and state, is indexed like a tensor: a tuple has no axes",
        label="a tuple",
        related=(Label(source.span, f"{op_name(source)} returns {shapes(source)}"),),
        help=f"unpack it, `{unpacking(source)}`, and index the output alone",
        layer=source.path,
    )


def shapes(source: Node) -> str:
    return ", ".join(show_shape(t.shape) for t in source.outputs)


def unpacking(source: Node) -> str:
    """`out, _ = rnn(x)`: PyTorch's layers give a pair, Keras' all states beside the output."""
    pair = len(source.outputs) == 2 or source.op.startswith("torch.")
    others = "_" if pair else ", ".join("_" for _ in source.outputs[1:])
    name = source.path.rpartition(".")[2]
    return f"out, {others} = {name if name.isidentifier() else 'rnn'}(x)"


def finding(model: Model, node: Node, source: Node) -> Finding:
    way = f"unpack it, `{unpacking(source)}`, and hand on the output alone"
    return Finding(
        applied_at(model, node),
        f"{name_of(node)} gets the whole result of {name_of(source)}, output and state, where it takes one tensor",
        label=f"gets {len(source.outputs)} tensors",
        related=(Label(place(source), f"{op_name(source)} returns {shapes(source)}"),),
        help=way if source.span != node.span else f"{way}; in a Sequential that needs a module of its own",
        layer=node.path,
    )
