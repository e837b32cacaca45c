"""A model's own graph: the session's nodes copied, numbered from 0."""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from archlint.graph import Node
from archlint.interp.evaluator import Evaluator
from archlint.interp.tensors import apply
from archlint.layers.spec import Out
from archlint.model import InputRecord, Model
from archlint.values import Tensor

_NONE: list[Any] = []
"""Shared by the nodes that have no names, no annotations: nobody writes to them any more."""


def fill(ev: Evaluator, model: Model, nodes: list[Node], given: list[int] | None = None) -> dict[int, int]:
    """Copy nodes into the model's own graph, numbered from 0; tensors from outside become inputs.

    `given`: nodes of the tensors that the model was called with; others from outside are its own parameters and
    buffers, made while it was constructed.
    """
    kept: dict[int, int] = {}
    graph = model.graph

    copies: dict[tuple[int, int], tuple[Tensor, Tensor]] = {}
    known = _Known()

    def renumber(tensor: Tensor, number: int) -> Tensor:
        """One copy of what a node gives, however many take it."""
        fresh = ev.refresh(tensor)
        copy = copies.get((id(fresh), number))
        if copy is None:
            copy = copies[id(fresh), number] = (fresh, _numbered(fresh, number))
        return copy[1]

    def outside(tensor: Tensor) -> int:
        origin = ev.node(tensor.node)
        number = len(graph.nodes)
        span, stated = (origin.span, origin.annotated) if origin is not None else (model.span, [])
        label = origin.names[0][0] if origin is not None and origin.names else "input"
        outer = tensor.node >= 0 and (given is None or tensor.node in given)
        op = "input" if outer else origin.op if origin is not None else "parameter"
        family = "input" if outer else "variable"
        outputs, out = [renumber(tensor, number)], Out(tensor.shape)
        graph.nodes.append(Node(number, op, family, label, span, [], outputs, out, annotated=stated))
        if outer:
            model.inputs.append(InputRecord(label, number, tensor.shape, "example", span))
        return number

    for node in nodes:
        inputs = []
        for tensor in node.inputs:
            if tensor.node < 0:  # `conv.weight`: no application made it
                if tensor.shape is not None:
                    inputs.append(renumber(tensor, outside(tensor)))
                continue
            if tensor.node not in kept:
                kept[tensor.node] = outside(tensor)
            inputs.append(renumber(tensor, kept[tensor.node]))
        number = kept[node.id] = len(graph.nodes)
        outputs = [renumber(t, number) for t in node.outputs]
        made = _copied(node)
        made.id, made.inputs, made.outputs, made.args = number, inputs, outputs, _arguments(node.args, kept, inputs)
        made.names, made.annotated = node.names or _NONE, node.annotated or _NONE
        _share(made, graph.nodes, known)
        graph.nodes.append(made)
        if node.family == "input":
            _record_input(ev, model, graph.nodes[-1], node)
    used = {t.node for n in graph.nodes for t in n.inputs}
    model.outputs = [n.id for n in graph.nodes if n.id not in used and n.family != "input"]
    return kept


_FIELDS = attrgetter(*Node.__slots__)


def _copied(node: Node) -> Node:
    """The same application once more; `dataclasses.replace` takes many times as long for so many fields."""
    return Node(*_FIELDS(node))


@dataclass(slots=True)
class _Known:
    """What nodes of one model have in common, by value: a model of a thousand layers has a dozen of each."""

    calls: tuple[Any, ...] = ()
    names: dict[tuple[Any, ...], list[Any]] = field(default_factory=dict)


def _share(made: Node, before: list[Node], known: _Known) -> None:
    """Let a node that is done hold the very things that those before it hold, where they are equal.

    Its inputs are mostly all that one node gave: `conv -> norm -> act`.
    """
    if len(made.inputs) == 1 and 0 <= made.inputs[0].node < len(before):
        outputs = before[made.inputs[0].node].outputs
        if len(outputs) == 1 and outputs[0] is made.inputs[0]:
            made.inputs = outputs
    if made.calls == known.calls:
        made.calls = known.calls
    known.calls = made.calls
    if made.names:
        made.names = known.names.setdefault(tuple(made.names), made.names)


def _numbered(t: Tensor, number: int) -> Tensor:
    return Tensor(t.shape, t.dtype, t.axes, number, t.slot, t.last, t.entry, t.data, t.framework)


def _arguments(args: dict[str, Any], kept: dict[int, int], inputs: list[Tensor]) -> dict[str, Any]:
    """The arguments of an application; the very same where there is nothing to number."""
    if "by" in args or next(apply.tensors_in(args), None) is not None:
        return {k: kept.get(v, v) if k == "by" else _renumbered(v, kept, inputs) for k, v in args.items()}
    return args


def _renumbered(value: Any, kept: dict[int, int], inputs: list[Tensor]) -> Any:
    """An argument with its tensors numbered as the model's graph numbers them: `torch.flatten(x, 1)` holds x."""
    if isinstance(value, Tensor):
        made = _numbered(value, kept.get(value.node, -1))
        return next((one for one in inputs if one.node == made.node and one == made), made)
    if isinstance(value, (list, tuple)) and next(apply.tensors_in(value), None) is not None:
        return type(value)(_renumbered(v, kept, inputs) for v in value)
    if isinstance(value, dict) and next(apply.tensors_in(value), None) is not None:
        return {k: _renumbered(v, kept, inputs) for k, v in value.items()}
    return value


def _record_input(ev: Evaluator, model: Model, node: Node, original: Node) -> None:
    entry = next((e for e in ev.session.entries if e.node == original.id), None)
    source = entry.source if entry is not None else "example"
    label = entry.name if entry is not None else "input"
    model.inputs.append(InputRecord(label, node.id, node.output.shape, source, node.span))
