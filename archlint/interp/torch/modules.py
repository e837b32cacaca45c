"""`nn.Module` as PyTorch runs it: containers, attributes, forward."""

from __future__ import annotations

from typing import Any

from archlint.interp.evaluator import Evaluator
from archlint.interp.extraction import wiring as extract_wiring
from archlint.interp.python import call as calls
from archlint.interp.python import construct, functions, receivers
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import Frame
from archlint.interp.reuse import calls as reuse
from archlint.interp.slips import calls as slips_in_calls
from archlint.interp.tensors import apply
from archlint.interp.torch import hooks, layer_attributes
from archlint.interp.torch import methods as module_methods
from archlint.text import Span
from archlint.values import (
    DictValue,
    External,
    Function,
    Layer,
    ListValue,
    Method,
    Object,
    Reason,
    Tensor,
    Unknown,
)

_SELF = frozenset(
    [
        "to",
        "cuda",
        "cpu",
        "eval",
        "train",
        "float",
        "half",
        "double",
        "bfloat16",
        "requires_grad_",
        "apply",
        "share_memory",
        "type",
        "to_empty",
        "xpu",
        "compile",
    ]
)
_NOTHING = frozenset(
    [
        "register_buffer",
        "register_parameter",
        "register_forward_hook",
        "register_forward_pre_hook",
        "register_full_backward_hook",
        "load_state_dict",
        "zero_grad",
        "reset_parameters",
        "flatten_parameters",
        "_register_load_state_dict_pre_hook",
        "register_load_state_dict_post_hook",
        "_register_state_dict_hook",
        "init_weights",
    ]
)


def call(ev: Evaluator, frame: Frame, module: Object, arguments: Arguments) -> Any:
    """`module(x)`: its forward."""
    if not ev.owners:
        module.attrs["__calls__"] = slips_in_calls.next_call(module)
        arguments = _entries(ev, module, arguments)
        given = [t.node for t in apply.tensors_in(apply.plain([*arguments.positional, *arguments.keywords.values()]))]
        module.attrs.setdefault("__inputs_given__", given)
        extract_wiring.note_arguments(module, arguments)
    ev.owners.append(module)
    try:
        attempt = reuse.call(ev, module, arguments)
        if attempt.recalled:
            result = attempt.result
        else:
            result = reuse.settle(ev, attempt, _forward(ev, frame, module, arguments))
    finally:
        ev.owners.pop()
    if not ev.owners:
        module.attrs.setdefault("__returned__", _returned(result))
    return result


def _returned(result: Any) -> list[int] | None:
    """Nodes of the tensors that a call gives back; None if it may give back others."""
    if isinstance(result, (Tensor, bool, int, float, str)) or result is None:
        return [result.node] if isinstance(result, Tensor) else []
    parts: Any = result
    if isinstance(result, (ListValue, DictValue)):
        parts = result.items if isinstance(result, ListValue) or result.items is None else result.items.values()
    elif not isinstance(result, tuple):
        return None
    found = [None] if parts is None else [_returned(part) for part in parts]
    return None if any(one is None for one in found) else [n for one in found if one is not None for n in one]


def _entries(ev: Evaluator, module: Object, arguments: Arguments) -> Arguments:
    """`for x, y in loader: model(x)`: a batch whose contents are not known is an entry tensor."""
    hidden = (Reason.DATA, Reason.LOOP, Reason.EXTERNAL, Reason.ARGUMENT, Reason.NAME)
    if not any(isinstance(v, Unknown) and v.why in hidden for v in arguments.positional):
        return arguments
    found = functions.method(module, "forward")
    params = [p.name for p in receivers.params(found[0])] if found is not None else []
    positional = [
        ev.new_entry(params[i] if i < len(params) else "input", arguments.span, "torch")
        if isinstance(v, Unknown) and v.why in hidden
        else v
        for i, v in enumerate(arguments.positional)
    ]
    return arguments.but(positional, arguments.keywords)


def _forward(ev: Evaluator, frame: Frame, module: Object, arguments: Arguments) -> Any:
    module.attrs["__called__"] = True
    found = functions.method(module, "__call__")
    if found is not None:  # a class that writes `__call__` itself has no forward
        return functions.invoke(ev, found[0], arguments.behind(module), module)
    return own_forward(ev, frame, module, arguments)


def own_forward(ev: Evaluator, frame: Frame, module: Object, arguments: Arguments) -> Any:
    """The forward that `nn.Module.__call__` runs: of the instance, of its class, of the framework."""
    own = module.attrs.get("forward")
    if own is not None:  # `self.forward = self.forward_slice`
        return calls.call(ev, frame, own, arguments)
    found = functions.method(module, "forward")
    if found is not None:
        return receivers.invoke(ev, found[0], arguments, module)
    return base_forward(ev, frame, module, arguments)


