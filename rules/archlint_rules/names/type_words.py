"""Names that say what kind of layer they are, `conv1`, `fc`, `bn2`, and which layers they cannot be."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from archlint.rule import Node

_NAME = re.compile(r"([a-z]+?)(?:_?[123]d)?(?:_?layer)?(?:_?\d+)*[a-d]?")
_POOLS = ("pool", "adaptive_pool", "global_pool")
_NO_PRODUCT = ("norm", "dropout", "recurrent", "activation", *_POOLS)


@dataclass(frozen=True, slots=True)
class Word:
    """A kind of layer by name: which layers it cannot be, and whether it has weights."""

    wrong: Callable[[Node], bool]
    weighted: bool = False


def simple(node: Node) -> str:
    """`batchnorm2d` of `torch.nn.BatchNorm2d`, `batchnorm` of `tf_slim.batch_norm`."""
    return node.op.rpartition(".")[2].lower().replace("_", "")


def word_of(name: str) -> str:
    """The kind of layer in a name that says nothing else: `conv` of `conv2_1`; "" for `conv_head`, `upconv`."""
    found = _NAME.fullmatch(name.lower())
    return found[1] if found is not None and found[1] in WORDS else ""


def _is(*families: str) -> Callable[[Node], bool]:
    return lambda node: node.family in families


def _not_called(part: str, *families: str) -> Callable[[Node], bool]:
    """Another layer of the kind, or of another kind: `lstm` is neither a GRU nor a convolution."""
    return lambda node: node.family in families and part not in simple(node)


def _wide(node: Node) -> bool:
    """Does a convolution see more than one position, and keep the border: no dense layer in another form?"""
    kernel = [k for k, _ in node.out.window]
    padding = node.args.get("padding")
    same = padding.lower() == "same" if isinstance(padding, str) else isinstance(padding, int) and padding > 0
    return node.family == "conv" and bool(kernel) and all(isinstance(k, int) and k > 1 for k in kernel) and same


def _fully_connected(node: Node) -> bool:
    return _wide(node) or node.family in _NO_PRODUCT


def _pooling(node: Node) -> bool:
    """`pool` may be a convolution with a stride, and the dense layer that pools tokens."""
    if node.family == "conv":
        strides = node.args.get("stride", node.args.get("strides"))
        return strides in (1, (1, 1), (1,), (1, 1, 1))
    return node.family in ("norm", "dropout", "recurrent", "activation")


def _max_pooling(node: Node) -> bool:
    return _pooling(node) or (node.family in _POOLS and "avg" in simple(node).replace("average", "avg"))


def _average_pooling(node: Node) -> bool:
    return _pooling(node) or (node.family in _POOLS and "max" in simple(node))


def _not_layer_norm(node: Node) -> bool:
    """A group norm of one group is a layer norm over all of a sample: `nn.GroupNorm(1, dim)`."""
    one_group = "groupnorm" in simple(node) and node.args.get("num_groups", node.args.get("groups")) == 1
    return not one_group and "rms" not in simple(node) and _not_called("layernorm", *_KINDS)(node)


def _rectifier(node: Node) -> bool:
    return node.family == "activation" and simple(node) in _OTHER_ACTIVATIONS


_OTHER_ACTIVATIONS = (
    "gelu", "silu", "swish", "mish", "hardswish", "tanh", "sigmoid", "hardsigmoid", "softmax", "logsoftmax", "softplus",
)  # fmt: skip
_KINDS = ("conv", "conv_transpose", "dense", "norm", "dropout", "recurrent", "activation", *_POOLS)

_convolution = Word(_not_called("conv", "dense", *_NO_PRODUCT), weighted=True)  # `conv1` may be a ConvLSTM2D
_batch_norm = Word(_not_called("batchnorm", *_KINDS))
_dropout = Word(_is("conv", "conv_transpose", "dense", "norm", "recurrent", "activation", *_POOLS))

WORDS: dict[str, Word] = {
    "conv": _convolution, "convolution": _convolution,
    "fc": Word(_fully_connected, True), "linear": Word(_is(*_NO_PRODUCT), True), "dense": Word(_is(*_NO_PRODUCT)),
    "pool": Word(_pooling), "maxpool": Word(_max_pooling), "avgpool": Word(_average_pooling),
    "bn": _batch_norm, "batchnorm": _batch_norm,
    "layernorm": Word(_not_layer_norm),
    "groupnorm": Word(_not_called("groupnorm", *_KINDS)),
    "lstm": Word(_not_called("lstm", *_KINDS), True), "gru": Word(_not_called("gru", *_KINDS), True),
    "softmax": Word(_not_called("softmax", *_KINDS)),
    "sigmoid": Word(_not_called("sigmoid", *_KINDS)),
    "tanh": Word(_not_called("tanh", *_KINDS)),
    "gelu": Word(_not_called("gelu", *_KINDS)),
    "relu": Word(lambda node: _rectifier(node) or (node.family in _KINDS and node.family != "activation")),
    "dropout": _dropout,
}  # fmt: skip

_OWN_NAMES = {
    "conv": "conv", "conv_transpose": "deconv", "dense": "fc", "norm": "norm", "dropout": "dropout",
    "pool": "pool", "adaptive_pool": "pool", "global_pool": "pool",
}  # fmt: skip


def fitting(node: Node, name: str, word: str) -> str:
    """The name with the word for what the layer is: `conv1` of a dense layer becomes `fc1`."""
    own = _OWN_NAMES.get(node.family) or simple(node)
    if node.family == "norm":
        own = "bn" if "batchnorm" in simple(node) else "norm"
    rest = re.fullmatch(rf"(?i:{word})(?:_?[123]d)?(.*)", name)
    return own + (rest[1] if rest is not None else "")
