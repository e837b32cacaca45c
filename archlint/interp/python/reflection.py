"""What a program asks of its own values: `isinstance`, `getattr`, `super`, `type`."""

from __future__ import annotations

import inspect
from typing import Any

from archlint.dims import Dim
from archlint.frameworks import FRAMEWORKS
from archlint.interp.evaluator import Evaluator
from archlint.interp.python import attribute, decorators, functions, mappings
from archlint.interp.python import builtin_functions as python_builtins
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import Frame
from archlint.interp.python.handlers import Call
from archlint.layers import canonical
from archlint.layers import find as find_spec
from archlint.layers.torch.hierarchy import derives
from archlint.layers.torch.module_attributes import INNER_TENSOR_ATTRIBUTES, MODULE_ATTRIBUTES, TENSOR_ATTRIBUTES
from archlint.text import Span
from archlint.values import (
    Builtin,
    Choice,
    Class,
    DictValue,
    External,
    Function,
    Layer,
    ListValue,
    Method,
    Module,
    Object,
    RangeValue,
    Reason,
    SetValue,
    SliceValue,
    Super,
    Tensor,
    Unknown,
)


def is_instance(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    value, classes = arguments.get(0, "obj"), arguments.get(1, "cls")
    options = value.options if isinstance(value, Choice) else (value,)
    found = {_is_instance(ev, option, classes) for option in options}
    if len(found) == 1 and None not in found:
        return found.pop()
    return Unknown(Reason.BRANCH, "isinstance of an unknown value", arguments.span)


PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "int": (int,), "float": (float,), "str": (str,), "bool": (bool,), "tuple": (tuple,), "list": (ListValue,),
    "dict": (DictValue,), "set": (SetValue,), "complex": (complex,), "bytes": (bytes,), "range": (RangeValue,),
    "slice": (SliceValue,),
}  # fmt: skip
_ABSTRACT = {
    "string_types": (str,), "text_type": (str,), "integer_types": (int,), "binary_type": (bytes,),
    "Iterable": (tuple, ListValue, DictValue, SetValue, str, RangeValue),
    "Collection": (tuple, ListValue, DictValue, SetValue, str, RangeValue),
    "Sized": (tuple, ListValue, DictValue, SetValue, str, RangeValue),
    "Container": (tuple, ListValue, DictValue, SetValue, str, RangeValue),
    "Sequence": (tuple, ListValue, str, RangeValue), "Mapping": (DictValue,),
    "Callable": (Function, Class, Layer, Method, Builtin, External), "Number": (int, float, complex),
    "OrderedDict": (DictValue,), "Integral": (int,), "Real": (int, float), "FunctionType": (Function,),
}  # fmt: skip


def _is_instance(ev: Evaluator, value: Any, cls: Any) -> bool | None:
    if isinstance(cls, tuple):
        found = [_is_instance(ev, value, c) for c in cls]
        return True if True in found else None if None in found else False
    if isinstance(value, Unknown):
        return False if value.number and isinstance(cls, External) and cls.name == "torch.Tensor" else None
    if isinstance(cls, Builtin) and cls.name == "type":
        return True if isinstance(value, Class) else None if isinstance(value, (External, Builtin)) else False
    if isinstance(cls, Builtin) and cls.name == "namedtuple":
        made_by = isinstance(value, Object) and value.attrs.get("__type__") is cls
        return made_by or (isinstance(value, Object) and value.cls is not None and any(b is cls for b in value.cls.mro))
    if isinstance(cls, Builtin):
        kinds = PYTHON_TYPES.get(cls.name)
        if kinds is None:
            return None
        if isinstance(value, Dim):
            return cls.name == "int"
        if cls.name == "dict" and mappings.storage(value) is not None:
            return True
        return isinstance(value, kinds)
    if isinstance(cls, Class) and any(isinstance(b, External) and b.name.startswith("enum.") for b in cls.mro):
        return True if any(value is member for member in cls.attrs.values()) else None  # members stand for values
    if isinstance(cls, Class):
        if isinstance(value, Object) and value.cls is not None:
            return any(b is cls or (isinstance(b, Class) and b.node is cls.node) for b in value.cls.mro)
        return False
    if isinstance(cls, External):
        return _is_external(value, canonical(cls.name))
    return None


_BY_METHOD = {"Iterable": "__iter__", "Callable": "__call__", "Sized": "__len__", "Container": "__contains__"}
"""Abstract classes that only ask for one method: any object that has it is an instance."""


