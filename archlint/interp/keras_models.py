"""Keras models as Keras builds them: Input, Sequential, functional Model, subclasses, wrappers, compile."""

from __future__ import annotations

from typing import Any

from archlint.dims import Dim, Size, product
from archlint.interp import apply, construct, functions, iterate, keras_tape, keras_wrappers
from archlint.interp import call as calls
from archlint.interp.arguments import Arguments
from archlint.interp.evaluator import Evaluator
from archlint.interp.frame import Frame
from archlint.model import CompileRecord
from archlint.text import Span
from archlint.values import (
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
)  # fmt: skip


def declared_input(ev: Evaluator, name: str, shape: list[Any] | None, batch: Any, span: Span, op: str) -> Tensor:
    """An entry tensor whose shape the program states; sizes left open are symbols of their own."""
    framework = "tf" if op.startswith("tensorflow") else "keras"
    tensor = ev.new_entry(name, span, framework, declared=True)
    node = ev.session.graph.nodes[tensor.node]
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
    from archlint.dims import var

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
        add(ev, frame, made, layer, getattr(layer, "span", arguments.span))


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
    if isinstance(layer, Unknown) or layer is None:
        model.attrs["__unknown_items__"] = layer if layer is not None else Unknown(Reason.EXTERNAL, "a layer", span)
    if not model.items and "__input__" not in model.attrs:
        tensor = stated_input(ev, layer)
        if tensor is not None:
            model.attrs["__input__"] = model.attrs["__output__"] = tensor
    construct.put_child(ev, model, str(len(model.items)), layer)
    output = model.attrs.get("__output__")
    if isinstance(output, Tensor):
        model.attrs.setdefault("__history__", []).append(output)
        where = layer.span if isinstance(layer, (Layer, Object)) else span
        model.attrs["__output__"] = calls.call(ev, frame, layer, Arguments([output], {}, where))


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


def call(ev: Evaluator, frame: Frame, model: Object, arguments: Arguments) -> Any:
    """A Keras object on its input."""
    handler = keras_wrappers.CALLS.get(model.kind)
    if handler is not None:
        return handler(ev, frame, model, arguments)
    if not ev.owners:
        model.attrs["__calls__"] = model.attrs.get("__calls__", 0) + 1
    ev.owners.append(model)
    model.attrs["__called__"] = True
    try:
        found = functions.method(model, "call")
        if found is not None:
            _build(ev, model, arguments)
            return functions.invoke(ev, found[0], _only_accepted(found[0], arguments).behind(model), model)
        if model.items is not None:
            return _sequence(ev, frame, model, arguments)
        if "__outputs__" in model.attrs:
            return keras_tape.replay(ev, frame, model, arguments)
        if model.native is not None:
            model.native.parent, model.native.name = model.parent, model.name
            return apply.call_layer(ev, frame, model.native, arguments)
    finally:
        ev.owners.pop()
    why = Unknown(Reason.EXTERNAL, f"call of {model.kind}", arguments.span)
    return apply.opaque(ev, model.kind, arguments, why)


def _only_accepted(function: Any, arguments: Arguments) -> Arguments:
    """`model(x, training=True)` where `call` takes no `training`: Keras itself swallows it."""
    params = function.node.params
    if any(p.kind == "doublestar" for p in params):
        return arguments
    names = {p.name for p in params}
    keywords = {k: v for k, v in arguments.keywords.items() if k in names or k not in ("training", "mask")}
    return Arguments(
        arguments.positional, keywords, arguments.span, arguments.positional_spans, arguments.keyword_spans,
        arguments.open_positional, arguments.open_keywords, arguments.guessed,
    )  # fmt: skip


def _build(ev: Evaluator, model: Object, arguments: Arguments) -> None:
    """`build(input_shape)` runs once, before the first call."""
    found = functions.method(model, "build")
    if found is None or model.attrs.get("__built__"):
        return
    model.attrs["__built__"] = True
    x = arguments.get(0, "inputs")
    shape: Any = Unknown(Reason.ARGUMENT, "input shape", arguments.span)
    if isinstance(x, Tensor):
        x = ev.refresh(x)
        if x.shape is not None:
            shape = tuple(Unknown(Reason.DATA, "a size") if s is None else s for s in x.shape)
    functions.invoke(ev, found[0], Arguments([model, shape], {}, arguments.span), model)


def _sequence(ev: Evaluator, frame: Frame, model: Object, arguments: Arguments) -> Any:
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
            return tuple(Unknown(Reason.DATA, "a size") if s is None else s for s in tensor.shape)
    if name == "layers" and model.items is not None:
        return ListValue(list(model.items.values()))
    if name == "name":
        return model.name or "model"
    if name == "built":
        return Unknown(Reason.DATA, "built", where)
    if model.native is not None and name in model.native.args:
        return model.native.args[name]
    if name in _METHODS or name in _NOTHING:
        return Method(model, f"keras.{name}")
    return Unknown(Reason.NAME, f"{model.cls.name if model.cls else model.kind}.{name}", where)


