"""What a PyTorch layer's attributes hold: its arguments, the shapes of its weights and statistics."""

from __future__ import annotations

from typing import Any

from archlint.dims import divide
from archlint.interp.evaluator import Evaluator
from archlint.interp.torch import modules as torch_modules
from archlint.interp.torch import tying
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
    if name in ("weight", "bias") and (affine := _affine(layer)) is not True:
        return None if affine is False else Unknown(Reason.ARGUMENT, name, where)
    if name == "bias" and layer.spec.name == "torch.nn.RMSNorm":
        return Unknown(Reason.NAME, f"{layer.spec.name}.{name}", where)
    if name == "weight":
        return tying.weight(ev, layer, _parameter(weight_shape(layer)))
    if name == "bias":
        given = args.get("bias", True)
        return None if given is False else _parameter(_bias_shape(layer))
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
    if name in ("ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"):
        kernel = _tuple(args["kernel_size"], int(name[-2]))
        inner = divide(as_size(args["out_channels"]), as_size(args["groups"]))
        return (as_size(args["in_channels"]), inner, *map(as_size, kernel)) if isinstance(kernel, tuple) else None
    return _norm_shape(layer) if name in _NORMS else None


def _bias_shape(layer: Layer) -> Any:
    if "ConvTranspose" in layer.spec.name:
        return (as_size(layer.args["out_channels"]),)
    shape = weight_shape(layer)
    return shape if layer.spec.name.rpartition(".")[2] in _NORMS else (shape or ())[:1] or None


_NORMS = {
    **{f"{kind}Norm{n}d": "num_features" for kind in ("Batch", "Instance") for n in (1, 2, 3)},
    "SyncBatchNorm": "num_features",
    "GroupNorm": "num_channels",
    "LayerNorm": "normalized_shape",
    "RMSNorm": "normalized_shape",
}
"""Which argument of a normalization says how many weights it has."""


def _norm_shape(layer: Layer) -> Any:
    given = layer.args[_NORMS[layer.spec.name.rpartition(".")[2]]]
    if isinstance(given, ListValue):
        given = None if given.items is None else given.items
    if isinstance(given, (tuple, list)):
        return tuple(as_size(size) for size in given)
    size = as_size(given)
    return None if size is None else (size,)


def _affine(layer: Layer) -> Any:
    """Has a normalization weights?  `affine=False`, `elementwise_affine=False`: None in their place."""
    if layer.spec.name.rpartition(".")[2] not in _NORMS:
        return True
    return layer.args.get("affine", layer.args.get("elementwise_affine", True))
