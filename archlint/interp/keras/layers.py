"""A user's own Keras layer: `build` before its first call, the call, and the shape it states for its output."""

from __future__ import annotations

from typing import Any

from archlint.dims import Size
from archlint.interp.evaluator import Evaluator
from archlint.interp.keras import attention as keras_attention
from archlint.interp.keras import inputs as keras_inputs
from archlint.interp.python import functions
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import Frame
from archlint.interp.python.iterate import OpenShape
from archlint.interp.slips import calls as slips_in_calls
from archlint.interp.tensors import apply
from archlint.layers import find
from archlint.layers.spec import Out
from archlint.text import Span
from archlint.values import (
    Class,
    DictValue,
    Function,
    Layer,
    ListValue,
    Method,
    Object,
    Reason,
    Tensor,
    Unknown,
    as_size,
)


def called(ev: Evaluator, layer: Object, call: tuple[Function, Class], arguments: Arguments) -> Any:
    """`layer(x)` where the class defines `call`."""
    keras_attention.note_query(ev, layer, arguments)
    build(ev, layer, call[0], arguments)
    result = functions.invoke(ev, call[0], _only_accepted(call[0], arguments).behind(layer), layer)
    stated = functions.method(layer, "compute_output_shape")
    if stated is None or not _shapeless(ev, result):
        return result
    return _of_stated_shape(ev, layer, stated[0], arguments, result)


def _only_accepted(function: Function, arguments: Arguments) -> Arguments:
    """`model(x, training=True)` where `call` takes no `training`: Keras itself swallows it."""
    params = function.node.params
    if any(p.kind == "doublestar" for p in params):
        return arguments
    names = {p.name for p in params}
    keywords = {k: v for k, v in arguments.keywords.items() if k in names or k not in ("training", "mask")}
    return arguments.but(arguments.positional, keywords)


def build(ev: Evaluator, layer: Object, call: Function, arguments: Arguments) -> None:
    """`build(input_shape)` runs once, before the first call; `build(query_shape, value_shape)` gets one of each."""
    found = functions.method(layer, "build")
    if found is None or layer.attrs.get("__built__"):
        return
    ev.heap.touch(layer.attrs)
    layer.attrs["__built__"] = True
    wanted = [p.name for p in found[0].node.params[1:] if p.kind in ("posonly", "normal") and p.default is None]
    given = dict(zip([p.name for p in call.node.params[1:]], arguments.positional)) | arguments.keywords
    shapes: list[Any]
    if len(wanted) == 1:
        first = arguments.positional[0] if arguments.positional else next(iter(arguments.keywords.values()), None)
        shapes = [shape_of(ev, first, arguments.span)]
    else:
        shapes = [shape_of(ev, given.get(name.removesuffix("_shape")), arguments.span) for name in wanted]
    before = len(ev.session.layers)
    functions.invoke(ev, found[0], Arguments([layer, *shapes], {}, arguments.span), layer)
    slips_in_calls.made_once(ev, before)


def note_build(ev: Evaluator, method: Method) -> None:
    """`self.attention.build(shape)`: a layer that is built by hand is not built again when it is called."""
    layer = method.receiver
    if (
        isinstance(layer, Object)
        and layer.kind.startswith("keras.")
        and getattr(method.function, "name", "") == "build"
    ):
        ev.heap.touch(layer.attrs)
        layer.attrs["__built__"] = True


def shape_of(ev: Evaluator, value: Any, where: Span) -> Any:
    """The shape of a tensor as `build` sees it; of a list of tensors, a list of shapes."""
    if isinstance(value, Tensor):
        value = ev.refresh(value)
        if value.shape is not None:
            return tuple(Unknown(Reason.DATA, "a size") if s is None else s for s in value.shape)
    if isinstance(value, tuple):
        return ListValue([shape_of(ev, v, where) for v in value])
    if isinstance(value, ListValue) and value.items is not None:
        return ListValue([shape_of(ev, v, where) for v in value.items])
    if isinstance(value, DictValue) and value.items is not None:
        return DictValue({k: shape_of(ev, v, where) for k, v in value.items.items()})
    return Unknown(Reason.ARGUMENT, "input shape", where)


def sizes_of(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`batch, steps, width = ops.shape(x)`: what `x.shape` is, which waits for the rank while that is open."""
    x = arguments.get(0, "x")
    if isinstance(x, Unknown) and x.symbol is not None:
        x = apply.entry_of(ev, x)
    if isinstance(x, Tensor) and (fresh := ev.refresh(x)).shape is None:
        return OpenShape(fresh)
    spec = find("keras.ops.shape")
    assert spec is not None
    return apply.call_function(ev, frame, spec, arguments)


DECLARED_METHODS = frozenset(("build", "compute_output_shape", "count_params", "get_config", "compute_mask",
                              "get_weights", "set_weights", "call"))  # fmt: skip


def call_method(ev: Evaluator, layer: Layer, name: str, arguments: Arguments) -> Any:
    """`self.dense.build(shape)`, `self.dense.compute_output_shape(shape)` of a layer of Keras' own."""
    if name != "compute_output_shape":
        return None if name == "build" else Unknown(Reason.DATA, name, arguments.span)
    items = keras_inputs.shape_items(ev, arguments.get(0, "input_shape"))
    if items is None or layer.spec.call:
        return Unknown(Reason.ARGUMENT, "input shape", arguments.span)
    x = Tensor(tuple(as_size(i) for i in items), framework="keras")
    result, _ = apply.guarded(ev, lambda: layer.spec.apply(x, layer.args), layer.spec.name)
    out = apply.first_out(result)
    if out is None or out.shape is None:
        return Unknown(Reason.SPEC, layer.spec.name, arguments.span)
    return tuple(Unknown(Reason.DATA, "a size") if s is None else s for s in out.shape)


def _shapeless(ev: Evaluator, result: Any) -> bool:
    """One tensor of unknown rank, or nothing that is known at all: `tf.py_function(…)`."""
    if isinstance(result, Tensor):
        return ev.refresh(result).shape is None and result.entry is None
    return isinstance(result, Unknown)


def _of_stated_shape(ev: Evaluator, layer: Object, function: Function, arguments: Arguments, result: Any) -> Any:
    """What Keras takes the output to be: `compute_output_shape` of the input's shape."""
    given = arguments.positional[0] if arguments.positional else next(iter(arguments.keywords.values()), None)
    inputs = [ev.refresh(t) for t in apply.tensors_in(apply.plain(given))]
    if not inputs or any(t.shape is None for t in inputs):
        return result
    shape = shape_of(ev, given, arguments.span)
    stated = functions.invoke(ev, function, Arguments([layer, shape], {}, arguments.span), layer)
    if isinstance(stated, ListValue) and stated.items is not None:
        stated = tuple(stated.items)
    sizes = _sizes(stated)
    if sizes is None:
        return result
    site = apply.Site(f"{layer.cls.name if layer.cls else layer.kind}.call", "other", arguments.span, layer.name)
    if isinstance(result, Tensor):  # what was computed on the way keeps its place and its weights
        return apply.record(ev, site, [*inputs, result], Out(sizes))
    return apply.record(ev, site, inputs, Out(sizes, params=None, state=None))


def _sizes(stated: Any) -> tuple[Size, ...] | None:
    """A shape: a tuple of sizes, `None` for one that is open."""
    if not isinstance(stated, tuple) or any(isinstance(s, (tuple, ListValue, Tensor, str)) for s in stated):
        return None
    return tuple(as_size(s) for s in stated)
