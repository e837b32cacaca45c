"""Reading arguments as torch does: one number for all axes, paddings in pairs, axes as varargs or a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archlint.dims import Size
from archlint.layers.arguments import NotKnown, may_be_a_list, size, sizes
from archlint.layers.families.conv import Padding
from archlint.layers.spec import Fault
from archlint.values import Choice, External, Tensor, Unknown


def padding_pairs(value: Any, n: int) -> Padding:
    """`padding` of a convolution or pooling: a name, a number, or one number per axis.

    A parameter that no call gives may be a name as well as a number: not known.
    """
    if isinstance(value, str):
        if value not in ("same", "valid"):
            raise NotKnown
        return "same" if value == "same" else "valid"
    if isinstance(value, (Unknown, Choice)):
        return None
    return tuple((p, p) for p in sizes(value, n))


def whole(**given: Any) -> tuple[Fault, ...]:
    """A fault for a size that came of `/`: `nn.Linear(512 / 2, 10)`."""
    for name, value in given.items():
        if isinstance(value, float):
            return (Fault("arguments", name, f"must be a whole number, got {value}", None, value),)
    return ()


def stride_or_kernel(stride: Any, kernel: tuple[Size, ...]) -> tuple[Size, ...]:
    """`stride=None` (or nothing) is the kernel itself; a stride that is not known may be None."""
    if stride is None or stride in ((), []):
        return kernel
    if isinstance(stride, (Unknown, Choice)):
        return (None,) * len(kernel)
    return sizes(stride, len(kernel))


def varargs(values: Sequence[Any]) -> list[Any]:
    """`x.view(2, 3)` and `x.view((2, 3))` alike; a single unknown may be either, so NotKnown."""
    if len(values) == 1:
        if isinstance(values[0], (tuple, list)):
            return list(values[0])
        if isinstance(values[0], (Unknown, Choice, External)) or _may_be_a_shape(values[0]):
            raise NotKnown
    return list(values)


def _may_be_a_shape(value: Any) -> bool:
    """`x.view(shape)` with what a function nobody knows made of a tensor: a tensor that is a size has no axes."""
    return may_be_a_list(value) or (isinstance(value, Tensor) and value.shape != () and size(value) is None)


def shape_of(values: Sequence[Any]) -> list[Size]:
    """Varargs that are sizes."""
    return [size(v) for v in varargs(values)]


def dtype_name(value: Any, default: str | None = None) -> str | None:
    """`torch.float32` as `float32`; the default for None; "" if it is not known."""
    if value is None:
        return default
    if isinstance(value, External):
        name = value.name.rpartition(".")[2]
        return _ALIASES.get(name, name)
    if value in (float, int, bool):  # the interpreter may hand over the builtins
        return {float: "float32", int: "int64", bool: "bool"}[value]
    return ""


_ALIASES = {"float": "float32", "double": "float64", "half": "float16", "long": "int64", "int": "int32",
            "short": "int16"}  # fmt: skip
