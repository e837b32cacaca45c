"""What a PyTorch layer's attributes hold: its arguments, the shapes of its weights and statistics."""

from __future__ import annotations

from typing import Any

from archlint.dims import divide
from archlint.interp import torch_modules, tying
from archlint.interp.evaluator import Evaluator
from archlint.layers.arguments import NotKnown, sizes
from archlint.text import Span
from archlint.values import Layer, ListValue, Method, Reason, Tensor, Unknown, as_size

_TUPLES = {"kernel_size", "stride", "padding", "dilation", "output_padding", "output_size"}
_STATISTICS = frozenset(("running_mean", "running_var", "num_batches_tracked"))


def get(ev: Evaluator, layer: Layer, name: str, where: Span) -> Any:
    """`conv.out_channels`, `conv.weight`, `linear.in_features`."""
    args = layer.args
    if name in args and name != "bias":
        value = args[name]
        if name in _TUPLES and layer.spec.name[-2:] in ("1d", "2d", "3d") and not isinstance(value, str):
            return _tuple(value, int(layer.spec.name[-2]))
        return ListValue(list(value)) if isinstance(value, list) else value
    if name == "weight":
        return tying.weight(ev, layer, _parameter(weight_shape(layer)))
    if name == "bias":
        given = args.get("bias", True)
        return None if given is False else _parameter((weight_shape(layer) or ())[:1] or None)
    if name in _STATISTICS and "track_running_stats" in args:
        return _statistic(args, name, where)
    if name == "training":
        return Unknown(Reason.ARGUMENT, "training mode", where)
    if torch_modules.is_method(name):
        return Method(layer, f"module.{name}")
    return Unknown(Reason.NAME, f"{layer.spec.name}.{name}", where)


def _statistic(args: dict[str, Any], name: str, where: Span) -> Any:
    """`bn.running_mean`: one number per channel, `num_batches_tracked` one at all; None where nothing is tracked."""
    if args["track_running_stats"] is False:
        return None
    if args["track_running_stats"] is not True:
        return Unknown(Reason.ARGUMENT, name, where)
    return Tensor((), "int64") if name == "num_batches_tracked" else _parameter((as_size(args.get("num_features")),))


def _tuple(value: Any, n: int) -> Any:
    if value is None:
        return value
    try:
        found = sizes(value, n)
    except NotKnown:
        return Unknown(Reason.ARGUMENT, "a window size")
    return tuple(Unknown(Reason.ARGUMENT, "a window size") if s is None else s for s in found)


def _parameter(shape: Any) -> Tensor:
    return Tensor(shape, "float32")


def weight_shape(layer: Layer) -> Any:
    """Shape of `layer.weight`: (out, in / groups, *kernel) for a convolution, (out, in) for a Linear."""
    args, name = layer.args, layer.spec.name.rpartition(".")[2]
    if name in ("Conv1d", "Conv2d", "Conv3d"):
        kernel = _tuple(args["kernel_size"], int(name[-2]))
        if not isinstance(kernel, tuple):
            return None
        groups = as_size(args["groups"])
        inner = divide(as_size(args["in_channels"]), groups)
        return (as_size(args["out_channels"]), inner, *(as_size(k) for k in kernel))
    if name == "Linear":
        return (as_size(args["out_features"]), as_size(args["in_features"]))
    if name == "Embedding":
        return (as_size(args["num_embeddings"]), as_size(args["embedding_dim"]))
    if name in ("BatchNorm1d", "BatchNorm2d", "BatchNorm3d"):
        return (as_size(args["num_features"]),)
    return None
