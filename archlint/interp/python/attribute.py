"""`value.name` read, written and deleted."""

from __future__ import annotations

import string
from collections.abc import Callable
from typing import Any

from archlint.interp.data import arrays, batches
from archlint.interp.evaluator import Evaluator
from archlint.interp.keras import models as keras_models
from archlint.interp.python import class_making, construct, functions, imports, library, mappings, patches, reflection
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import Frame, UserRaise
from archlint.interp.python.iterate import OpenShape
from archlint.interp.python.join import lift
from archlint.interp.tensors import apply
from archlint.interp.tensors import methods as tensor_methods
from archlint.interp.torch import layer_attributes, layer_settings
from archlint.interp.torch import modules as torch_modules
from archlint.layers.families.elementwise import like
from archlint.layers.torch import contents
from archlint.layers.torch.module_attributes import TENSOR_ATTRIBUTES, VERSION
from archlint.source import ir
from archlint.text import Span
from archlint.values import (
    Array,
    Batches,
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

MAX_ABOUT = 120  # `node = node.next` in a loop
MISSING = Unknown(Reason.NAME, "no such attribute")
_CONSTANTS = {
    "math.pi": 3.141592653589793, "math.e": 2.718281828459045, "math.inf": float("inf"),
    "numpy.pi": 3.141592653589793, "sys.maxsize": 2**63 - 1, "os.sep": "/", "numpy.newaxis": None,
    "string.ascii_lowercase": string.ascii_lowercase, "string.ascii_letters": string.ascii_letters,
    "tensorflow.newaxis": None, "torch.pi": 3.141592653589793, "typing.TYPE_CHECKING": False,
    "torch.__version__": VERSION, "torch.version.__version__": VERSION,
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
        if full in ev.patches:
            return ev.patches[full]
        if name in ("__name__", "__qualname__"):
            return value.name.rpartition(".")[2]
        return constant(full)
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
        if name == "__code__":
            return reflection.code_of(ev, value, where)
        return value.name if name in ("__name__", "__qualname__", "name", "key") else MISSING
    if isinstance(value, Builtin) and name in ("func", "keywords", "args", "__name__"):
        return _of_partial(value, name, where)
    if isinstance(value, Builtin) and value.name == "dict" and name == "fromkeys":
        return External("collections.OrderedDict.fromkeys")
    if isinstance(value, (Builtin, Method)):
        return Unknown(Reason.SYNTAX, f"attribute {name}", where)
    if isinstance(value, tuple) and (part := tensor_methods.part_of_pair(value, name)) is not None:
        return part
    if isinstance(value, (ListValue, DictValue, SetValue, str, tuple, bytes, OpenShape)):
        if isinstance(value, DictValue) and value.items is not None and value.items.get("__attributes__"):
            return value.items.get(name, MISSING)
        return Method(value, name)
    if isinstance(value, (int, float, complex)) and not isinstance(value, bool):
        return _of_number(value, name)
    if isinstance(value, Ratio):
        return Method(value, name)
    if isinstance(value, Array):
        return arrays.attribute(ev, value, name, where)
    if isinstance(value, Batches):
        return batches.attribute(ev, value, name, where)
    if value is None and (name in ("shape", "dtype", "device") or name in TENSOR_ATTRIBUTES):
        raise UserRaise(f"None has no {name}")
    if name == "value" and value is not None:
        return value  # `x.get_shape()[1].value`
    return Unknown(Reason.SYNTAX, f"attribute {name}", where)


def constant(name: str) -> Any:
    """A library's name: the number or flag that it is, else the name itself."""
    return _CONSTANTS.get(name) if name in _CONSTANTS or name.endswith(".newaxis") else External(name)


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
        return imports.dotted(ev, value.module)
    if name == "__dict__":
        return class_making.dictionary(value)
    if name in ("__mro__", "__bases__"):
        return value.mro if name == "__mro__" else value.bases
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
    where = value.chunk.span(0, 0)
    return class_making.described(ev, imports.resolved(ev, attribute), value, where)


def _with_its_own_slope(ev: Evaluator, arguments: Arguments, result: Any) -> Any:
    """What `backward(ctx, slope)` is for: gradients reach the inputs past the steps that `forward` takes."""
    given = [one for one in arguments.positional if isinstance(one, Tensor)]
    made = ev.node(result.node) if isinstance(result, Tensor) else None
    if made is None or made.op.rpartition(".")[2] not in STEPS or not given:
        return result
    site = apply.Site("torch.autograd.Function.apply", "elementwise", arguments.span)
    return apply.record(ev, site, [result, *given], like(result))


STEPS = frozenset(("round", "floor", "ceil", "trunc", "sign", "heaviside"))


def _autograd(cls: Class) -> Any:
    """`HardSigmoid.apply(x)` runs the class's static `forward(ctx, x)`."""

    def apply_forward(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
        found = functions.class_attribute(cls, "forward")
        if found is None or not isinstance(found[0], Function):
            return Unknown(Reason.NAME, "forward", arguments.span)
        if isinstance((functions.class_attribute(cls, "setup_context") or (None,))[0], Function):
            result = functions.invoke(ev, found[0], arguments)  # then `forward` itself has no `ctx`
        else:
            result = functions.invoke(ev, found[0], arguments.behind(_autograd_context(ev, arguments.span)))
        if not isinstance((functions.class_attribute(cls, "backward") or (None,))[0], Function):
            return result
        return _with_its_own_slope(ev, arguments, result)

    return Builtin("apply", apply_forward)


def _autograd_context(ev: Evaluator, where: Span) -> Object:
    """`ctx` of a custom autograd function: notes for the backward pass, which change nothing here."""
    silent = Builtin("save_for_backward", lambda ev, frame, given: None)
    names = ("save_for_backward", "save_for_forward", "mark_non_differentiable", "mark_dirty", "set_materialize_grads")
    return Object(None, "", dict.fromkeys(names, silent), ev.serial(), where)


def _of_layer(ev: Evaluator, value: Layer, name: str, where: Span) -> Any:
    if name in value.attrs:
        return value.attrs[name]
    if name == "__class__":
        return External(value.spec.name)
    if value.spec.name.startswith("torch."):
        if (patched := patches.inherited(ev, value, name)) is not None:
            return Method(value, patched[0]) if isinstance(patched[0], Function) else patched[0]
        return layer_attributes.get(ev, value, name, where)
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
    about = f"{value.about}.{name}" if value.about else name
    return Unknown(value.why, about if len(about) <= MAX_ABOUT else value.about, value.where or where)


def of_object(ev: Evaluator, frame: Frame, value: Object, name: str, where: Span) -> Any:
    """An attribute of an instance: its own, its class's, its framework base's; through `__getattribute__`, if any."""
    asked = functions.method(value, "__getattribute__") if _is_plain(value) else None
    if asked is not None:
        found = functions.invoke(ev, asked[0], Arguments([value, name], {}, where), value)
        return class_making.asked_for(ev, value, name, where) if found is MISSING else found
    return own_attribute(ev, frame, value, name, where)


def _is_plain(value: Object) -> bool:
    """Is it an instance of a project's class that is no module or layer?"""
    return value.cls is not None and not value.kind.startswith(("torch.", "keras."))


def own_attribute(ev: Evaluator, frame: Frame, value: Object, name: str, where: Span, dynamic: bool = True) -> Any:
    """What `object.__getattribute__` gives, and with `dynamic` the class's `__getattr__` after it."""
    if name == "__dict__" and _is_plain(value) and "__dynamic__" not in value.attrs:
        return mappings.dictionary(ev, value)
    if name == "__dict__" and value.cls is not None:
        put_named(ev, value, None, None, where)  # what is done to it is not followed
    hidden = value.attrs.get("__dynamic__")
    if isinstance(hidden, Unknown) and (name in value.attrs or name in (value.items or ())):
        return hidden
    if name in value.attrs:
        return imports.resolved(ev, value.attrs[name])
    if name == "__class__" and (value.cls is not None or value.kind.startswith("torch.nn.")):
        return value.cls or External(value.kind)
    if name == "__module__" and value.cls is not None:
        return imports.dotted(ev, value.cls.module)
    if value.cls is not None:
        found = functions.class_attribute(value.cls, name)
        if found is not None and not isinstance(found[1], External):
            return _bind(ev, frame, value, found[0], found[1], where)
    if value.kind.startswith("torch."):
        if (patched := patches.inherited(ev, value, name)) is not None:
            return _bind(ev, frame, value, *patched, where)
        return torch_modules.attribute(ev, frame, value, name, where)
    if value.kind.startswith("keras."):
        return keras_models.attribute(ev, frame, value, name, where)
    if value.items is not None and name in value.items:
        return value.items[name]
    if (mixin := mappings.mixin(ev, value, name)) is not None:
        return mixin
    held = mappings.storage(value)
    if held is not None and mappings.offers(name):
        return Builtin(name, lambda ev, frame, given: mappings.call(ev, frame, held, name, given))
    if value.cls is not None and _is_plain(value) and name in class_making.OF_EVERY_OBJECT:
        return class_making.of_every_object(value, name)
    if dynamic and (found := class_making.asked_for(ev, value, name, where)) is not MISSING:
        return found
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
    return class_making.described(ev, imports.resolved(ev, found), value, where)


def put(ev: Evaluator, owner: Any, name: str, value: Any, where: Span) -> None:
    """`owner.name = value`."""
    setter = class_making.setter_of(owner, name)
    if setter is not None:
        functions.invoke(ev, setter, Arguments([owner, value], {}, where), owner)
        return
    told = functions.method(owner, "__setattr__") if isinstance(owner, Object) and _is_plain(owner) else None
    if told is not None:
        functions.invoke(ev, told[0], Arguments([owner, name, value], {}, where), owner)
        return
    put_own(ev, owner, name, value, where)


def put_own(ev: Evaluator, owner: Any, name: str, value: Any, where: Span) -> None:
    """What `object.__setattr__` does."""
    contents.forget(owner)  # `t.data = …`
    if isinstance(owner, Array) and name == "shape":
        owner.shape = None
    layer = owner.native if isinstance(owner, Object) else owner
    if isinstance(layer, Layer):
        layer_settings.change(ev, layer, name, value)
    if isinstance(owner, Object):
        ev.heap.touch(owner.attrs)
        owner.attrs[name] = value
        owner.attr_spans[name] = where
        if "__dict__" in owner.attrs:
            mappings.follow(ev, owner, name, value)
        if owner.kind.startswith("torch.") or owner.kind.startswith("keras."):
            _register(ev, owner, name, value)
    elif isinstance(owner, (Layer, Function, Class)):
        ev.heap.touch(owner.attrs)
        owner.attrs[name] = value
    elif isinstance(owner, Module):
        ev.heap.touch(owner.names)
        owner.names[name] = value
    elif isinstance(owner, (Tensor, Unknown)):
        ev.marks.add(name)
    elif isinstance(owner, External):
        patches.put(ev, owner, name, value)


def put_named(ev: Evaluator, owner: Any, name: Any, value: Any, where: Span, put: Callable[..., None] = put) -> None:
    """`setattr(owner, name, value)`.  With a name that is not known, no attribute of the owner is known any more."""
    if isinstance(owner, Unknown) and (not isinstance(name, str) or name in ("weight", "bias")):
        ev.session.retied = True  # `setattr(self.get_submodule(path), name, weight)`
        ev.heap.advance()
    if isinstance(name, str):
        put(ev, owner, name, value, where)
    elif isinstance(owner, Object):
        hidden = Unknown(Reason.DATA, "an attribute whose name is not known", where)
        ev.heap.touch(owner.attrs)
        owner.attrs["__dynamic__"] = owner.attrs["__unknown_items__"] = hidden


def _register(ev: Evaluator, owner: Object, name: str, value: Any) -> None:
    if owner.items is not None and owner.kind.startswith("torch.") and torch_modules.is_child(value):
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
