"""Reading arguments as numpy does: nested lists are arrays, a number is a shape of one axis."""

from __future__ import annotations

from typing import Any

from archlint.dims import Dim, Size
from archlint.layers.arguments import NotKnown, is_unknown
from archlint.layers.families.elementwise import floating
from archlint.values import External, Tensor, as_size

_PYTHON = {float: "float64", int: "int64", bool: "bool", complex: "complex128", str: "str"}
_LETTERS = {
    "f": "float32", "f4": "float32", "f8": "float64", "d": "float64", "i": "int32", "i4": "int32", "i8": "int64",
    "u1": "uint8", "i1": "int8", "b": "int8", "B": "uint8", "?": "bool", "O": "object", "U": "str",
}  # fmt: skip
_ALIASES = {
    "float": "float64", "int": "int64", "bool_": "bool", "double": "float64", "single": "float32", "half": "float16",
    "float_": "float64", "int_": "int64", "str_": "str", "intp": "int64", "long": "int64",
}  # fmt: skip


def array(value: Any) -> Tensor:
    """The array that an argument is converted to; of unknown rank if nothing is known about it."""
    if isinstance(value, Tensor):
        return value
    if isinstance(value, (bool, int, float, complex, str)):
        return Tensor((), _PYTHON[type(value)])
    if isinstance(value, Dim):
        return Tensor((), "int64")
    if isinstance(value, (tuple, list)):
        return _packed([array(v) for v in value])
    return Tensor(None)


def _packed(items: list[Tensor]) -> Tensor:
    """Rows of one shape; rows that differ, or of which one is not known, may be anything."""
    if not items:
        return Tensor(None)  # a list that something fills out of sight
    first = items[0].shape
    if first is None or any(item.shape != first for item in items):
        return Tensor(None)
    kinds = {item.dtype for item in items}
    mixed = "float64" if kinds <= {"int64", "float64"} else None
    return Tensor((len(items), *first), kinds.pop() if len(kinds) == 1 else mixed)


def arrays(value: Any) -> list[Tensor]:
    """A sequence of arrays, or one array taken row by row; NotKnown if there is no telling how many."""
    if isinstance(value, Tensor):
        if not value.shape or not isinstance(value.shape[0], int) or value.shape[0] > 1024:
            raise NotKnown
        return [Tensor(value.shape[1:], value.dtype)] * value.shape[0]
    if not isinstance(value, (tuple, list)):
        raise NotKnown
    return [array(v) for v in value]


def shape(value: Any) -> tuple[Size, ...]:
    """`3`, `(3, 4)`, `[3, 4]`; NotKnown for what may be a number as well as a tuple."""
    if isinstance(value, (tuple, list)):
        return tuple(as_size(v) for v in value)
    if isinstance(value, (int, Dim)) and not isinstance(value, bool):
        return (value,)
    raise NotKnown


def varargs(values: tuple[Any, ...]) -> tuple[Size, ...]:
    """`x.reshape(2, 3)` and `x.reshape((2, 3))` alike."""
    if len(values) == 1:
        return shape(values[0])
    return tuple(as_size(v) for v in values)


def dtype(value: Any, default: str | None = None) -> str:
    """`np.float32`, `"float32"`, `float` as `float32`, `float64`; the default for None, "" if it is not known."""
    if value is None:
        return default or ""
    if isinstance(value, External):
        name = value.name.rpartition(".")[2]
        return _ALIASES.get(name, name)
    if isinstance(value, str):
        name = value.lstrip("<>=|")
        return _LETTERS.get(name, _ALIASES.get(name, name))
    if isinstance(value, type):
        return _PYTHON.get(value, "")
    return ""


def fractions(x: Tensor) -> str:
    """Type of the square root, or the mean, of an array: floats stay as they are, whole numbers become float64."""
    if floating(x.dtype):
        return x.dtype or ""
    return "float64" if x.dtype in ("int64", "int32", "bool", "uint32") else ""


def shape_argument(value: Any) -> tuple[Size, ...] | None:
    """`size=`: None for the shape of the other arguments."""
    if is_unknown(value) and not isinstance(value, (tuple, list)):
        raise NotKnown
    return None if value is None else shape(value)
