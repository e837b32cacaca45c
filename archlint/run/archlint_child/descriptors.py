"""Values as JSON: tensor {"s": sizes, "d": dtype}, int, bool, list {"l": […]}, dict {"m": {…}}, anything else null."""

import numbers
import re
from typing import Any, Callable, Dict

ITEMS, DEPTH = 64, 3
LARGEST = 2**63

_kinds: Dict[type, str] = {}


def describe(value: Any, size: Callable[[Any], Any], depth: int = 0) -> Any:
    """The descriptor; lists and dicts up to 64 items and three levels, longer ones are null.  May raise what the
    properties of a foreign class raise."""
    if value is None:
        return None
    cls = type(value)
    kind = _kinds.get(cls)
    if kind is None:
        kind = _kinds[cls] = kind_of(cls)
    if kind == "tensor":
        return {"s": [size(one) for one in value.shape], "d": dtype_name(value.dtype)}
    if kind == "other":
        return None
    if kind == "bool":
        return bool(value)
    if kind == "int":
        return int(value) if -LARGEST < value < LARGEST else None
    if kind == "size":
        one = size(value)
        return one if isinstance(one, int) else None
    if depth == DEPTH:
        return None
    items = list(value.items()) if kind == "dict" else list(value)
    if len(items) > ITEMS:
        return None
    if kind == "dict":
        named = {str(k): describe(v, size, depth + 1) for k, v in items if isinstance(k, (str, int))}
        return {"m": named} if len(named) == len(items) else None
    return {"l": [describe(one, size, depth + 1) for one in items]}


def kind_of(cls: type) -> str:
    """What the instances of a class are: `tensor`, `int`, `bool`, `size` (TF1's Dimension), `list`, `dict`, `other`."""
    if issubclass(cls, bool) or (cls.__module__ == "numpy" and cls.__name__ in ("bool_", "bool")):
        return "bool"
    if issubclass(cls, numbers.Integral):
        return "int"  # NumPy's integers too
    if issubclass(cls, numbers.Number):
        return "other"
    if cls.__name__ == "Dimension":
        return "size"
    if cls.__name__ == "TensorShape" or issubclass(cls, (list, tuple)):
        return "list"
    if issubclass(cls, dict):
        return "dict"
    if cls.__name__ == "KerasTensor" or (is_attribute(cls, "shape") and is_attribute(cls, "dtype")):
        return "tensor"
    return "other"


def is_attribute(cls: type, name: str) -> bool:
    """Has the class an attribute or property of that name (no method)?"""
    try:
        return hasattr(cls, name) and not callable(getattr(cls, name))
    except Exception:
        return False


def is_tensor(value: Any) -> bool:
    """Is it a tensor or array of any framework?"""
    try:
        return kind_of(type(value)) == "tensor"
    except Exception:
        return False


def size_of(one: Any) -> Any:
    """A size as number, None where the framework does not know it, text where it is a symbol (`s77//2`)."""
    if type(one) is int or one is None:
        return one
    if type(one).__name__ == "Dimension":  # TF1: an object around a number or None
        return one.value
    if isinstance(one, numbers.Integral):
        return int(one)
    text = str(one)
    return int(text) if text.isdigit() else text


def dtype_name(dtype: Any) -> str:
    """`float32` of torch.float32, tf.float32 (and its reference type), numpy.dtype and text alike."""
    name = getattr(dtype, "name", None)
    return re.sub(r"^torch\.|_ref$", "", name if isinstance(name, str) else str(dtype))
