"""Inputs that a Keras or TensorFlow program declares: `Input(shape=…)`, `input_shape=…`, `tf.placeholder`."""

from __future__ import annotations

from typing import Any

from archlint.dims import Dim, Size, var
from archlint.interp.evaluator import Evaluator
from archlint.interp.python import iterate
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import Frame
from archlint.layers.keras import applications
from archlint.text import Span
from archlint.values import Layer, ListValue, Object, Tensor, Unknown, as_size


def declared_input(ev: Evaluator, name: str, shape: list[Any] | None, batch: Any, span: Span, op: str) -> Tensor:
    """An entry tensor whose shape the program states; sizes left open are symbols of their own."""
    framework = "tf" if op.startswith("tensorflow") else "keras"
    tensor = ev.new_entry(name, span, framework, declared=True)
    node = ev.nodes_from(tensor.node)[0]
    node.op = op
    assert tensor.entry is not None
    if shape is None:
        return tensor
    letters = {1: [], 2: ["T"], 3: ["H", "W"], 4: ["D", "H", "W"]}.get(len(shape), [])
    sizes: list[Size] = [_batch(batch)]
    for place, item in enumerate(shape):
        size = as_size(item)
        if item is None:
            size = ev.symbol(letters[place] if place < len(letters) else "D", "dynamic")
        sizes.append(size)
    ev.bind_entry(tensor.entry, tuple(sizes), ("batch",) + ("",) * len(shape), "declared")
    node.names.clear()
    return ev.refresh(tensor)


def _batch(batch: Any) -> Size:
    """All inputs of a Keras model share one batch size."""
    return var("N", "dynamic") if batch is None else as_size(batch)


def shape_items(ev: Evaluator, value: Any) -> list[Any] | None:
    """A shape argument as a list of sizes; None when it is not known."""
    if isinstance(value, (int, Dim)) and not isinstance(value, bool):
        return [value]
    if isinstance(value, (tuple, ListValue)):
        items = iterate.items(ev, value)
        return None if isinstance(items, Unknown) else items
    if isinstance(value, list):
        return value
    return None


def make_input(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`Input(shape=(32, 32, 3))`."""
    given = arguments.keywords
    tensor = given.get("tensor")
    if isinstance(tensor, Tensor):
        return tensor
    name = given.get("name")
    label = name if isinstance(name, str) else "input"
    whole = given.get("batch_shape", given.get("batch_input_shape"))
    if whole is not None:
        items = shape_items(ev, whole)
        batch, shape = (None, None) if not items else (items[0], items[1:])
        return declared_input(ev, label, shape, batch, arguments.span, "keras.Input")
    shape = shape_items(ev, arguments.get(0, "shape", given.get("input_shape")))
    batch = arguments.get(1, "batch_size")
    return declared_input(ev, label, shape, batch, arguments.span, "keras.Input")


def stated_input(ev: Evaluator, layer: Any) -> Tensor | None:
    """The input that a first layer states: `Dense(64, input_shape=(784,))`, or a nested model's own."""
    if isinstance(layer, Object) and layer.kind == "keras.layers.InputLayer":
        return layer.attrs.get("__tensor__")
    args = layer.args if isinstance(layer, Layer) else layer.attrs if isinstance(layer, Object) else {}
    span = getattr(layer, "span", Span(ev.main_path, 0, 0))
    whole = shape_items(ev, args.get("batch_input_shape", args.get("batch_shape")))
    if whole:
        return declared_input(ev, "input", whole[1:], whole[0], span, "keras.Input")
    shape = shape_items(ev, args.get("input_shape"))
    if isinstance(layer, Layer) and layer.spec.name.startswith("keras.applications."):
        shape = shape_items(ev, applications.input_shape(layer.spec.name, args))
    batch = args.get("batch_size")
    if shape is None and args.get("input_dim") is not None and isinstance(layer, Layer):
        width = args["input_dim"]
        if layer.spec.name == "keras.layers.Embedding":
            length = args.get("input_length")
            shape = shape_items(ev, length) or [None] if args.get("input_length") is not None else None
        elif layer.spec.family == "recurrent":
            shape = [args.get("input_length"), width]
        else:
            shape = [width]
    if shape is not None:
        return declared_input(ev, "input", shape, batch, span, "keras.Input")
    if isinstance(layer, Object) and layer.kind in ("keras.Model", "keras.Sequential"):
        own = layer.attrs.get("__inputs__") if layer.kind == "keras.Model" else layer.attrs.get("__input__")
        if isinstance(own, Tensor) and own.shape is not None:
            return declared_input(ev, "input", list(own.shape[1:]), None, span, "keras.Input")
    if isinstance(layer, Object) and isinstance(layer.attrs.get("layer"), (Layer, Object)):
        inner = layer.attrs["layer"]
        if layer.kind == "keras.layers.Bidirectional":
            return stated_input(ev, inner)
    return None