def layer_attribute(ev: Evaluator, layer: Layer, name: str, where: Span) -> Any:
    """`layer.output`, `layer.units`."""
    if name in ("output", "output_shape", "input", "input_shape"):
        for node in reversed(ev.session.graph.nodes):
            if node.layer == layer.ident:
                tensor = node.outputs[0] if name.startswith("output") else node.inputs[0]
                return tensor.shape if name.endswith("shape") and tensor.shape is not None else tensor
    if name == "name":
        return layer.name or Unknown(Reason.DATA, "an automatic name", where)
    if name in layer.args:
        value = layer.args[name]
        return ListValue(list(value)) if isinstance(value, list) else value
    return Unknown(Reason.NAME, f"{layer.spec.name}.{name}", where)


def call_method(ev: Evaluator, frame: Frame, model: Any, name: str, arguments: Arguments) -> Any:
    """`model.add(…)`, `model.compile(…)`, `self.add_weight(…)`."""
    handler = _METHODS.get(name)
    return None if handler is None else handler(ev, frame, model, arguments)


def base_method(ev: Evaluator, frame: Frame, model: Object, base: str, name: str, arguments: Arguments) -> Any:
    """`super().call(x)`, `super().build(shape)` that reach Keras."""
    if name == "__init__":
        construct.base_init(ev, frame, model, External(base), arguments)
        return None
    if name == "call":
        if model.items is not None:
            return _sequence(ev, frame, model, arguments)
        if model.native is not None:
            return apply.call_layer(ev, frame, model.native, arguments)
        return Unknown(Reason.EXTERNAL, f"{base}.call", arguments.span)
    if name == "get_config":
        return DictValue(None, Unknown(Reason.DATA, "get_config", arguments.span))
    return call_method(ev, frame, model, name, arguments)


def _add(ev: Evaluator, frame: Frame, model: Any, arguments: Arguments) -> Any:
    layer = arguments.get(0, "layer")
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
    model.attrs["__compiled__"] = CompileRecord(loss, optimizer, arguments.keywords.get("metrics"), arguments.span)


def _weight(ev: Evaluator, frame: Frame, model: Any, arguments: Arguments) -> Any:
    """`self.add_weight(shape=(d, units))` and the Keras 2 order `add_weight(name, shape)`."""
    shape = arguments.keywords.get("shape")
    if shape is None:
        shape = next((v for v in arguments.positional if isinstance(v, (tuple, ListValue))), ())
    items = shape_items(ev, shape)
    sizes = None if items is None else tuple(as_size(i) for i in items)
    trainable = arguments.keywords.get("trainable", True) is not False
    count = product(sizes) if sizes is not None else None
    weights = list(model.attrs.get("__weights__", ()))
    ev.heap.touch(model.attrs)
    model.attrs["__weights__"] = [*weights, (count, trainable)]
    return Tensor(sizes, "float32", framework="keras")


def _get_layer(ev: Evaluator, frame: Frame, model: Any, arguments: Arguments) -> Any:
    name, index = arguments.get(0, "name"), arguments.get(1, "index")
    if isinstance(model, Object) and model.items is not None:
        children = list(model.items.values())
        if isinstance(index, int) and -len(children) <= index < len(children):
            return children[index]
        for child in children:
            if isinstance(name, str) and getattr(child, "name", "") == name:
                return child
    for layer in ev.session.layers:
        if isinstance(name, str) and layer.name == name:
            return layer
    return Unknown(Reason.DATA, "get_layer", arguments.span)


def _build_model(ev: Evaluator, frame: Frame, model: Any, arguments: Arguments) -> Any:
    """`model.build((None, 32, 32, 3))`."""
    items = shape_items(ev, arguments.get(0, "input_shape"))
    if items and isinstance(model, Object) and model.kind == "keras.Sequential" and "__output__" not in model.attrs:
        tensor = declared_input(ev, "input", items[1:], items[0], arguments.span, "keras.Input")
        call(ev, frame, model, Arguments([tensor], {}, arguments.span))


_METHODS = {
    "add": _add, "pop": _pop, "compile": _compile, "add_weight": _weight, "add_variable": _weight, "get_layer": _get_layer,
    "build": _build_model,
}  # fmt: skip
_NOTHING = {
    "fit", "evaluate", "predict", "summary", "save", "load_weights", "save_weights", "fit_generator", "train_on_batch",
    "test_on_batch", "predict_generator", "set_weights", "get_weights", "add_loss", "add_metric", "get_config", "count_params",
    "reset_states", "add_update", "call", "compute_output_shape", "predict_on_batch", "to_json",
}  # fmt: skip


def _set_data_format(ev: Evaluator, frame: Frame, arguments: Arguments) -> None:
    """`K.set_image_data_format("channels_first")`; Keras 1 says "th" and "tf"."""
    value = arguments.get(0, "data_format", arguments.keywords.get("dim_ordering"))
    if isinstance(value, str):
        value = {"th": "channels_first", "tf": "channels_last"}.get(value, value)
    ev.data_format = value


def _data_format(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    return ev.data_format


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
            made.attrs["__tensor__"] = make_input(ev, frame, arguments)
        return made

    return build


HANDLERS = {
    "keras.Input": make_input,
    "keras.Model": make_model,
    "keras.Sequential": make_sequential,
    **{
        f"keras.{module}.{name}": function
        for module in ("backend", "config")
        for name, function in (
            ("set_image_data_format", _set_data_format),
            ("set_image_dim_ordering", _set_data_format),
            ("image_data_format", _data_format),
        )
    },
    **{
        f"keras.layers.{name}": _layer_object(f"keras.layers.{name}")
        for name in ("TimeDistributed", "Bidirectional", "Lambda", "InputLayer", "Layer")
    },
}
