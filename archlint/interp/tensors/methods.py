"""Attributes and methods of tensors, by the framework they belong to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from archlint.dims import Dim, Size, product
from archlint.interp.budget import MAX_ELEMENTS
from archlint.interp.evaluator import Evaluator
from archlint.interp.python import alike
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import Frame
from archlint.interp.python.iterate import OpenShape
from archlint.interp.tensors import apply, open_views
from archlint.layers import find
from archlint.layers.families.reshape import permute, swap
from archlint.layers.spec import Out
from archlint.layers.torch import contents
from archlint.text import Span
from archlint.values import External, ListValue, Method, Nominal, Reason, Tensor, Unknown

DEVICE = Nominal("torch.device")
"""`x.device`: a model and its tensors are on one device, which one is not known."""

_TORCH_SAME = {"data", "grad"}
_REAL = ("float16", "bfloat16", "float32", "float64")
_FLAGS = {"is_cuda": False, "is_quantized": False, "is_sparse": False, "is_nested": False, "requires_grad": True}


def part_of_pair(values: tuple[Any, ...], name: str) -> Tensor | None:
    """`scores.topk(k).indices`: what torch gives as a pair of tensors has names for its parts."""
    if name not in ("values", "indices") or len(values) != 2:
        return None
    first, second = values
    if not isinstance(first, Tensor) or not isinstance(second, Tensor) or second.dtype != "int64":
        return None
    return first if name == "values" else second


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
    if name == "real" and (tensor.dtype in _REAL or tensor.framework != "torch"):
        return tensor
    if name in ("real", "imag") and tensor.framework == "torch":
        site = apply.Site(f"torch.Tensor.{name}", "elementwise", where)
        return apply.record(ev, site, [tensor], Out(tensor.shape, like_input=True))
    if name == "device" and tensor.framework == "torch":
        return DEVICE
    if name in ("device", "name", "op", "graph", "grad_fn", "_keras_shape", "_keras_history"):
        return (
            tuple(tensor.shape or ()) if name == "_keras_shape" and tensor.shape else Unknown(Reason.DATA, name, where)
        )
    return Method(tensor, f"tensor.{name}")


def shape_of(tensor: Tensor) -> Any:
    """The shape as the program sees it: a tuple of sizes, or an object that waits for the rank."""
    if tensor.shape is None:
        return OpenShape(tensor)
    return tuple(Unknown(Reason.DATA, "a size", number=True, whole=True) if s is None else s for s in tensor.shape)


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
    if name in ("view", "reshape") and tensor.framework == "torch" and len(arguments.positional) == 1:
        view = open_views.seen(ev, tensor, name, arguments)
        if view is not None:
            return view
    if name == "size" and tensor.framework == "torch":
        return _size(ev, tensor, arguments)
    if name in ("dim", "ndimension") and tensor.framework == "torch":
        return Unknown(Reason.ARGUMENT, "rank of an input") if tensor.shape is None else len(tensor.shape)
    if name in ("is_floating_point", "is_complex") and tensor.framework == "torch":
        if not tensor.dtype:
            return Unknown(Reason.DATA, "dtype", arguments.span)
        return ("float" if name == "is_floating_point" else "complex") in tensor.dtype
    if name in ("numel", "nelement"):
        count = product(tensor.shape) if tensor.shape is not None else None
        return Unknown(Reason.ARGUMENT, "size of an input") if count is None else count
    if name == "element_size":
        return Unknown(Reason.DATA, "dtype", arguments.span, number=True, whole=True)
    if name in ("item", "tolist", "numpy"):
        if isinstance(tensor.data, (int, Dim)):
            return tensor.data
        if name == "tolist":
            return _nested(tensor, arguments.span)
        return _number(tensor, name, arguments)
    if name == "set_shape":
        ev.shapes_set = ev.shapes_set or tensor.shape is not None
        return _set_shape(ev, tensor, arguments)
    if name in ("backward", "register_hook", "retain_grad", "eval", "run"):
        return None
    if name.endswith("_") and not name.endswith("__"):
        contents.forget(tensor)
    for prefix in ("torch.Tensor.",) if tensor.framework == "torch" else ("keras.ops.", "tensorflow."):
        spec = find(prefix + name)
        if spec is not None:
            given = arguments.behind(tensor)
            found = alike.applied(ev, spec, given)
            return apply.call_function(ev, frame, spec, given) if found is None else found
    why = Unknown(Reason.EXTERNAL, f"Tensor.{name}", arguments.span)
    return apply.opaque(ev, f"Tensor.{name}", arguments.behind(tensor), why)


def _nested(tensor: Tensor, where: Span) -> Any:
    """`torch.linspace(0, 0.1, 12).tolist()`: numbers that are not known, in lists of the tensor's sizes."""
    if tensor.elements is not None:
        numbers = [contents.number(e) for e in tensor.elements]
        return ListValue(numbers) if tensor.shape else numbers[0]
    count = product(tensor.shape) if tensor.shape is not None else None
    if tensor.shape is None or not isinstance(count, int) or count > MAX_ELEMENTS:
        return Unknown(Reason.DATA, "contents of a tensor", where)

    def nest(sizes: tuple[Any, ...]) -> Any:
        if not sizes:
            return Unknown(Reason.DATA, "an element of a tensor", where, number=True)
        return ListValue([nest(sizes[1:]) for _ in range(sizes[0])])

    return nest(tensor.shape)


