"""One weight in two layers: `self.decoder.weight = self.embedding.weight`, counted once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from archlint.dims import Size, product, same
from archlint.graph import Node
from archlint.interp.evaluator import Evaluator
from archlint.interp.torch import layer_attributes
from archlint.interp.torch import modules as torch_modules
from archlint.values import Layer, Object, Reason, Tensor, Unknown


def weight(ev: Evaluator, layer: Layer, made: Tensor) -> Tensor:
    """The tensor that `layer.weight` gives, remembered as this layer's."""
    ev.weights[id(made)] = (made, layer)
    return made


def tie(ev: Evaluator, layer: Layer, value: Any) -> bool:
    """`layer.weight = value`, where the value is another layer's weight of the same shape; False if it is not."""
    _, source = ev.weights.get(id(value), (None, None))
    if source is None or "__modified__" in layer.attrs:
        return False
    mine, other = layer_attributes.weight_shape(layer), layer_attributes.weight_shape(source)
    if mine is None or other is None or len(mine) != len(other):
        return False
    if not all(a is not None and b is not None and same(a, b) for a, b in zip(mine, other)):
        return False
    ev.heap.touch(layer.attrs)
    layer.attrs["__tied__"] = None if source is layer else source
    return True


def own_params(layer: Layer, params: Size, present: set[int]) -> Size:
    """The parameters that a layer adds to those of the model's other layers (`present`: their idents)."""
    source = layer.attrs.get("__tied__")
    for _ in range(8):
        further = source.attrs.get("__tied__") if isinstance(source, Layer) else None
        if further is None:
            break
        source = further
    if not isinstance(source, Layer) or source is layer or source.ident not in present:
        return params
    shared = product(layer_attributes.weight_shape(layer) or ())
    return None if params is None or shared is None else params - shared


def count_once(root: Object, nodes: list[Node]) -> None:
    """Let the applications of a layer with another's weight own only what is not shared."""
    layers = {value.ident: value for _, value in torch_modules.walk(root) if isinstance(value, Layer)}
    for node in nodes:
        layer = layers.get(node.layer) if node.layer is not None else None
        if layer is not None and "__tied__" in layer.attrs:
            node.out = replace(node.out, params=own_params(layer, node.out.params, set(layers)))


def submodule(module: Any, path: str) -> Any:
    """`model.get_submodule("encoder.embed")`; None where there is none."""
    for part in path.split(".") if path else []:
        if not isinstance(module, Object) or "__unknown_items__" in module.attrs:
            return Unknown(Reason.LOOP, "children not known")
        module = module.items.get(part) if module.items and part in module.items else module.attrs.get(part)
        if not isinstance(module, (Object, Layer)):
            return module if isinstance(module, Unknown) else None
    return module
