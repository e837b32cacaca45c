"""Features that a flatten makes of maps: their number depends on the size of the model's input."""

from __future__ import annotations

from archlint.rule import Model, Node, Size, symbols
from archlint_rules.origins import axis_source


def flattening(model: Model, node: Node) -> Node | None:
    """The flatten or reshape that gave the node's input its features."""
    tensor = node.inputs[0] if node.inputs else None
    if tensor is None or not tensor.shape:
        return None
    source = axis_source(model, tensor, len(tensor.shape) - 1)
    return source if source is not None and source.family in ("flatten", "reshape") and source.inputs else None


def sized_by_input(model: Model, node: Node) -> bool:
    """Are the features made of maps of an input whose height and width nobody states?"""
    flatten = flattening(model, node)
    return flatten is not None and any(open_size(s) for s in _maps_before(model, flatten))


def open_size(size: Size) -> bool:
    """Does the size depend on a symbol of the input?"""
    return any(v.origin == "input" for v in symbols(size))


def _maps_before(model: Model, node: Node) -> list[Size]:
    """Sizes of all maps above a flatten, without batch axes: also those above an adaptive pooling."""
    sizes: list[Size] = []
    todo, seen = [node], {node.id}
    while todo:
        for before in model.graph.producers(todo.pop().id):
            if before.id in seen:
                continue
            seen.add(before.id)
            todo.append(before)
            sizes += [s for tensor in before.outputs for s in (tensor.shape or ())[1:]]
    return sizes
