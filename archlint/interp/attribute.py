"""`value.name` read, written and deleted."""

from __future__ import annotations

from typing import Any

from archlint.interp import (
    apply,
    construct,
    functions,
    imports,
    keras_models,
    library,
    tensor_methods,
    torch_modules,
)
from archlint.interp.arguments import Arguments
from archlint.interp.evaluator import Evaluator
from archlint.interp.frame import Frame
from archlint.interp.iterate import OpenShape
from archlint.interp.join import lift
from archlint.source import ir
from archlint.text import Span
from archlint.values import (
    Builtin,
    Class,
    DictValue,
    External,
    Function,
    Layer,
    ListValue,
    Method,
    Module,
    Object,
    Ratio,
    Reason,
    SetValue,
    Super,
    Tensor,
    Unknown,
)

MISSING = Unknown(Reason.NAME, "no such attribute")
_CONSTANTS = {
    "math.pi": 3.141592653589793, "math.e": 2.718281828459045, "math.inf": float("inf"),
    "numpy.pi": 3.141592653589793, "sys.maxsize": 2**63 - 1, "os.sep": "/", "numpy.newaxis": None,
    "tensorflow.newaxis": None, "torch.pi": 3.141592653589793, "typing.TYPE_CHECKING": False,
    "torch.jit.is_scripting": None,
}  # fmt: skip


def get(ev: Evaluator, frame: Frame, value: Any, name: str, where: Span) -> Any:
    """An attribute, looked up as Python does for the values that are modelled."""
    return lift(ev, value, lambda one: _get(ev, frame, one, name, where))


def _get(ev: Evaluator, frame: Frame, value: Any, name: str, where: Span) -> Any:
    if isinstance(value, Object):
        return of_object(ev, frame, value, name, where)
    if isinstance(value, Tensor):
        return tensor_methods.attribute(ev, value, name, where)
    if isinstance(value, External):
        full = f"{value.name}.{name}"
        if name in ("__name__", "__qualname__"):
            return value.name.rpartition(".")[2]
        if (full in _CONSTANTS and _CONSTANTS[full] is not None) or full.endswith(".newaxis"):
            return _CONSTANTS.get(full)
        return External(full)
    if isinstance(value, Module):
        return _of_module(ev, value, name)
    if isinstance(value, Class):
        return _of_class(ev, frame, value, name)
    if isinstance(value, Layer):
        return _of_layer(ev, value, name, where)
    if isinstance(value, Super):
        return _of_super(value, name)
    if isinstance(value, Unknown):
        return _of_unknown(ev, value, name, where)
    if isinstance(value, Function):
        if name in value.attrs:
            return value.attrs[name]
        if name == "__module__":
            return value.module.name
        return value.name if name in ("__name__", "__qualname__", "name", "key") else MISSING
    if isinstance(value, Builtin) and name in ("func", "keywords", "args", "__name__"):
        return _of_partial(value, name, where)
    if isinstance(value, (Builtin, Method)):
        return Unknown(Reason.SYNTAX, f"attribute {name}", where)
    if isinstance(value, (ListValue, DictValue, SetValue, str, tuple, bytes, OpenShape)):
        if isinstance(value, DictValue) and value.items is not None and value.items.get("__attributes__"):
            return value.items.get(name, MISSING)
        return Method(value, name)
    if isinstance(value, (int, float, complex)) and not isinstance(value, bool):
        return _of_number(value, name)
    if isinstance(value, Ratio):
        return Method(value, name)
    if name == "value" and value is not None:
        return value  # `x.get_shape()[1].value`
    return Unknown(Reason.SYNTAX, f"attribute {name}", where)


def _of_partial(value: Builtin, name: str, where: Span) -> Any:
    """`norm_layer.func` of a partial; the name of a built-in type."""
    if name == "__name__":
        return value.name
    found = library.PARTIALS.get(id(value))
    if found is None:
        return Unknown(Reason.NAME, name, where)
    return found.function if name == "func" else DictValue(dict(found.keywords)) if name == "keywords" else found.fixed


def _of_number(value: Any, name: str) -> Any:
    if name in ("value", "real"):
        return value
    return Method(value, name)


def _of_module(ev: Evaluator, value: Module, name: str) -> Any:
    found = functions.global_name(ev, value, name) if name in value.names or value.stars else MISSING
    if isinstance(found, Unknown) and found.why == Reason.NAME:
        submodule = ev.resolver.resolve(f"{value.name}.{name}", 0, value.path)
        if submodule is not None:
            return imports.load(ev, submodule, f"{value.name}.{name}")
    return found