def _offers(value: Object | Layer | Tensor, method: str) -> bool | None:
    """Has an object a method of the language?  A module is callable, a container of modules also has items."""
    if isinstance(value, Tensor):
        return method != "__call__"
    if isinstance(value, Layer):
        return method == "__call__"
    if value.cls is not None and functions.class_attribute(value.cls, method) is not None:
        return True
    if value.items is not None:
        return method != "__call__" or value.kind == "torch.nn.Sequential"
    if method == "__call__" and value.kind.startswith(("torch.nn.", "keras.")):
        return True
    opaque = value.cls is None or any(isinstance(b, (Unknown, External)) for b in value.cls.mro)
    return None if opaque or mappings.storage(value) is not None else False


def _is_hashable(value: Any) -> bool | None:
    if isinstance(value, (ListValue, DictValue, SetValue)):
        return False
    if isinstance(value, tuple):
        found = [_is_hashable(item) for item in value]
        return False if False in found else None if None in found else True
    plain = (str, int, float, bytes, Dim, Class, Function, External, Layer, Builtin, Module)
    return True if isinstance(value, plain) else None


def _is_external(value: Any, name: str) -> bool | None:
    short = name.rpartition(".")[2]
    if value is None:
        return short in ("NoneType", "object", "Hashable")
    if short in ("Mapping", "MutableMapping", "OrderedDict") and mappings.storage(value) is not None:
        return True
    if name in ("enum.EnumMeta", "enum.EnumType"):
        enumeration = isinstance(value, Class) and any(isinstance(b, External) and "enum." in b.name for b in value.mro)
        return enumeration or (None if isinstance(value, (External, Unknown)) else False)
    if short == "Hashable":
        return _is_hashable(value)
    if short in _BY_METHOD and isinstance(value, (Object, Layer, Tensor)):
        return _offers(value, _BY_METHOD[short])
    if short in _ABSTRACT:
        return isinstance(value, _ABSTRACT[short])
    if name == "functools.partial":
        return isinstance(value, Builtin) and value.name == "functools.partial"
    if isinstance(value, Tensor):
        return None if short == "Parameter" else short in ("Tensor", "Variable", "KerasTensor")
    if isinstance(value, Layer):
        if name in ("torch.nn.Module", "keras.layers.Layer"):
            return bool(value.spec.name.partition(".")[0] == name.partition(".")[0])
        if short.startswith("_"):
            return True if short.strip("_").lower() in str(value.spec.name).lower() else None
        spec = find_spec(name)
        if spec is None:
            return None
        return spec is value.spec or derives(value.spec.name, name) is True
    if isinstance(value, Object):
        if value.kind == name:
            return True
        if value.cls is not None:
            bases = {canonical(b.name) for b in value.cls.mro if isinstance(b, External)}
            if name in bases or (name == "torch.nn.Module" and any(b.startswith("torch.nn.") for b in bases)):
                return True
            if any(isinstance(b, Unknown) for b in value.cls.mro):
                return None
            return _inherits(bases - {"torch.nn.Module", "keras.Model", "keras.layers.Layer"}, name)
        return (
            name in ("torch.nn.Module", "keras.layers.Layer", "keras.Model")
            and value.kind.partition(".")[0] == name.partition(".")[0]
        )
    if name.partition(".")[0] in ("numpy", "types", "pathlib", "inspect", "collections") and isinstance(
        value, (Tensor, Layer, Class, External, Object)
    ):
        return False
    return False if name.partition(".")[0] in FRAMEWORKS else None  # `six.string_types` may be anything


def _inherits(bases: set[str], name: str) -> bool | None:
    """Is an object of a class with these library classes above it one of another?

    class Positions(nn.Embedding): …        # no nn.Linear
    """
    found = [derives(base, name) for base in bases]
    return True if True in found else None if None in found else False


