"""A layer's settings changed after it was made: `pool.ceil_mode = True`, `conv.stride = (1, 1)`, `fc.bias = None`."""

from __future__ import annotations

from typing import Any

from archlint.interp.evaluator import Evaluator
from archlint.interp.torch import tying
from archlint.values import Layer

_READ_AT_CALL = frozenset(("stride", "padding", "dilation"))
_FIXED_BY_WEIGHTS = frozenset((
    "groups", "output_padding", "padding_mode", "hidden_size", "num_layers", "bidirectional", "batch_first",
    "proj_size", "num_heads", "normalized_shape", "kernel_size", "filters", "units", "strides", "dilation_rate",
    "data_format", "return_sequences", "return_state", "axis", "depth_multiplier", "output_dim",
))  # fmt: skip
"""Of a layer with weights: what its forward reads anew each time, and what is no longer certain once it is changed."""


def change(ev: Evaluator, layer: Layer, name: str, value: Any) -> None:
    """`layer.name = value`, as far as it changes what the layer does or owns."""
    if name == "bias" and value is None and "bias" in layer.args:
        _write_argument(ev, layer, "bias", False)  # `self.bias = None` after `super().__init__()`
    elif name == "weight" and tying.tie(ev, layer, value):
        pass
    elif name in ("weight", "bias"):
        ev.heap.touch(layer.attrs)
        layer.attrs["__modified__"] = True
    elif name in layer.args:
        _reconfigure(ev, layer, name, value)


def _reconfigure(ev: Evaluator, layer: Layer, name: str, value: Any) -> None:
    """`pool.ceil_mode = True`, `conv.stride = (1, 1)`: the next call goes by it; weights stay as they are."""
    if layer.spec.name.startswith("torch.") and (not layer.spec.weights or name in _READ_AT_CALL):
        _write_argument(ev, layer, name, value)
    elif name in _FIXED_BY_WEIGHTS or not layer.spec.weights:
        ev.heap.touch(layer.attrs)
        layer.attrs["__modified__"] = True


def _write_argument(ev: Evaluator, layer: Layer, name: str, value: Any) -> None:
    layer.args = dict(layer.args)  # which layers that are alike, and applications of before, may share
    ev.memory.rewritten.add(layer.ident)
    ev.heap.succeeds(layer.args, layer.attrs)
    ev.heap.touch(layer.args)
    layer.args[name] = value