def base_forward(ev: Evaluator, frame: Frame, module: Object, arguments: Arguments) -> Any:
    """The forward of the framework class that a module derives from."""
    if module.items is not None and module.kind == "torch.nn.Sequential":
        return _sequence(ev, frame, module, arguments)
    if module.native is not None:
        return apply.call_layer(ev, frame, module.native, arguments)
    why = Unknown(Reason.EXTERNAL, f"forward of {module.kind}", arguments.span)
    return apply.opaque(ev, f"{module.kind}.forward", arguments, why, owner=True)


def _sequence(ev: Evaluator, frame: Frame, module: Object, arguments: Arguments) -> Any:
    assert module.items is not None
    if "__unknown_items__" in module.attrs:
        return apply.opaque(ev, "torch.nn.Sequential", arguments, module.attrs["__unknown_items__"], owner=True)
    value: Any = arguments.get(0, "input")
    for child in list(module.items.values()):
        step = Arguments([value], {}, arguments.span)
        value = calls.call(ev, frame, child, step)
    return value


def attribute(ev: Evaluator, frame: Frame, module: Object, name: str, where: Span) -> Any:
    """An attribute that the framework base gives: a registered child, `training`, a method."""
    if module.items is not None and name in module.items:
        return module.items[name]
    if name == "training":
        return Unknown(Reason.ARGUMENT, "training mode", where)
    if name in ("_modules", "_parameters", "_buffers"):
        if name != "_modules":
            return DictValue(None, Unknown(Reason.DATA, name, where))
        children = module.items if module.items is not None else children_of(module)
        why = module.attrs.get("__unknown_items__")
        return DictValue(dict(children)) if why is None else DictValue(None, why)
    if module.native is not None and not is_method(name):  # `self.register_buffer(…)` is about the module itself
        found = layer_attributes.get(ev, module.native, name, where)
        if not (isinstance(found, Unknown) and found.why == Reason.NAME):
            return found
    if module.cls is not None:
        dynamic = functions.class_attribute(module.cls, "__getattr__")
        if dynamic is not None and isinstance(dynamic[0], Function):
            return functions.invoke(ev, dynamic[0], Arguments([module, name], {}, where), module)
    if is_method(name):
        return Method(module, f"module.{name}")
    return Unknown(Reason.NAME, f"{module.cls.name if module.cls else module.kind}.{name}", where)


def is_method(name: str) -> bool:
    """Is it a method that every module has?"""
    declared = name in module_methods.METHODS or name in _SELF or name in _NOTHING
    return declared or name.startswith("named_") or name == "forward"


def children_of(module: Object) -> dict[str, Any]:
    items = module.items or {}  # `super().__init__(*blocks)`, then `self.pool = pool`: in this order
    found = {
        k: v
        for k, v in module.attrs.items()
        if (type(v) is Layer or type(v) is Object) and is_child(v) and not k.startswith("__") and k not in items
    }
    return {**found, **items}


def is_child(value: Any) -> bool:
    """Does a module register it: `self.scheme = Scheme()` of a plain class is an attribute like any other."""
    return isinstance(value, Layer) or (isinstance(value, Object) and value.kind != "")


def walk(value: Any) -> list[tuple[str, Any]]:
    """(path, layer or module) of everything registered below a module, itself first, each once."""
    found: list[tuple[str, Any]] = []
    _walk(value, "", set(), found)
    return found


def _walk(value: Any, path: str, seen: set[int], found: list[tuple[str, Any]]) -> None:
    found.append((path, value))
    seen.add(id(value))
    if isinstance(value, Object):
        if value.native is not None:
            found.append((path, value.native))
        before = f"{path}." if path else ""
        for name, child in children_of(value).items():
            if id(child) not in seen:
                _walk(child, f"{before}{name}", seen, found)


def call_method(ev: Evaluator, frame: Frame, module: Any, name: str, arguments: Arguments) -> Any:
    """A method of `nn.Module` or of a container."""
    if name in _SELF:
        return module
    if name == "register_forward_hook":
        return hooks.register(ev, module, arguments)
    if name == "forward":  # `self.pool.forward(x)`
        return calls.call(ev, frame, module, arguments)
    handler = module_methods.METHODS.get(name)
    if handler is not None:
        return handler(ev, module, arguments)
    if name in ("register_buffer", "register_parameter") and isinstance(module, Object):
        key, value = arguments.get(0, "name"), arguments.get(1, "tensor" if name == "register_buffer" else "param")
        if isinstance(key, str):
            ev.heap.touch(module.attrs)
            module.attrs[key] = value
        return None
    if name in _NOTHING:
        return None
    return Unknown(Reason.EXTERNAL, f"Module.{name}", arguments.span)


def base_method(ev: Evaluator, frame: Frame, module: Object, base: str, name: str, arguments: Arguments) -> Any:
    """`super().forward(x)` and friends that reach the framework."""
    if name == "__init__":
        construct.base_init(ev, frame, module, External(base), arguments)
        return None
    if name == "forward":
        return base_forward(ev, frame, module, arguments)
    if name == "__call__":
        return own_forward(ev, frame, module, arguments)
    return call_method(ev, frame, module, name, arguments)
