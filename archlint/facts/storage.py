"""Which tensors are memory of their own, and which are another look at memory that exists already.

A reshape or a slice is a view, `nn.ReLU(inplace=True)` writes over its input, `Dropout` passes its input on when not
training.  Everything else computes a new storage.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

from archlint.dims import Dim
from archlint.facts.batch import Amount, Batch, entries
from archlint.graph import LayerGraph, Node
from archlint.model import Model
from archlint.values import SliceValue, Tensor

Place: TypeAlias = tuple[int, int]
"""(node, slot) of the tensor that a storage was made for."""

_BYTES = {
    "float64": 8, "double": 8, "float32": 4, "float": 4, "float16": 2, "half": 2, "bfloat16": 2, "int64": 8, "long": 8,
    "int32": 4, "int": 4, "int16": 2, "short": 2, "int8": 1, "uint8": 1, "bool": 1, "complex64": 8, "complex128": 16,
}  # fmt: skip

_SLICES = frozenset(
    ("getitem", "narrow", "select", "chunk", "split", "tensorsplit", "unbind", "squeeze", "unsqueeze", "expand",
     "expandas", "view", "viewas", "permute", "transpose", "t", "swapaxes", "moveaxis", "diagonal", "unflatten")
)  # fmt: skip
_COPIES_WHEN_STRIDED = frozenset(("contiguous", "reshape", "flatten", "reshapeas"))


def short(op: str) -> str:
    """Last part of a qualified name, as one word: `torch.nn.functional.leaky_relu_` is `leakyrelu`."""
    return op.rpartition(".")[2].replace("_", "").lower()


def width(x: Tensor) -> int:
    """Bytes of one element; float32 where the type is not stated."""
    return _BYTES.get((x.dtype or "float32").rpartition(".")[2], 4)


_INDEX = 8
"""Bytes of an index in torch, whose embeddings take int64."""


@dataclass(slots=True)
class Storages:
    """The storage behind every tensor (`behind`), and how many bytes each storage made by the model has (`size`).

    `seen` are the bytes of every tensor itself: a slice is smaller than its storage.  Inputs have a size too;
    parameters have none.
    """

    behind: dict[Place, Place] = field(default_factory=dict)
    size: dict[Place, Amount] = field(default_factory=dict)
    seen: dict[Place, Amount] = field(default_factory=dict)
    inputs: set[Place] = field(default_factory=set)
    weights: set[Place] = field(default_factory=set)


def storages(model: Model, batch: Batch, training: bool) -> Storages:
    """Follow every tensor of the graph to its storage."""
    graph, framework = model.graph, model.framework
    data = {node.id for node in entries(model)}
    found = Storages()
    strided: set[Place] = set()
    for node in graph.nodes:
        source = (node.inputs[0].node, node.inputs[0].slot) if node.inputs else None
        shares = source is not None and source in found.behind and _shares(node, framework, training)
        if shares and source in strided and short(node.op) in _COPIES_WHEN_STRIDED and framework == "torch":
            shares = False
        for slot, tensor in enumerate(node.outputs):
            place = (node.id, slot)
            element = _INDEX if _holds_ids(node, graph) else width(tensor)
            found.seen[place] = batch.made(node, slot).times(element)
            if shares and source is not None:
                found.behind[place] = found.behind[source]
                if node.family == "permute" or (source in strided and node.family != "activation"):
                    strided.add(place)
                continue
            found.behind[place] = place
            if node.family == "variable" or (node.family == "input" and node.id not in data):
                found.weights.add(place)
                continue
            found.size[place] = found.seen[place]
            if node.family == "input":
                found.inputs.add(place)
    return found


def _holds_ids(node: Node, graph: LayerGraph) -> bool:
    """Is it an entry tensor of unstated type that only torch embeddings read?"""
    if node.family != "input" or node.output.dtype:
        return False
    readers = graph.consumers(node.id)
    return bool(readers) and all(r.family == "embedding" and r.op.startswith("torch.") for r in readers)


def _shares(node: Node, framework: str, training: bool) -> bool:
    name = short(node.op)
    if writes_over(node):
        return True
    match node.family:
        case "flatten" | "reshape" | "identity" | "join":
            return True
        case "permute":
            return framework == "torch"
        case "cast":
            return bool(node.inputs) and width(node.inputs[0]) == width(node.output)
        case "index" | "slice" | "split" if framework == "torch":
            return name in _SLICES or (name == "subscript" and all(map(_slices, node.args.get("index", ()))))
        case "dropout":
            return not (training and drops(node))
    return False


def looks_at(node: Node) -> bool:
    """Is the output of a torch operation certainly the memory of its first input: `x.view(…)`, `x[:, 0]`?"""
    if node.family in ("index", "slice", "split", "reshape", "permute", "identity", "flatten"):
        name = short(node.op)
        return name in _SLICES or (name == "subscript" and all(map(_slices, node.args.get("index", ()))))
    return False


def _slices(part: Any) -> bool:
    """Is it a part of a subscript that only picks a range: `x[:, 0, None]`, not `x[:, [0, 2]]`?"""
    return part is None or part is Ellipsis or isinstance(part, (int, Dim, SliceValue))


def drops(node: Node) -> bool:
    """Does a dropout ever drop anything: not with `p=0`, nor with `training=False`."""
    return node.args.get("p", node.args.get("rate")) != 0 and node.args.get("training") is not False


def writes_over(node: Node) -> bool:
    """Does it put its result where its input was: `ReLU(inplace=True)`, `F.relu_(x)`?"""
    return node.args.get("inplace") is True or (node.op.startswith("torch.") and _ends_in_place(node.op))


def _ends_in_place(op: str) -> bool:
    return op.endswith("_") and not op.endswith("__")
