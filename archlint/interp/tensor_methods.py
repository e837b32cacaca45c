"""Attributes and methods of tensors, by the framework they belong to."""

from __future__ import annotations

from typing import Any

from archlint.dims import Dim, product
from archlint.interp import apply
from archlint.interp.arguments import Arguments
from archlint.interp.evaluator import Evaluator
from archlint.interp.frame import Frame
from archlint.interp.iterate import OpenShape
from archlint.layers import find
from archlint.layers.families.reshape import permute, swap
from archlint.text import Span
from archlint.values import External, Method, Reason, Tensor, Unknown

_TORCH_SAME = {"data", "grad", "real"}
_FLAGS = {"is_cuda": False, "requires_grad": True, "is_floating_point": True}


def is_tensor_attribute(ev: Evaluator, name: str) -> bool:
    """Does asking for this attribute show that the value is a tensor?"""
    if name in ("shape", "ndim", "get_shape"):
        return True
    return "torch" in ev.frameworks and name != "name" and find(f"torch.Tensor.{name}") is not None


def attribute(ev: Evaluator, tensor: Tensor, name: str, where: Span) -> Any:
    """`x.shape`, `x.T`, `x.view`."""
    tensor = ev.refresh(tensor)
    if name == "shape":
        return shape_of(tensor)
    if name in ("ndim", "rank"):
        return Unknown(Reason.ARGUMENT, "rank of an input", where) if tensor.shape is None else len(tensor.shape)
    if name == "dtype":
        if tensor.dtype is None:
            return Unknown(Reason.DATA, "dtype", where)
        return External(f"torch.{tensor.dtype}") if tensor.framework == "torch" else tensor.dtype
    if name in _TORCH_SAME:
        return tensor
    if name in _FLAGS and tensor.framework == "torch":
        return _FLAGS[name]
    if name in ("T", "mT", "H") and tensor.shape is not None:
        return _transposed(ev, tensor, name, where)
    if name in ("device", "name", "op", "graph", "grad_fn", "_keras_shape", "_keras_history"):
        return (
            tuple(tensor.shape or ()) if name == "_keras_shape" and tensor.shape else Unknown(Reason.DATA, name, where)
        )
    return Method(tensor, f"tensor.{name}")


def shape_of(tensor: Tensor) -> Any:
    """The shape as the program sees it: a tuple of sizes, or an object that waits for the rank."""
    if tensor.shape is None:
        return OpenShape(tensor)
    return tuple(Unknown(Reason.DATA, "a size") if s is None else s for s in tensor.shape)


def _transposed(ev: Evaluator, tensor: Tensor, name: str, where: Span) -> Any:
    assert tensor.shape is not None
    if name == "T":
        out = permute(tensor, list(reversed(range(len(tensor.shape)))))
    else:
        out = swap(tensor, -1, -2)
    return apply.record(ev, apply.Site(f"torch.Tensor.{name}", "permute", where), [tensor], out)


def call(ev: Evaluator, frame: Frame, receiver: Tensor, name: str, arguments: Arguments) -> Any:
    """`x.view(-1, 10)`, `x.size(0)`, `x.get_shape().as_list()`."""
    tensor = ev.refresh(receiver)
    if name in ("size", "get_shape") and not arguments.positional and not arguments.keywords:
        return shape_of(tensor)
    if name == "size" and tensor.framework == "torch":
        return _size(ev, tensor, arguments)
    if name in ("dim", "ndimension") and tensor.framework == "torch":
        return Unknown(Reason.ARGUMENT, "rank of an input") if tensor.shape is None else len(tensor.shape)
    if name in ("numel", "nelement"):
        count = product(tensor.shape) if tensor.shape is not None else None
        return Unknown(Reason.ARGUMENT, "size of an input") if count is None else count
    if name in ("item", "tolist", "numpy"):
        if isinstance(tensor.data, (int, Dim)):
            return tensor.data
        return Unknown(Reason.DATA, "contents of a tensor", arguments.span, number=name == "item")
    if name == "set_shape":
        ev.shapes_set = ev.shapes_set or tensor.shape is not None
        return _set_shape(ev, tensor, arguments)
    if name in ("backward", "register_hook", "retain_grad", "eval", "run"):
        return None
    for prefix in ("torch.Tensor.", "keras.ops.", "tensorflow."):
        if prefix.startswith("torch") and tensor.framework != "torch":
            continue
        spec = find(prefix + name)
        if spec is not None:
            return apply.call_function(ev, frame, spec, arguments.behind(tensor))
    why = Unknown(Reason.EXTERNAL, f"Tensor.{name}", arguments.span)
    return apply.opaque(ev, f"Tensor.{name}", arguments.behind(tensor), why)


def _size(ev: Evaluator, tensor: Tensor, arguments: Arguments) -> Any:
    """`x.size(1)`."""
    axis = arguments.get(0, "dim")
    if not isinstance(axis, int):
        return Unknown(Reason.DATA, "an axis that is not known", arguments.span)
    found = OpenShape(tensor).at(ev, axis)
    return Unknown(Reason.DATA, "a size", arguments.span) if found is None else found


def _set_shape(ev: Evaluator, tensor: Tensor, arguments: Arguments) -> None:
    """`inputs.set_shape([None, 224, 224, 3])` tells the shape of an open entry tensor."""
    wanted = arguments.get(0, "shape")
    items = wanted.items if hasattr(wanted, "items") and isinstance(wanted.items, list) else wanted
    if tensor.entry is None or tensor.shape is not None or not isinstance(items, (list, tuple)):
        return
    shape = tuple(s if isinstance(s, (int, Dim)) else ev.symbol("D", "dynamic") for s in items)
    ev.bind_entry(tensor.entry, shape, ("",) * len(shape), "declared")
