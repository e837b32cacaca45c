"""What TensorFlow makes of Python values: numbers and nested lists become tensors, lists of sizes become shapes."""

from __future__ import annotations

from typing import Any

from archlint.dims import Dim, Size
from archlint.layers.arguments import NotKnown, may_be_a_list, may_be_a_tensor
from archlint.values import External, Shape, Tensor, Unknown, as_size

_MAX_CONSTANT = 64  # elements of a constant that are kept: shapes, paddings and permutations are short


def tensor(value: Any) -> Tensor:
    """The tensor that an argument is converted to; unknown rank if nothing is known about it.

    def loss(output, target):                       what arithmetic makes of parameters may be a number or a tensor
        return tf.reduce_sum(tf.abs(output - target), axis=1)
    """
    if isinstance(value, Tensor):
        return value
    if isinstance(value, bool):
        return Tensor((), "bool")
    if may_be_a_tensor(value):
        return Tensor(None, data=value)
    if isinstance(value, (int, Dim)):
        return Tensor((), "int32", data=value)
    if isinstance(value, float):
        return Tensor((), "float32")
    if isinstance(value, str):
        return Tensor((), "string")
    if isinstance(value, (tuple, list)):
        return _packed([tensor(v) for v in value])
    return Tensor(None)


def _packed(items: list[Tensor]) -> Tensor:
    """A list of tensors of one shape is a tensor with one axis more in front."""
    if not items:
        return Tensor((0,), "float32", data=())
    first = next((item for item in items if item.shape is not None), None)
    if first is None or first.shape is None:
        return Tensor(None)
    return Tensor((len(items), *first.shape), first.dtype, data=_data(items))


def _data(items: list[Tensor]) -> Any:
    if len(items) > _MAX_CONSTANT or all(item.data is None for item in items):
        return None
    return tuple(item.data for item in items)


def shape(value: Any) -> Shape:
    """The shape that an argument states: a list of sizes, a `TensorShape`, a vector of sizes, or one number."""
    if isinstance(value, (tuple, list)):
        return tuple(as_size(v) for v in value)
    if isinstance(value, Tensor):
        return _vector(value)
    whole = isinstance(value, Unknown) or may_be_a_list(value)  # a parameter: a whole shape as well as one size
    size = None if whole else as_size(value)
    return None if size is None else (size,)


def _vector(vector: Tensor) -> Shape:
    """The elements of a vector of sizes; of known length at least, if its one axis is known."""
    if isinstance(vector.data, tuple):
        return tuple(as_size(v) for v in vector.data)
    if isinstance(vector.data, (int, Dim)):
        return (vector.data,)
    if vector.shape is not None and len(vector.shape) == 1 and isinstance(vector.shape[0], int):
        return (None,) * min(vector.shape[0], _MAX_CONSTANT)
    return None


def integers(value: Any) -> tuple[int, ...]:
    """A list of integers known one by one (axes, a permutation), a single one included; else NotKnown."""
    if isinstance(value, Tensor) and value.data is not None:
        value = value.data
    if isinstance(value, int) and not isinstance(value, bool):
        return (value,)
    if not isinstance(value, (tuple, list)):
        raise NotKnown
    found = [integers(v) for v in value]
    if any(len(v) != 1 for v in found):
        raise NotKnown
    return tuple(v[0] for v in found)


def integer(value: Any) -> int:
    """One integer; else NotKnown."""
    found = integers(value)
    if isinstance(value, (tuple, list)) or len(found) != 1:
        raise NotKnown
    return found[0]


def pairs(value: Any, n: int) -> tuple[tuple[Size, Size], ...]:
    """`n` pairs of sizes, as `tf.pad` takes them; a pair that is not known is `(None, None)`."""
    if isinstance(value, Tensor):
        value = value.data
    if not isinstance(value, (tuple, list)):
        return ((None, None),) * n
    if len(value) != n:
        raise NotKnown
    return tuple(_pair(v) for v in value)


def _pair(value: Any) -> tuple[Size, Size]:
    if isinstance(value, Tensor):
        value = value.data
    if isinstance(value, (tuple, list)) and len(value) == 2:
        return as_size(value[0]), as_size(value[1])
    return None, None


def dtype(value: Any, default: str | None = None) -> str | None:
    """`tf.float32`, `"float32"` and `np.float32` are `float32`; the default when the argument is not given."""
    if value is None:
        return default
    if isinstance(value, External):
        return value.name.rpartition(".")[2]
    return value if isinstance(value, str) else None


def text(value: Any, default: str) -> str:
    """A word that decides the form of the output (`"NHWC"`, `"SAME"`), in capitals; NotKnown if it is not known."""
    if value is None:
        return default
    if isinstance(value, bytes):
        value = value.decode()
    if not isinstance(value, str):
        raise NotKnown
    return value.upper()
