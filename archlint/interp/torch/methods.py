"""Methods of `nn.Module` and of its containers: children added, taken out, listed, found by their paths."""

from __future__ import annotations

from typing import Any

from archlint.interp.evaluator import Evaluator
from archlint.interp.python import attribute, construct, iterate
from archlint.interp.python.arguments import Arguments
from archlint.interp.slips import definitions as slips
from archlint.interp.torch import layer_attributes
from archlint.interp.torch import modules as torch_modules
from archlint.values import DictValue, Layer, ListValue, Object, Reason, Tensor, Unknown


def _add_module(ev: Evaluator, module: Any, arguments: Arguments) -> Any:
    name, child = arguments.get(0, "name"), arguments.get(1, "module")
    if not isinstance(module, Object):
        return None
    if isinstance(name, str) and torch_modules.is_child(child):
        slips.registered(ev, module, name, arguments.span)
    if not isinstance(name, str):
        _hidden(ev, module, Unknown(Reason.DATA, "a child's name", arguments.span))
    elif module.items is not None:
        construct.put_child(ev, module, name, child)
    else:
        ev.heap.touch(module.attrs)
        module.attrs[name] = child
        module.attr_spans[name] = arguments.span
        construct.adopt(module, name, child)
    return None


def _set_attribute(ev: Evaluator, module: Any, arguments: Arguments) -> Any:
    """`self.__setattr__(name, layer)`."""
    if isinstance(module, Object):
        attribute.put_named(ev, module, arguments.get(0, "name"), arguments.get(1, "value"), arguments.span)
    return None


def _hidden(ev: Evaluator, module: Object, why: Unknown) -> None:
    """Children are added, or are in an order, that is not known."""
    ev.heap.touch(module.attrs)
    module.attrs["__unknown_items__"] = why


def _append(ev: Evaluator, module: Any, arguments: Arguments) -> Any:
    if isinstance(module, Object) and module.items is not None:
        construct.put_child(ev, module, str(len(module.items)), arguments.get(0, "module"))
    return module


def _extend(ev: Evaluator, module: Any, arguments: Arguments) -> Any:
    items = iterate.items(ev, arguments.get(0, "modules"))
    if isinstance(module, Object) and module.items is not None:
        if isinstance(items, Unknown):
            _hidden(ev, module, items)
        else:
            for item in items:
                construct.put_child(ev, module, str(len(module.items)), item)
    return module


def _insert(ev: Evaluator, module: Any, arguments: Arguments) -> Any:
    index = arguments.get(0, "index")
    if isinstance(module, Object) and module.items is not None and not isinstance(index, int):
        _hidden(ev, module, Unknown(Reason.DATA, "a child's place", arguments.span))
    elif isinstance(module, Object) and module.items is not None:
        children = list(module.items.values())
        children.insert(index, arguments.get(1, "module"))
        ev.heap.touch(module.items)
        module.items.clear()
        for number, child in enumerate(children):
            construct.put_child(ev, module, str(number), child)
    return None


def _values(ev: Evaluator, module: Any, arguments: Arguments) -> Any:
    return _listed(module, list(torch_modules.children_of(module).values()) if isinstance(module, Object) else [])


def _keys(ev: Evaluator, module: Any, arguments: Arguments) -> Any:
    return _listed(module, list(torch_modules.children_of(module)) if isinstance(module, Object) else [])


def _pairs(ev: Evaluator, module: Any, arguments: Arguments) -> Any:
    return _listed(module, list(torch_modules.children_of(module).items()) if isinstance(module, Object) else [])


def _listed(module: Any, children: list[Any]) -> ListValue:
    """Children as a list; not known where some were added in a way that is not."""
    why = module.attrs.get("__unknown_items__") if isinstance(module, Object) else None
    return ListValue(children) if why is None else ListValue(None, why)


def _all_modules(ev: Evaluator, module: Any, arguments: Arguments) -> Any:
    return ListValue([value for _, value in torch_modules.walk(module)])


def _named_modules(ev: Evaluator, module: Any, arguments: Arguments) -> Any:
    return ListValue([(path, value) for path, value in torch_modules.walk(module)])


def _parameters(ev: Evaluator, module: Any, arguments: Arguments) -> Any:
    return ListValue(None, Unknown(Reason.DATA, "parameters", arguments.span))


def _submodule(ev: Evaluator, module: Any, arguments: Arguments) -> Any:
    """`get_submodule(path)`, `get_parameter(path)` by its path in the tree."""
    from archlint.interp.torch import tying

    path = arguments.get(0, "target")
    found = tying.submodule(module, path) if isinstance(path, str) else None
    return Unknown(Reason.NAME, "get_submodule", arguments.span) if found is None else found


def _named_parameter(ev: Evaluator, module: Any, arguments: Arguments) -> Any:
    from archlint.interp.torch import tying

    path = arguments.get(0, "target")
    parent, _, name = path.rpartition(".") if isinstance(path, str) else ("", "", "")
    owner = tying.submodule(module, parent) if name else None
    if isinstance(owner, Layer):
        return layer_attributes.get(ev, owner, name, arguments.span)
    found = owner.attrs.get(name) if isinstance(owner, Object) else None
    return found if isinstance(found, Tensor) else Unknown(Reason.NAME, "get_parameter", arguments.span)


def _update(ev: Evaluator, module: Any, arguments: Arguments) -> Any:
    given = arguments.get(0, "modules")
    if (
        isinstance(module, Object)
        and isinstance(given, DictValue)
        and given.items is not None
        and module.items is not None
    ):
        for key, child in given.items.items():
            construct.put_child(ev, module, str(key), child)
    elif isinstance(module, Object):
        _hidden(ev, module, Unknown(Reason.DATA, "children", arguments.span))
    return None


def _pop(ev: Evaluator, module: Any, arguments: Arguments) -> Any:
    if isinstance(module, Object) and module.items:
        ev.heap.touch(module.items)
        if "__unknown_items__" in module.attrs:
            return module.attrs["__unknown_items__"]
        key = arguments.get(0, "key", -1)
        name = str(key) if not isinstance(key, int) or not -len(module.items) <= key < 0 else list(module.items)[key]
        return module.items.pop(name, Unknown(Reason.NAME, name))
    return Unknown(Reason.EXTERNAL, "pop", arguments.span)


METHODS = {
    "add_module": _add_module,
    "register_module": _add_module,
    "__setattr__": _set_attribute,
    "append": _append,
    "extend": _extend,
    "insert": _insert,
    "children": _values,
    "values": _values,
    "keys": _keys,
    "named_children": _pairs,
    "items": _pairs,
    "modules": _all_modules,
    "named_modules": _named_modules,
    "parameters": _parameters,
    "named_parameters": _parameters,
    "buffers": _parameters,
    "state_dict": _parameters,
    "update": _update,
    "pop": _pop,
    "get_submodule": _submodule,
    "get_parameter": _named_parameter,
}