def _number(tensor: Tensor, name: str, arguments: Arguments) -> Any:
    """`t.item()`; the array that `t.numpy()` gives shares the tensor's memory."""
    if name == "numpy":
        contents.forget(tensor)
    elif tensor.elements is not None and len(tensor.elements) == 1:
        return contents.number(tensor.elements[0])
    return Unknown(Reason.DATA, "contents of a tensor", arguments.span, number=name == "item")


def _size(ev: Evaluator, tensor: Tensor, arguments: Arguments) -> Any:
    """`x.size(1)`."""
    axis = arguments.get(0, "dim")
    if not isinstance(axis, int):
        return Unknown(Reason.DATA, "an axis that is not known", arguments.span)
    found = OpenShape(tensor).at(ev, axis)
    return Unknown(Reason.DATA, "a size", arguments.span, number=True, whole=True) if found is None else found


def _set_shape(ev: Evaluator, tensor: Tensor, arguments: Arguments) -> None:
    """`inputs.set_shape([None, 224, 224, 3])` tells the shape of an open entry tensor, and what is open of others."""
    wanted = arguments.get(0, "shape")
    items = wanted.items if hasattr(wanted, "items") and isinstance(wanted.items, list) else wanted
    if not isinstance(items, (list, tuple)):
        return
    if tensor.entry is None or tensor.shape is not None:
        _state(ev, tensor, [s if isinstance(s, (int, Dim)) else None for s in items])
        return
    shape = tuple(s if isinstance(s, (int, Dim)) else ev.symbol("D", "dynamic") for s in items)
    ev.bind_entry(tensor.entry, shape, ("",) * len(shape), "declared")


def _state(ev: Evaluator, tensor: Tensor, said: list[Size]) -> None:
    """`image.set_shape((160, 160, 3))` after decoding: from here on the open sizes are these.

    In an arm that may not run nothing is told, and a size that is a number already stays.
    """
    before = tensor.shape
    if ev.branches or tensor.framework == "torch" or tensor.node < 0:
        return
    if before is not None and len(before) != len(said):
        return
    known = before or (None,) * len(said)
    sizes = tuple(found if new is None or isinstance(found, int) else new for found, new in zip(known, said))
    roles = [a[0].role if len(a) == 1 else "" for a in tensor.axes] if tensor.axes is not None else []
    ev.stated[tensor.node, tensor.slot] = (before, replace(tensor, shape=sizes, axes=ev.atoms(sizes, roles), last=None))
