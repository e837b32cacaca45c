"""What the last operation of a layer does to the values: softmax, sigmoid, ReLU …, and where it can be read off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from archlint.graph import LayerGraph, Node
from archlint.values import External, Function, Layer, Tensor

_KINDS = {
    "softmax": "softmax", "softmax2d": "softmax", "log_softmax": "log_softmax", "logsoftmax": "log_softmax",
    "sigmoid": "sigmoid", "expit": "sigmoid", "hardsigmoid": "hard_sigmoid", "hard_sigmoid": "hard_sigmoid",
    "logsigmoid": "log_sigmoid", "log_sigmoid": "log_sigmoid", "tanh": "tanh", "relu": "relu", "relu_": "relu",
    "relu6": "relu", "linear": "linear", "softplus": "softplus",
}  # fmt: skip

RANGES = {
    "softmax": "[0, 1]", "sigmoid": "[0, 1]", "hard_sigmoid": "[0, 1]", "tanh": "[-1, 1]", "relu": "[0, inf)",
    "softplus": "(0, inf)", "log_softmax": "(-inf, 0]", "log_sigmoid": "(-inf, 0]", "linear": "(-inf, inf)",
}  # fmt: skip
"""Which values come out."""

_OWN = frozenset(["dense", "conv", "conv_transpose"])
"""Families whose Keras and `tf.layers` members take `activation=`."""

_KEPT = frozenset(["reshape", "flatten", "permute", "index"])
"""Families that move values or leave some out, and change none."""

_SAME = frozenset(
    ["Identity", "identity", "detach", "contiguous", "clone", "cpu", "cuda", "float", "double", "half", "bfloat16",
     "to", "type_as", "stop_gradient", "guarantee_const", "ensure_shape", "convert_to_tensor"]
)  # fmt: skip
"""Functions that give the same values, on another device or as another type."""


@dataclass(frozen=True, slots=True)
class Ending:
    """The last operation that makes the values of a tensor: its kind, the node that applies it.

    axis: of a softmax, as stated.  own: by `activation=` of a layer with weights.  moved: the nodes behind it, which
    move values and change none, the one nearest to the tensor first.
    """

    kind: str
    node: Node
    axis: Any = None
    own: bool = False
    moved: tuple[Node, ...] = ()


def ending(graph: LayerGraph, tensor: Tensor) -> Ending | None:
    """What makes the values of a tensor; None where that is another operation, or not known."""
    moved: list[Node] = []
    while 0 <= tensor.node < len(graph.nodes):
        node = graph[tensor.node]
        if keeps_values(node):
            moved.append(node)
            tensor = node.inputs[0]
            continue
        found = activation(node)
        if found is None:
            return None
        own = node.family in _OWN
        return Ending(found, node, -1 if own else axis_of(node), own, tuple(moved))
    return None


def keeps_values(node: Node) -> bool:
    """Are the output's values some or all of the first input's?"""
    if not node.inputs or node.output.dtype in ("int64", "int32", "bool", "uint8"):
        return False
    name = node.op.rpartition(".")[2]
    if node.family in ("identity", "cast"):
        return name in _SAME
    if name == "Activation":
        return named(node.args.get("activation")) == "linear"
    return node.family in _KEPT and "RepeatVector" not in name


def activation(node: Node) -> str | None:
    """The kind of function that a node ends in: `softmax`, `linear` for weights alone; None if not known."""
    name = node.op.rpartition(".")[2]
    if node.family in _OWN:
        if not node.op.startswith(("keras.", "tensorflow.layers.")):
            return "linear"
        return named(node.args["activation"]) if "activation" in node.args else None
    if node.family != "activation":
        return None
    if name == "Activation":
        return named(node.args.get("activation"))
    if name == "ReLU" and node.op.startswith("keras."):
        plain = node.args.get("negative_slope", 0.0) == 0 and node.args.get("threshold", 0.0) == 0
        return "relu" if plain else None
    return _KINDS.get(name.lower())


def named(value: Any) -> str | None:
    """The kind that `activation=…` means: a name, a function, a layer; `linear` for None."""
    if value is None:
        return "linear"
    if isinstance(value, Layer):
        value = value.spec.name
    elif isinstance(value, External):
        value = value.name
    elif isinstance(value, Function) or not isinstance(value, str):
        return None
    return _KINDS.get(value.rpartition(".")[2].lower())


def axis_of(node: Node) -> Any:
    """The axis that a softmax states, None if it leaves the choice to the framework."""
    if node.op.rpartition(".")[2] == "Softmax2d":
        return -3
    stated = node.args.get("dim", node.args.get("axis"))
    return -1 if stated is None and not node.op.startswith("torch.") else stated
