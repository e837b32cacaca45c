"""The same layers for an input of any height and width: for messages, where the input's size is a number.

A model called with 28x28 images has only numbers in its graph.  `features 2304` is explained by running the layer
declarations once more with symbols in the place of 28: `16*((H - 4)//2)*((W - 4)//2)`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from archlint.dims import Size, evaluate, symbols, var
from archlint.graph import Node
from archlint.layers import find
from archlint.layers.spec import Out
from archlint.model import Model
from archlint.values import Shape, Tensor

SIZE_FREE = frozenset(
    [
        "input",
        "conv",
        "conv_transpose",
        "pool",
        "global_pool",
        "dense",
        "norm",
        "activation",
        "dropout",
        "identity",
        "flatten",
        "reshape",
        "permute",
        "merge",
        "elementwise",
    ]
)
"""Families whose arguments do not repeat a size of their input as a number."""

_LETTERS = {1: "L", 2: "HW", 3: "DHW"}


@dataclass(frozen=True, slots=True)
class Resized:
    """Shapes with symbols: inputs and outputs of the layer in question.

    `sizes`: every size on the way and of the outputs that depends on the symbols: all must stay positive.
    """

    inputs: tuple[Shape, ...]
    outputs: tuple[Shape, ...]
    sizes: tuple[Size, ...]


def with_open_input(model: Model, node: Node) -> Resized | None:
    """Input shapes of `node` in terms of the model's input height and width; None if that cannot be told."""
    before = _ancestors(model, node)
    entries = [n for n in before if n.family == "input"]
    if len(entries) != 1 or any(n.family not in SIZE_FREE or n.branch for n in before):
        return None
    values: dict[str, int] = {}
    found: dict[int, tuple[Shape, ...]] = {}
    for earlier in before:
        shapes = _open_entry(model, earlier, values) if earlier is entries[0] else _applied(earlier, found)
        if shapes is None or not _agree(earlier, shapes, values):
            return None
        found[earlier.id] = shapes
    if not values or not all(t.node in found for t in node.inputs):
        return None
    inputs, outputs = tuple(found[t.node][t.slot] for t in node.inputs), _applied(node, found) or ()
    every = (size for shapes in (*found.values(), outputs) for shape in shapes for size in shape or ())
    return Resized(inputs, outputs, tuple(s for s in every if {v.name for v in symbols(s)} & values.keys()))


def _ancestors(model: Model, node: Node) -> list[Node]:
    """Every node that `node` depends on, in order."""
    found: dict[int, Node] = {}
    todo = [node]
    while todo:
        for earlier in model.graph.producers(todo.pop().id):
            if earlier.id not in found:
                found[earlier.id] = earlier
                todo.append(earlier)
    return [found[i] for i in sorted(found)]


def _open_entry(model: Model, entry: Node, values: dict[str, int]) -> tuple[Shape, ...] | None:
    """The entry's shape with H and W in the place of its numbers, which `values` keeps."""
    shape = entry.output.shape
    demand = next((n.out.demand for n in model.graph.consumers(entry.id) if n.out.demand is not None), None)
    if shape is None or demand is None or demand.last_only or len(demand.roles) != len(shape):
        return None
    space = [i for i, role in enumerate(demand.roles) if role.startswith("space")]
    opened = list(shape)
    for i, letter in zip(space, _LETTERS.get(len(space), "")):
        size = shape[i]
        if not isinstance(size, int):
            return None
        values[letter] = size
        opened[i] = var(letter)
    return (tuple(opened),)


def _applied(node: Node, found: dict[int, tuple[Shape, ...]]) -> tuple[Shape, ...] | None:
    """Output shapes of a layer on the inputs found so far."""
    spec = find(node.op)
    if spec is None or spec.call or not all(t.node in found for t in node.inputs):
        return None
    xs = [_replaced(t, found) for t in node.inputs]
    try:
        if spec.kind == "layer":
            result = spec.apply(xs[0] if len(xs) == 1 else xs, node.args)
        else:
            result = spec.apply(None, {k: _replaced(v, found) for k, v in node.args.items()})
    except Exception:  # a declaration that cannot say: no message then
        return None
    shapes = tuple(out.shape for out in _outs(result))
    return shapes if len(shapes) == len(node.outputs) else None


def _replaced(value: Any, found: dict[int, tuple[Shape, ...]]) -> Any:
    match value:
        case Tensor() if value.node in found:
            return replace(value, shape=found[value.node][value.slot])
        case list() | tuple():
            return type(value)(_replaced(v, found) for v in value)
    return value


def _outs(result: Any) -> Iterable[Out]:
    match result:
        case Out():
            yield result
        case list() | tuple():
            for part in result:
                yield from _outs(part)


def _agree(node: Node, shapes: tuple[Shape, ...], values: dict[str, int]) -> bool:
    """At the input's own size the shapes must be those of the graph."""
    for tensor, shape in zip(node.outputs, shapes):
        if tensor.shape is None or shape is None or len(tensor.shape) != len(shape):
            return False
        for size, opened in zip(tensor.shape, shape):
            names = {v.name for v in symbols(opened)}
            if names and names <= set(values):
                assert opened is not None
                if evaluate(opened, values) != size:
                    return False
            elif size != opened:
                return False
    return True
