"""What a layer keeps for its backward pass.

Read off `torch.autograd.graph.saved_tensors_hooks` for every operation named here (torch 2.13).  TensorFlow differs
in pooling: the gradient of a maximum takes input and output instead of indices, that of an average nothing.
Left out, so that every figure is a lower bound: statistics of norms, workspace, copies of strided inputs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from archlint.facts.storage import drops, short, width, writes_over
from archlint.graph import Node
from archlint.layers.tf.slim import POST_STEPS
from archlint.values import External


@dataclass(frozen=True, slots=True)
class Kept:
    """Inputs (by place) and first output that are kept, and bytes per output element that are made to be kept.

    `modelled` is False for layers that keep more than is listed.
    """

    inputs: tuple[int, ...] = ()
    output: bool = False
    extra: int = 0
    modelled: bool = True


NOTHING = Kept()
INPUT = Kept((0,))
OUTPUT = Kept(output=True)
INT64 = 8
MASK = 1

OF_OUTPUT = frozenset(
    ("relu", "sigmoid", "tanh", "softmax", "softmax2d", "logsoftmax", "exp", "sqrt", "rsqrt", "reciprocal")
)  # fmt: skip
"""Functions whose slope follows from their value."""

OF_RESULT = frozenset(("leakyrelu", "elu", "celu", "selu"))
"""Functions that keep their input, but their result when they write over it."""

OF_INPUT = frozenset(
    ("log", "log2", "log10", "log1p", "abs", "sin", "cos", "square", "pow", "erf", "clamp", "clip", "silu", "gelu",
     "softplus", "atan", "asin", "acos", "operator**")
)  # fmt: skip
OF_BOTH = frozenset(
    ("mul", "multiply", "div", "divide", "truediv", "maximum", "minimum", "bmm", "matmul", "mm", "einsum", "dot",
     "tensordot", "outer", "atan2", "operator*", "operator/", "operator@")
)  # fmt: skip
LINEAR = frozenset(
    ("input", "join", "variable", "constant", "create", "random", "identity", "cast", "setting", "shape", "bias",
     "flatten", "reshape", "permute", "rearrange", "index", "slice", "split", "concat", "stack", "pad", "crop",
     "upsample", "resize", "repeat", "tile", "reverse", "pixel_shuffle", "channel_shuffle", "unfold", "patches",
     "one_hot", "augment", "mask")
)  # fmt: skip
"""Families whose gradient needs no tensor: it only moves or scales numbers."""

NO_SLOPE = frozenset(("linear", "identity", "none"))


def kept(node: Node, framework: str) -> Kept:
    """What one application keeps, if gradients flow through all of it."""
    name = short(node.op)
    match node.family:
        case "conv" | "conv_transpose" | "dense":
            return _with_activation(node, INPUT)
        case "norm":
            return _with_activation(node, INPUT)
        case "matmul":
            return Kept((0, 1)) if len(node.inputs) > 1 else INPUT
        case "activation" | "softmax":
            return _in_place(node, _activation(node, name))
        case "pool" | "adaptive_pool" | "global_pool":
            return _pool(node, name, framework)
        case "dropout":
            # Dropout2d drops whole channels: its mask is small
            return Kept(extra=MASK) if drops(node) and name[-1] != "d" else NOTHING
        case "elementwise" | "merge":
            return _elementwise(node, name)
        case family if family in LINEAR:
            return NOTHING
        case "reduce":
            how = str(node.args.get("reduction", name)) if node.op.startswith("einops.") else name
            return NOTHING if how in ("mean", "sum", "reducemean", "reducesum", "cumsum") else INPUT
        case "embedding":
            return INPUT
        case "recurrent" | "attention":
            return Kept(tuple(range(len(node.inputs))), output=True, modelled=False)
    return Kept(modelled=False)


def _activation(node: Node, name: str) -> Kept:
    if name == "activation":
        named = activation_name(node.args.get("activation"))
        return Kept(modelled=False) if named is None else _slope(named)
    return _slope(name)


def _in_place(node: Node, keeps: Kept) -> Kept:
    """Written over its input: the slope follows from the result, or a copy of the input is made to be kept."""
    if not writes_over(node) or not keeps.inputs or short(node.op) in OF_RESULT:
        return keeps
    return Kept(extra=width(node.output))


def _slope(name: str) -> Kept:
    return NOTHING if name in NO_SLOPE else OUTPUT if name in OF_OUTPUT else INPUT


def _pool(node: Node, name: str, framework: str) -> Kept:
    if "max" in name:
        return Kept((0,), extra=INT64) if framework == "torch" else Kept((0,), output=True)
    # torch takes the mean for AdaptiveAvgPool2d(1), which keeps nothing
    return NOTHING if framework != "torch" or node.out.sees_all else INPUT


def _elementwise(node: Node, name: str) -> Kept:
    if name in OF_OUTPUT:
        return OUTPUT
    if name in OF_BOTH:
        return Kept(tuple(range(len(node.inputs)))) if len(node.inputs) > 1 else NOTHING
    return INPUT if name in OF_INPUT else NOTHING


def _with_activation(node: Node, own: Kept) -> Kept:
    """A layer with an activation inside: `Conv2D(32, 3, activation="relu")` keeps what relu keeps, too."""
    if node.op in POST_STEPS:
        return own  # slim's activation is a node of its own
    name = activation_name(node.args.get("activation", node.args.get("activation_fn")))
    if name is None:
        return Kept(own.inputs, modelled=False)
    slope = _slope(name) if name else NOTHING
    before = 4 if slope.inputs else 0  # its input is a tensor of its own, as large as the output
    return Kept(own.inputs, slope.output, before)


def activation_name(value: Any) -> str | None:
    """`relu` for "relu", `tf.nn.relu` or `nn.ReLU`; "" for no activation, None where it is not known."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.replace("_", "").lower()
    return short(value.name) if isinstance(value, External) else None
