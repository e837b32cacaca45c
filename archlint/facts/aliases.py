"""Torch tensors that are written over, and who reads them all the same: before, for its backward pass; or later.

skip = x
x = F.relu(x, inplace=True)      writes over the memory that `skip` names
return self.conv(x) + skip       adds relu(x), not x
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from archlint.facts.activations import activation
from archlint.facts.saved import kept
from archlint.facts.storage import drops, looks_at, short, writes_over
from archlint.graph import Node
from archlint.model import Model
from archlint.values import Tensor

Place: TypeAlias = tuple[int, int]
"""(node, slot) of a tensor."""

_POSITIVE = frozenset(["relu", "sigmoid", "softmax", "softplus", "hard_sigmoid"])
_KEEPS_SIGN = frozenset(
    ["pool", "adaptive_pool", "global_pool", "flatten", "reshape", "permute", "index", "slice", "split", "concat",
     "stack", "dropout", "pad", "identity", "cast", "pixel_shuffle", "channel_shuffle"]
)  # fmt: skip
_LITERAL = re.compile(r"=\s*-?[\d.e]+$")
_SUMS = frozenset(["operator+", "operator*", "add", "mul"])


@dataclass(frozen=True, slots=True)
class Overwritten:
    """`writer` puts its result where its input `tensor` was, and `reader` has to do with that memory.

    reader: a later node that takes the tensor as it was before, or an earlier one that keeps it for its backward
    pass, as its input (`place`) or as its output (place None).
    """

    writer: Node
    tensor: Tensor
    reader: Node
    place: int | None = None


def writers(model: Model) -> Iterator[Node]:
    """Operations that put their result where their first input was, and whose result is used."""
    named = model.file.flow.overwrites if model.file is not None else frozenset()
    for node in model.nodes if model.framework == "torch" else ():
        if not node.inputs or node.inputs[0].node < 0 or node.faults:
            continue
        stated = node.family in ("activation", "dropout") and writes_over(node)
        by_name = node.span in named and _takes_first(model, node)
        if (stated or by_name) and (node.family != "dropout" or drops(node)):
            yield node


def _takes_first(model: Model, node: Node) -> bool:
    """Is the first tensor that it takes what it writes to: not so in `total += x` with a total of 0."""
    if len(node.inputs) == 2 or model.file is None:
        return model.file is not None
    text = model.file.lines.text[node.span.start : node.span.end]
    return (text.endswith(")") and "=" not in text.partition("(")[0]) or _LITERAL.search(text) is not None


def read_after(model: Model) -> Iterator[Overwritten]:
    """Layers that take a tensor after it was written over, where the source hands them what it was before."""
    writing = list(writers(model))
    if not writing:
        return
    memory = _memory(model, {n.id for n in writing}, parts=False)
    touching = _touching(model, memory)
    for writer in writing:
        tensor = writer.inputs[0]
        behind = memory.get((tensor.node, tensor.slot), (-1, -1))
        if _changes_nothing(model, writer) or _statement(model, writer, {n.id for n in writing}):
            continue
        for reader in touching.get(behind, ()):
            if reader.id <= writer.id or reader.family in ("join", "other", "input") or not _follows(writer, reader):
                continue
            if any(t.node < writer.id and memory.get((t.node, t.slot)) == behind for t in reader.inputs):
                yield Overwritten(writer, tensor, reader)
                break


def _statement(model: Model, writer: Node, writing: set[int]) -> bool:
    """`F.relu_(x)`, `self.counts.mul_(0.9).add_(new)` for their own sake: whoever reads x then means what is there."""
    users = model.graph.consumers(writer.id)
    return all(
        user.id in writing and user.inputs[0].node == writer.id and _statement(model, user, writing) for user in users
    )


def kept_before(model: Model) -> Iterator[Overwritten]:
    """Layers whose backward pass needs what is written over: PyTorch finds out, and raises."""
    writing = list(writers(model))
    if not writing:
        return
    memory = _memory(model, {n.id for n in writing}, parts=True)
    learned = _learned(model) & _reaching(model)
    touching = _touching(model, memory)
    for writer in writing:
        tensor = writer.inputs[0]
        behind = memory.get((tensor.node, tensor.slot), (-1, -1))
        for reader in touching.get(behind, ()):
            place = _keeps(reader, behind, memory, learned) if reader.id < writer.id else None
            if place is not None and _follows(reader, writer):
                yield Overwritten(writer, tensor, reader, place if place >= 0 else None)
                break


def _memory(model: Model, writing: set[int], parts: bool) -> dict[Place, Place]:
    """The tensor whose memory each tensor certainly has; `parts`: also where it is only a part of it."""
    found: dict[Place, Place] = {}
    for node in model.nodes:
        source = node.inputs[0] if node.inputs else None
        shares = node.id in writing or (looks_at(node) and (parts or node.family in ("reshape", "permute", "identity")))
        for slot in range(len(node.outputs)):
            place = (node.id, slot)
            found[place] = found.get((source.node, source.slot), place) if shares and source else place
    return found


def _touching(model: Model, memory: dict[Place, Place]) -> dict[Place, list[Node]]:
    """By memory, the nodes that take or give a tensor in it, in order."""
    found: dict[Place, list[Node]] = {}
    for node in model.nodes:
        places = [(t.node, t.slot) for t in node.inputs] + [(node.id, 0)]
        for behind in dict.fromkeys(memory[p] for p in places if p in memory):
            found.setdefault(behind, []).append(node)
    return found


def _follows(first: Node, second: Node) -> bool:
    """Has the first run whenever the second does?"""
    return second.branch[: len(first.branch)] == first.branch


def _changes_nothing(model: Model, writer: Node) -> bool:
    """`relu` of what is not negative anyway."""
    return (
        activation(writer) == "relu"
        and short(writer.op) in ("relu", "threshold")
        and _positive(model, writer.inputs[0])
    )


def _positive(model: Model, tensor: Tensor) -> bool:
    if tensor.node < 0:
        return False
    node = model.graph[tensor.node]
    if activation(node) in _POSITIVE or node.op.rpartition(".")[2] in ("ReLU6", "relu6", "abs", "square", "exp"):
        return True
    if node.family in _KEEPS_SIGN or node.family == "join" or short(node.op) in _SUMS:
        return bool(node.inputs) and all(_positive(model, t) for t in node.inputs)
    return False


def _learned(model: Model) -> set[int]:
    """Nodes through which a gradient reaches weights of the model."""
    found: set[int] = set()
    for node in model.nodes:
        if node.weights or any(t.node in found for t in node.inputs):
            found.add(node.id)
    return found


def _reaching(model: Model) -> set[int]:
    """Nodes that the model's outputs depend on; none if its outputs are not known."""
    found: set[int] = set()
    queue = list(model.returned or ())
    while queue:
        number = queue.pop()
        if number not in found:
            found.add(number)
            queue += [t.node for t in model.graph[number].inputs if t.node >= 0]
    return found


def _keeps(node: Node, behind: Place, memory: dict[Place, Place], learned: set[int]) -> int | None:
    """The place of the input, -1 for the output, that a node keeps in the memory `behind`; None if it keeps none."""
    keeps = kept(node, "torch")
    if not keeps.modelled or node.id not in learned:
        return None
    if keeps.output and memory.get((node.id, 0)) == behind:
        return -1
    for place in keeps.inputs:
        tensor = node.inputs[place] if place < len(node.inputs) else None
        if tensor is None or memory.get((tensor.node, tensor.slot)) != behind:
            continue
        others = [t for i, t in enumerate(node.inputs) if i != place]
        needed = (
            any(t.node in learned for t in others) if len(keeps.inputs) > 1 else node.weights or tensor.node in learned
        )
        if needed and not (writes_over(node)):
            return place
    return None