def is_subclass(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    value, cls = arguments.get(0, "cls"), arguments.get(1, "bases")
    classes = cls if isinstance(cls, tuple) else (cls,)
    if isinstance(value, Class):
        names = {canonical(b.name) for b in value.mro if isinstance(b, External)}
        return any(
            any(b is c for b in value.mro) or (isinstance(c, External) and canonical(c.name) in names) for c in classes
        )
    if isinstance(value, External):
        return any(isinstance(c, External) and canonical(c.name) == canonical(value.name) for c in classes)
    return Unknown(Reason.SYNTAX, "issubclass", arguments.span)


def super_of(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    scope: Frame | None = frame
    while scope is not None and scope.owner is None:
        scope = scope.parent
    if arguments.positional and isinstance(arguments.positional[0], Class):
        receiver = arguments.positional[1] if len(arguments.positional) > 1 else None
        return Super(receiver, arguments.positional[0])
    if scope is None or scope.owner is None or scope.function is None:
        return Unknown(Reason.SYNTAX, "super()", arguments.span)
    first = scope.function.node.params[0].name if scope.function.node.params else ""
    return Super(scope.names.get(first), scope.owner)


def getattr_of(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    value, name = arguments.get(0, "obj"), arguments.get(1, "name")
    if not isinstance(name, str):
        return Unknown(Reason.DATA, "an attribute whose name is not known", arguments.span)
    if len(arguments.positional) > 2 and _of_tensors(ev, value, name) is False:
        return arguments.positional[2]
    found = attribute.get(ev, frame, value, name, arguments.span)
    if isinstance(found, Unknown) and found.why == Reason.NAME and len(arguments.positional) > 2:
        return arguments.positional[2]
    return found


def _of_tensors(ev: Evaluator, value: Any, name: str) -> bool | None:
    """Has a torch tensor this attribute?  None if the program gives it to some of them, and for what is no tensor."""
    if not isinstance(value, Tensor) or value.framework != "torch" or name in ev.marks or name.startswith("__"):
        return None
    return name in TENSOR_ATTRIBUTES or name in INNER_TENSOR_ATTRIBUTES


def hasattr_of(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    value, name = arguments.get(0, "obj"), arguments.get(1, "name")
    if isinstance(name, str) and (told := _of_tensors(ev, value, name)) is not None:
        return told
    if isinstance(value, External) and f"{value.name}.{name}" in ev.patches:
        return True
    if isinstance(value, External) and find_spec(canonical(f"{value.name}.{name}")) is not None:
        return True  # `hasattr(F, "scaled_dot_product_attention")`: what is declared is there
    if isinstance(value, External) and canonical(value.name) == "torch.nn.Module" and isinstance(name, str):
        return name in MODULE_ATTRIBUTES  # `if not hasattr(nn.Module, "apply_down"): nn.Module.apply_down = …`
    if not isinstance(name, str) or not isinstance(value, (Object, Layer, Function, Class, Module)):
        return Unknown(Reason.DATA, "hasattr", arguments.span)
    found = attribute.get(ev, frame, value, name, arguments.span)
    if isinstance(found, Unknown):
        return False if found.why == Reason.NAME else found
    return True


def setattr_of(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    owner, name, value = arguments.get(0, "obj"), arguments.get(1, "name"), arguments.get(2, "value")
    attribute.put_named(ev, owner, name, value, arguments.span)
    return None


def delattr_of(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    owner, name = arguments.get(0, "obj"), arguments.get(1, "name")
    if isinstance(name, str):
        attribute.delete(ev, owner, name)
    else:
        attribute.put_named(ev, owner, name, None, arguments.span)
    return None


def vars_of(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`vars(config)`: its `__dict__`."""
    if not arguments.positional:
        return Unknown(Reason.SYNTAX, "vars()", arguments.span)
    return attribute.get(ev, frame, arguments.positional[0], "__dict__", arguments.span)


def locals_of(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`kwargs = dict(locals())` at the start of a constructor: its parameters by name."""
    if frame.function is None or (frame.parent is not None and frame.parent.function is frame.function):
        return Unknown(Reason.SYNTAX, "locals()", arguments.span)
    names = {name: value for name, value in frame.names.items() if not name.startswith("__")}
    return ev.heap.born(DictValue(names if frame.owner is None else {**names, "__class__": frame.owner}))


def type_of(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    value = arguments.get(0, "object")
    if isinstance(value, Object) and value.cls is not None:
        return value.cls
    if isinstance(value, Layer):
        return External(value.spec.name)
    if isinstance(value, Tensor) and value.framework == "torch":
        return External("torch.Tensor")
    for name, kinds in PYTHON_TYPES.items():
        if type(value) in kinds:
            return python_builtins.builtins()[name]
    return Unknown(Reason.SYNTAX, "type", arguments.span)


_KINDS = {
    "posonly": "POSITIONAL_ONLY", "normal": "POSITIONAL_OR_KEYWORD", "kwonly": "KEYWORD_ONLY", "star": "VAR_POSITIONAL",
    "doublestar": "VAR_KEYWORD",
}  # fmt: skip


def signature_of(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`inspect.signature(f).parameters`: names, kinds and defaults of a user's function, of a class or a layer."""
    function = arguments.get(0, "obj")
    if isinstance(function, Class):  # `has_option(norm_layer, "num_features")`
        found = functions.class_attribute(function, "__init__")
        function = found[0] if found is not None else next((b for b in function.mro if isinstance(b, External)), None)
        bound = 1
    else:
        bound = 0
    spec = find_spec(function.name) if isinstance(function, External) else None
    if spec is not None and spec.kind == "layer" and not spec.name.endswith(("RNN", "GRU", "LSTM")):
        known = list(spec.signature.parameters.values())
        if not any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in known):  # else not all are spelled out
            return _parameters(ev, [(p.name, p.kind.name, p.default) for p in known], arguments)
    for _ in range(16):
        if isinstance(function, Function) and "__wrapped__" in function.attrs:
            function = function.attrs["__wrapped__"]
    if not isinstance(function, Function):
        return Unknown(Reason.EXTERNAL, "inspect.signature", arguments.span)
    defaults, params = function.defaults, function.node.params[bound:]
    stated = [(p.name, _KINDS[p.kind], defaults.get(p.name, inspect.Parameter.empty)) for p in params]
    return _parameters(ev, stated, arguments)


def _parameters(ev: Evaluator, stated: list[tuple[str, str, Any]], arguments: Arguments) -> Object:
    """A signature of (name, kind, default)."""
    kinds = {kind: External(f"inspect.Parameter.{kind}") for kind in _KINDS.values()}
    empty = External("inspect.Parameter.empty")
    parameters: dict[str, Any] = {}
    for name, kind, default in stated:
        default = empty if default is inspect.Parameter.empty else default
        attrs = {**kinds, "kind": kinds[kind], "name": name, "default": default, "empty": empty}
        parameters[name] = Object(None, "", attrs, ev.serial(), arguments.span)
    return Object(None, "", {"parameters": DictValue(parameters)}, ev.serial(), arguments.span)


def code_of(ev: Evaluator, function: Function, where: Span) -> Object:
    """`f.__code__`: the names of its parameters and variables."""
    params = sorted(function.node.params, key=lambda p: list(_KINDS).index(p.kind))
    names = dict.fromkeys([p.name for p in params])
    names.update(dict.fromkeys(sorted(decorators.local_names(function.node) - set(names))))
    counted = sum(p.kind in ("posonly", "normal") for p in params)
    return Object(None, "", {"co_varnames": tuple(names), "co_argcount": counted}, ev.serial(), where)


def is_function(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`inspect.isfunction(activation)`: a function written in Python, not a class, a module or a name."""
    value = arguments.get(0, "object")
    if isinstance(value, (Unknown, Choice, External, Builtin)):
        return Unknown(Reason.BRANCH, "isfunction", arguments.span)  # of a library's name only the library knows
    return isinstance(value, Function)


def is_class(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`inspect.isclass(norm_layer)`."""
    value = arguments.get(0, "object")
    if isinstance(value, External):
        spec = find_spec(value.name)
        return True if spec is not None and spec.kind == "layer" else Unknown(Reason.BRANCH, "isclass", arguments.span)
    if isinstance(value, (Unknown, Choice, Builtin)):
        return Unknown(Reason.BRANCH, "isclass", arguments.span)
    return isinstance(value, Class)


def number_limits(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`torch.finfo(x.dtype)`: numbers of the type, whichever they are."""
    names = ("min", "max", "eps", "tiny", "smallest_normal", "resolution", "bits")
    numbers = {name: Unknown(Reason.DATA, f"finfo.{name}", arguments.span, number=True) for name in names}
    return Object(None, "", dict(numbers), ev.serial(), arguments.span)


def callable_of(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    value = arguments.get(0, "obj")
    if isinstance(value, (Unknown, Choice)):
        return Unknown(Reason.BRANCH, "callable", arguments.span)
    if isinstance(value, Object):
        offers = _offers(value, "__call__")
        return Unknown(Reason.BRANCH, "callable", arguments.span) if offers is None else offers
    return isinstance(value, (Function, Class, Layer, Method, Builtin, External))


HANDLERS: dict[str, Call] = {
    "inspect.signature": signature_of,
    "inspect.isfunction": is_function,
    "inspect.isclass": is_class,
    "torch.finfo": number_limits,
    "torch.iinfo": number_limits,
}
CALLS: dict[str, Call] = {
    "isinstance": is_instance, "issubclass": is_subclass, "super": super_of, "getattr": getattr_of,
    "hasattr": hasattr_of, "delattr": delattr_of, "vars": vars_of, "locals": locals_of, "setattr": setattr_of,
    "type": type_of, "callable": callable_of,
}  # fmt: skip
"""Built-in functions that ask about values."""