def _of_class(ev: Evaluator, frame: Frame, value: Class, name: str) -> Any:
    if name in ("__name__", "__qualname__"):
        return value.name
    if name == "__module__":
        return value.module.name
    found = functions.class_attribute(value, name)
    if found is None:
        return MISSING
    attribute, owner = found
    if isinstance(owner, External) and name == "apply" and owner.name == "torch.autograd.Function":
        return _autograd(value)
    if isinstance(owner, External):
        return Unknown(Reason.EXTERNAL, f"{owner.name}.{name}")
    if isinstance(attribute, Function) and attribute.attrs.get("__kind__") == "classmethod":
        return Method(value, attribute, owner)
    return imports.resolved(ev, attribute)


def _autograd(cls: Class) -> Any:
    """`HardSigmoid.apply(x)` runs the class's static `forward(ctx, x)`."""

    def apply_forward(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
        found = functions.class_attribute(cls, "forward")
        if found is None or not isinstance(found[0], Function):
            return Unknown(Reason.NAME, "forward", arguments.span)
        context = Unknown(Reason.EXTERNAL, "the autograd context", arguments.span)
        return functions.invoke(ev, found[0], arguments.behind(context))

    return Builtin("apply", apply_forward)


def _of_layer(ev: Evaluator, value: Layer, name: str, where: Span) -> Any:
    if name in value.attrs:
        return value.attrs[name]
    if value.spec.name.startswith("torch."):
        return torch_modules.layer_attribute(ev, value, name, where)
    return keras_models.layer_attribute(ev, value, name, where)


def _of_super(value: Super, name: str) -> Any:
    receiver = value.receiver
    cls = receiver.cls if isinstance(receiver, Object) else receiver if isinstance(receiver, Class) else None
    if cls is None:
        return MISSING
    if name == "__init__" and isinstance(receiver, Object):
        after = next((i for i, c in enumerate(cls.mro) if c is value.after), -1)
        order = cls.mro[after + 1 :]

        def init(ev: Evaluator, frame: Frame, arguments: Arguments) -> None:
            construct.initialise(ev, frame, receiver, order, arguments)

        return Builtin("super().__init__", init)
    found = functions.class_attribute(cls, name, value.after)
    if found is None:
        return Method(receiver, f"base:object.{name}")
    attribute, owner = found
    if isinstance(owner, External):
        return Method(receiver, f"base:{owner.name}.{name}")
    if isinstance(attribute, Function):
        return attribute if attribute.attrs.get("__kind__") == "staticmethod" else Method(receiver, attribute, owner)
    return attribute


def _of_unknown(ev: Evaluator, value: Unknown, name: str, where: Span) -> Any:
    """A parameter that is asked for its shape, or for a tensor's method, is a tensor."""
    if value.symbol is not None and tensor_methods.is_tensor_attribute(ev, name):
        return tensor_methods.attribute(ev, apply.entry_of(ev, value), name, where)
    return Unknown(value.why, f"{value.about}.{name}" if value.about else name, value.where or where)


def of_object(ev: Evaluator, frame: Frame, value: Object, name: str, where: Span) -> Any:
    """An attribute of an instance: its own, its class's, its framework base's."""
    if name == "__dict__" and value.cls is not None:
        put_named(ev, value, None, None, where)  # what is done to it is not followed
    hidden = value.attrs.get("__dynamic__")
    if isinstance(hidden, Unknown) and (name in value.attrs or name in (value.items or ())):
        return hidden
    if name in value.attrs:
        return imports.resolved(ev, value.attrs[name])
    if name == "__class__" and value.cls is not None:
        return value.cls
    if name == "__module__" and value.cls is not None:
        return value.cls.module.name
    if value.cls is not None:
        found = functions.class_attribute(value.cls, name)
        if found is not None and not isinstance(found[1], External):
            return _bind(ev, frame, value, found[0], found[1], where)
    if value.kind.startswith("torch."):
        return torch_modules.attribute(ev, frame, value, name, where)
    if value.kind.startswith("keras."):
        return keras_models.attribute(ev, frame, value, name, where)
    if value.items is not None and name in value.items:
        return value.items[name]
    if value.cls is not None:
        dynamic = functions.class_attribute(value.cls, "__getattr__")
        if dynamic is not None and isinstance(dynamic[0], Function):
            return functions.invoke(ev, dynamic[0], Arguments([value, name], {}, where), value)
    if value.kind in ("", "typing.NamedTuple", "collections.namedtuple"):
        return Method(value, name) if name in ("_replace", "_asdict", "__class__") else MISSING
    return Unknown(Reason.EXTERNAL, f"{value.kind}.{name}", where)


def _bind(ev: Evaluator, frame: Frame, value: Object, found: Any, owner: Any, where: Span) -> Any:
    if isinstance(found, Function):
        kind = found.attrs.get("__kind__")
        if kind == "property":
            return functions.invoke(ev, found, Arguments([value], {}, where), value)
        if kind == "staticmethod":
            return found
        if isinstance(found.node, ir.Lambda) or found.owner is not None or kind == "classmethod":
            return Method(value.cls if kind == "classmethod" else value, found, owner)
        return Method(value, found, owner)
    return imports.resolved(ev, found)


def put(ev: Evaluator, owner: Any, name: str, value: Any, where: Span) -> None:
    """`owner.name = value`."""
    layer = owner.native if isinstance(owner, Object) else owner
    if isinstance(layer, Layer) and name in ("weight", "bias"):
        layer.attrs["__modified__"] = True  # `self.bias = None` after `super().__init__()`
    elif isinstance(layer, Layer) and name in layer.args:
        _reconfigure(ev, layer, name, value)
    if isinstance(owner, Object):
        ev.heap.touch(owner.attrs)
        owner.attrs[name] = value
        owner.attr_spans[name] = where
        if owner.kind.startswith("torch.") or owner.kind.startswith("keras."):
            _register(ev, owner, name, value)
    elif isinstance(owner, (Layer, Function, Class)):
        ev.heap.touch(owner.attrs)
        owner.attrs[name] = value
    elif isinstance(owner, Module):
        ev.heap.touch(owner.names)
        owner.names[name] = value


_READ_AT_CALL = frozenset(("stride", "padding", "dilation"))
_FIXED_BY_WEIGHTS = frozenset((
    "groups", "output_padding", "padding_mode", "hidden_size", "num_layers", "bidirectional", "batch_first",
    "proj_size", "num_heads", "normalized_shape", "kernel_size", "filters", "units", "strides", "dilation_rate",
    "data_format", "return_sequences", "return_state", "axis", "depth_multiplier", "output_dim",
))  # fmt: skip
"""Of a layer with weights: what its forward reads anew each time, and what is no longer certain once it is changed."""


def _reconfigure(ev: Evaluator, layer: Layer, name: str, value: Any) -> None:
    """`pool.ceil_mode = True`, `conv.stride = (1, 1)`: the next call goes by it; weights stay as they are."""
    if layer.spec.name.startswith("torch.") and (not layer.spec.weights or name in _READ_AT_CALL):
        ev.heap.touch(layer.args)
        layer.args[name] = value
    elif name in _FIXED_BY_WEIGHTS or not layer.spec.weights:
        layer.attrs["__modified__"] = True


def put_named(ev: Evaluator, owner: Any, name: Any, value: Any, where: Span) -> None:
    """`setattr(owner, name, value)`.  With a name that is not known, no attribute of the owner is known any more."""
    if isinstance(name, str):
        put(ev, owner, name, value, where)
    elif isinstance(owner, Object):
        hidden = Unknown(Reason.DATA, "an attribute whose name is not known", where)
        ev.heap.touch(owner.attrs)
        owner.attrs["__dynamic__"] = owner.attrs["__unknown_items__"] = hidden


def _register(ev: Evaluator, owner: Object, name: str, value: Any) -> None:
    if owner.items is not None and owner.kind.startswith("torch.") and isinstance(value, (Layer, Object)):
        construct.put_child(ev, owner, name, value)  # `self.norm = …` in a Sequential is one more child
        return
    construct.adopt(owner, name, value)
    if isinstance(value, (ListValue, tuple)):
        for number, item in enumerate((value.items or []) if isinstance(value, ListValue) else value):
            construct.adopt(owner, f"{name}.{number}", item)
    elif isinstance(value, DictValue):
        for key, item in (value.items or {}).items():
            construct.adopt(owner, f"{name}.{key}", item)


def delete(ev: Evaluator, owner: Any, name: str) -> None:
    """`del owner.name`."""
    if isinstance(owner, (Object, Layer)):
        ev.heap.touch(owner.attrs)
        owner.attrs.pop(name, None)
