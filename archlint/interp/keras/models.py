"""Keras models as Keras builds them: Input, Sequential, functional Model, subclasses, wrappers, compile."""

from __future__ import annotations

from typing import Any

from archlint.dims import product
from archlint.interp.data import feeds
from archlint.interp.evaluator import Evaluator
from archlint.interp.keras import applications as keras_applications
from archlint.interp.keras import attention as keras_attention
from archlint.interp.keras import inputs as keras_inputs
from archlint.interp.keras import layers as keras_layers
from archlint.interp.keras import taking as keras_taking
from archlint.interp.keras import tape as keras_tape
from archlint.interp.keras import wrappers as keras_wrappers
from archlint.interp.python import call as calls
from archlint.interp.python import construct, functions, iterate
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import Frame
from archlint.interp.slips import calls as slips_in_calls
from archlint.interp.tensors import apply
from archlint.layers import find
from archlint.model import CompileRecord
from archlint.text import Span
from archlint.values import (
    Choice,
    DictValue,
    External,
    Layer,
    ListValue,
    Method,
    Object,
    Reason,
    Tensor,
    Unknown,
    as_size,
)


def make_model(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`Model(inputs, outputs)`."""
    made = Object(None, "keras.Model", {}, ev.serial(), arguments.span)
    given = arguments.keywords
    made.attrs["__inputs__"] = arguments.get(0, "inputs", given.get("input"))
    made.attrs["__outputs__"] = arguments.get(1, "outputs", given.get("output"))
    _name(ev, made, arguments)
    ev.session.objects.append(made)
    return made


def make_sequential(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`Sequential([...])`, `Sequential()`."""
    made = Object(None, "keras.Sequential", {}, ev.serial(), arguments.span, items={})
    _name(ev, made, arguments)
    slips_in_calls.children(ev, made.kind, arguments)
    ev.session.objects.append(made)
    fill(ev, frame, made, arguments)
    return made


def fill(ev: Evaluator, frame: Frame, made: Object, arguments: Arguments) -> None:
    """The layers that a Sequential's constructor is given."""
    layers = arguments.get(0, "layers")
    if layers is None:
        return
    items = iterate.items(ev, layers)
    if isinstance(items, Unknown):
        made.attrs["__unknown_items__"] = items
        return
    for layer in items:
        add(ev, frame, made, layer, arguments.span if _stands_alone(layer) else getattr(layer, "span", arguments.span))


def _name(ev: Evaluator, made: Object, arguments: Arguments) -> None:
    name = arguments.keywords.get("name")
    made.name = name if isinstance(name, str) else construct.automatic_name(ev, made.kind)


def add(ev: Evaluator, frame: Frame, model: Object, layer: Any, span: Span) -> None:
    """`model.add(layer)`: the layer is applied at once where the model's input is known."""
    if model.items is None:
        return
    if isinstance(layer, Tensor):
        model.attrs["__input__"] = model.attrs["__output__"] = layer
        return
    if isinstance(layer, External) and layer.name.startswith("keras.layers."):  # a class that nobody made a layer of
        layer = Unknown(Reason.SYNTAX, layer.name, span)
    if isinstance(layer, Unknown) or layer is None:
        model.attrs["__unknown_items__"] = layer if layer is not None else Unknown(Reason.EXTERNAL, "a layer", span)
    if not model.items and "__input__" not in model.attrs:
        tensor = keras_inputs.stated_input(ev, layer)
        if tensor is not None:
            model.attrs["__input__"] = model.attrs["__output__"] = tensor
    construct.put_child(ev, model, str(len(model.items)), layer)
    output = model.attrs.get("__output__")
    if isinstance(output, (Tensor, tuple)):
        model.attrs.setdefault("__history__", []).append(output)
        where = layer.span if isinstance(layer, (Layer, Object)) and not _stands_alone(layer) else span
        model.attrs["__output__"] = calls.call(ev, frame, layer, Arguments([output], {}, where))


def _stands_alone(layer: Any) -> bool:
    """Is it a model with an input of its own, made before it is put into another: `Sequential([generator, judge])`?"""
    return isinstance(layer, Object) and ("__outputs__" in layer.attrs or "__output__" in layer.attrs)


def call(ev: Evaluator, frame: Frame, model: Object, arguments: Arguments) -> Any:
    """A Keras object on its input."""
    handler = keras_wrappers.CALLS.get(model.kind)
    if handler is not None:
        return handler(ev, frame, model, arguments)
    if not ev.owners:
        model.attrs["__calls__"] = slips_in_calls.next_call(model)
    ev.owners.append(model)
    model.attrs["__called__"] = True
    model.attrs.setdefault("__roots__", set()).add(ev.owners[0].ident)
    try:
        found = functions.method(model, "call")
        if found is not None:
            return keras_layers.called(ev, model, found, arguments)
        if model.items is not None:
            return keras_taking.checked(ev, model, arguments, lambda: sequence(ev, frame, model, arguments))
        if "__outputs__" in model.attrs:
            return keras_taking.checked(ev, model, arguments, lambda: keras_tape.replay(ev, frame, model, arguments))
        if model.native is not None:
            model.native.parent, model.native.name = model.parent, model.name
            return apply.call_layer(ev, frame, model.native, arguments)
    finally:
        ev.owners.pop()
    why = Unknown(Reason.EXTERNAL, f"call of {model.kind}", arguments.span)
    return apply.opaque(ev, model.kind, arguments, why)


def sequence(ev: Evaluator, frame: Frame, model: Object, arguments: Arguments) -> Any:
    """The layers of a Sequential one after the other; the first time, they give the model its output."""
    assert model.items is not None
    if "__unknown_items__" in model.attrs:
        return apply.opaque(ev, "keras.Sequential", arguments, model.attrs["__unknown_items__"])
    value: Any = arguments.get(0, "inputs")
    first_use = "__output__" not in model.attrs
    if first_use and isinstance(value, Tensor):
        model.attrs["__input__"] = value
    for child in list(model.items.values()):
        value = calls.call(ev, frame, child, Arguments([value], {}, arguments.span))
    if first_use:
        model.attrs["__output__"] = value
    return value


def attribute(ev: Evaluator, frame: Frame, model: Object, name: str, where: Span) -> Any:
    """`model.output`, `model.layers`, a method."""
    if name in ("output", "outputs"):
        found = model.attrs.get("__outputs__", model.attrs.get("__output__"))
        if found is not None:
            return ListValue([found]) if name == "outputs" and isinstance(found, Tensor) else found
    if name in ("input", "inputs"):
        found = model.attrs.get("__inputs__", model.attrs.get("__input__"))
        if found is not None:
            return ListValue([found]) if name == "inputs" and isinstance(found, Tensor) else found
    if name in ("input_shape", "output_shape"):
        tensor = attribute(ev, frame, model, name.partition("_")[0], where)
        if isinstance(tensor, Tensor) and tensor.shape is not None:
            return _sizes(tensor.shape)
    if name == "layers" and model.items is not None:
        why = model.attrs.get("__unknown_items__")
        return ListValue(list(model.items.values())) if why is None else ListValue(None, why)
    if name == "name":
        return model.name or "model"
    if name == "built":
        return Unknown(Reason.DATA, "built", where)
    if model.native is not None and name in model.native.args:
        return model.native.args[name]
    inner = keras_attention.attribute(ev, frame, model, name, where)
    if inner is not keras_attention.ABSENT:
        return inner
    if name in _METHODS or name in _NOTHING:
        return Method(model, f"keras.{name}")
    return Unknown(Reason.NAME, f"{model.cls.name if model.cls else model.kind}.{name}", where)


def _sizes(shape: tuple[Any, ...]) -> tuple[Any, ...]:
    """What a program reads of a shape: a size that is not known here is not one that Keras leaves open."""
    return tuple(Unknown(Reason.DATA, "a size") if s is None else s for s in shape)


def layer_attribute(ev: Evaluator, layer: Layer, name: str, where: Span) -> Any:
    """`layer.output`, `layer.units`."""
    if name in ("output", "output_shape", "input", "input_shape"):
        keras_applications.apply_alone(ev, layer)
        for node in reversed(ev.session.graph.nodes):
            if node.layer == layer.ident:
                tensor = node.outputs[0] if name.startswith("output") else node.inputs[0]
                return _sizes(tensor.shape) if name.endswith("shape") and tensor.shape is not None else tensor
    if name == "name":
        return layer.name or Unknown(Reason.DATA, "an automatic name", where)
    if name in layer.args:
        value = layer.args[name]
        return ListValue(list(value)) if isinstance(value, list) else value
    if name in keras_layers.DECLARED_METHODS:
        return Method(layer, f"keras.{name}")
    return Unknown(Reason.NAME, f"{layer.spec.name}.{name}", where)


def call_method(ev: Evaluator, frame: Frame, model: Any, name: str, arguments: Arguments) -> Any:
    """`model.add(…)`, `model.compile(…)`, `self.add_weight(…)`."""
    if isinstance(model, Layer):
        return keras_layers.call_method(ev, model, name, arguments)
    if name in feeds.METHODS:
        feeds.meet(ev, frame, model, name, arguments)
        if name.startswith("predict"):
            return feeds.predicted(ev, model, arguments)
    handler = _METHODS.get(name)
    return None if handler is None else handler(ev, frame, model, arguments)


def base_method(ev: Evaluator, frame: Frame, model: Object, base: str, name: str, arguments: Arguments) -> Any:
    """`super().call(x)`, `super().build(shape)` that reach Keras."""
    if name == "__init__":
        construct.base_init(ev, frame, model, External(base), arguments)
        return None
    if name == "call":
        if model.items is not None:
            return sequence(ev, frame, model, arguments)
        if model.native is not None:
            return apply.call_layer(ev, frame, model.native, arguments)
        return Unknown(Reason.EXTERNAL, f"{base}.call", arguments.span)
    if name == "get_config":
        return DictValue(None, Unknown(Reason.DATA, "get_config", arguments.span))
    return call_method(ev, frame, model, name, arguments)


def _add(ev: Evaluator, frame: Frame, model: Any, arguments: Arguments) -> Any:
    layer = arguments.get(0, "layer")
    slips_in_calls.added(ev, layer, arguments)
    add(ev, frame, model, layer, arguments.span)


def _pop(ev: Evaluator, frame: Frame, model: Any, arguments: Arguments) -> Any:
    if isinstance(model, Object) and model.items:
        ev.heap.touch(model.items)
        model.items.popitem()
        history = model.attrs.get("__history__", [])
        if history:
            model.attrs["__output__"] = history.pop()


def _compile(ev: Evaluator, frame: Frame, model: Any, arguments: Arguments) -> Any:
    optimizer, loss = arguments.get(0, "optimizer"), arguments.get(1, "loss")
    ev.heap.touch(model.attrs)
    model.attrs["__compiled__"] = CompileRecord(loss, optimizer, arguments.keywords.get("metrics"), arguments.span)


def _weight(ev: Evaluator, frame: Frame, model: Any, arguments: Arguments) -> Any:
    """`self.add_weight(shape=(d, units))` and the Keras 2 order `add_weight(name, shape)`."""
    shape = arguments.keywords.get("shape")
    if shape is None:
        shape = next((v for v in arguments.positional if isinstance(v, (tuple, ListValue))), ())
    items = keras_inputs.shape_items(ev, shape)
    sizes = None if items is None else tuple(as_size(i) for i in items)
    trainable = arguments.keywords.get("trainable", True) is not False
    count = product(sizes) if sizes is not None else None
    weights = model.attrs.get("__weights__", [])
    weights = list(weights) if isinstance(weights, list) else [(None, True), (None, False)]
    ev.heap.touch(model.attrs)
    model.attrs["__weights__"] = [*weights, (count, trainable)]
    return Tensor(sizes, "float32", framework="keras")


def _get_layer(ev: Evaluator, frame: Frame, model: Any, arguments: Arguments) -> Any:
    name, index = arguments.get(0, "name"), arguments.get(1, "index")
    if isinstance(model, Object) and model.items is not None:
        children = list(model.items.values())
        if isinstance(index, int) and -len(children) <= index < len(children):
            return model.attrs.get("__unknown_items__", children[index])
        for child in children:
            if isinstance(name, str) and getattr(child, "name", "") == name:
                return child
    for layer in ev.session.layers:
        if isinstance(name, str) and layer.name == name:
            return layer
    return Unknown(Reason.DATA, "get_layer", arguments.span)


def _build_model(ev: Evaluator, frame: Frame, model: Any, arguments: Arguments) -> Any:
    """`model.build((None, 32, 32, 3))`."""
    items = keras_inputs.shape_items(ev, arguments.get(0, "input_shape"))
    if items and isinstance(model, Object) and model.kind == "keras.Sequential" and "__output__" not in model.attrs:
        tensor = keras_inputs.declared_input(ev, "input", items[1:], items[0], arguments.span, "keras.Input")
        call(ev, frame, model, Arguments([tensor], {}, arguments.span))


_METHODS = {
    "add": _add, "pop": _pop, "compile": _compile, "add_weight": _weight, "add_variable": _weight,
    "get_layer": _get_layer, "build": _build_model,
}  # fmt: skip
_NOTHING = frozenset(
    ("fit", "evaluate", "predict", "summary", "save", "load_weights", "save_weights", "fit_generator",
     "train_on_batch", "test_on_batch", "predict_generator", "set_weights", "get_weights", "add_loss", "add_metric",
     "get_config", "count_params", "reset_states", "add_update", "call", "compute_output_shape", "predict_on_batch",
     "to_json")
)  # fmt: skip


def _set_data_format(ev: Evaluator, frame: Frame, arguments: Arguments) -> None:
    """`K.set_image_data_format("channels_first")`; Keras 1 says "th" and "tf"."""
    value = arguments.get(0, "data_format", arguments.keywords.get("dim_ordering"))
    if isinstance(value, str):
        value = {"th": "channels_first", "tf": "channels_last"}.get(value, value)
    ev.data_format = value


def _activation(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`activations.get("relu")`: the function of that name; a function is itself."""
    given = arguments.get(0, "identifier")
    if given is None:
        return External("keras.activations.linear")
    return External(f"keras.activations.{given}") if isinstance(given, str) else given


def _backend(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`K.backend() == "theano"`: Keras runs on one of three, and on no other since Keras 3."""
    return Choice(("tensorflow", "jax", "torch"))


def _data_format(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    return ev.data_format


def _rnn(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`RNN(cell)`: declared for Keras' own cells; around a user's cell it is an object that steps it once."""
    cell = arguments.get(0, "cell")
    cells = iterate.items(ev, cell) if isinstance(cell, (tuple, ListValue)) else [cell]
    spec = find("keras.layers.RNN")
    assert spec is not None
    if isinstance(cells, Unknown) or not any(isinstance(c, Object) for c in cells):
        return construct.layer(ev, spec, arguments)
    made = Object(None, "keras.layers.RNN", {**arguments.keywords, "cells": cells}, ev.serial(), arguments.span)
    for name, value in zip(("return_sequences", "return_state"), arguments.positional[1:]):
        made.attrs[name] = value
    _name(ev, made, arguments)
    for number, inner in enumerate(cells):
        construct.adopt(made, f"cell{number or ''}", inner)
    return made


def _layer_object(kind: str) -> Any:
    def build(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
        made = Object(None, kind, dict(arguments.keywords), ev.serial(), arguments.span)
        made.attrs["layer"] = arguments.get(0, "layer", arguments.keywords.get("function"))
        made.attrs["merge_mode"] = arguments.get(1, "merge_mode", "concat")
        _name(ev, made, arguments)
        inner = made.attrs["layer"]
        if isinstance(inner, (Layer, Object)) and kind != "keras.layers.Lambda":
            inner.parent = made
        if kind == "keras.layers.InputLayer":
            made.attrs["__tensor__"] = keras_inputs.make_input(ev, frame, arguments)
        return made

    return build


HANDLERS = {
    "keras.Input": keras_inputs.make_input,
    "keras.Model": make_model,
    "keras.Sequential": make_sequential,
    "keras.layers.RNN": _rnn,
    "keras.ops.shape": lambda ev, frame, given: keras_layers.sizes_of(ev, frame, given),
    "keras.activations.get": _activation,
    **{
        f"keras.{module}.{name}": function
        for module in ("backend", "config")
        for name, function in (
            ("set_image_data_format", _set_data_format),
            ("set_image_dim_ordering", _set_data_format),
            ("image_data_format", _data_format),
            ("backend", _backend),
        )
    },
    **{
        f"keras.layers.{name}": _layer_object(f"keras.layers.{name}")
        for name in ("TimeDistributed", "Bidirectional", "Lambda", "InputLayer", "Layer")
    },
}
