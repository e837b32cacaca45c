"""How Keras reads its arguments: layouts, window sizes, flags, and sizes left open with `None`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from archlint.dims import Dim, Size, show, symbols
from archlint.layers.arguments import NotKnown, is_unknown, known, may_be_a_tensor, size, sizes
from archlint.layers.spec import Fault, Out
from archlint.values import External, Tensor, Unknown


def channels_last(data_format: Any) -> bool:
    """The layout that an argument asks for; `None` is the default configuration, channels last."""
    if known(data_format) in (None, "channels_last"):
        return True
    if data_format == "channels_first":
        return False
    raise NotKnown


def yes(value: Any) -> bool | None:
    """A flag that only decides how many numbers a layer owns; None when it is not known."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return bool(value)
    return None


def window(value: Any, n: int, arg: str, least: int = 1) -> tuple[tuple[Size, ...], tuple[Fault, ...]]:
    """One size per spatial axis, and a fault for a wrong number of them or one below `least`."""
    if is_unknown(value) and not isinstance(value, (tuple, list)):
        return (None,) * n, ()
    if isinstance(value, (tuple, list)) and len(value) != n:
        fault = Fault("arguments", arg, f"needs {n} numbers, got {len(value)}", n, len(value))
        return (None,) * n, (fault,)
    found = sizes(value, n)
    for number in found:
        if isinstance(number, int) and number < least:
            return found, (Fault("arguments", arg, f"must be at least {least}, got {number}", least, number),)
    return found, ()


@dataclass(frozen=True, slots=True)
class Windows:
    """Kernel, stride and dilation per spatial axis, and what is wrong with them."""

    kernel: tuple[Size, ...]
    stride: tuple[Size, ...]
    dilation: tuple[Size, ...]
    faults: tuple[Fault, ...]


def windows(n: int, kernel_size: Any, strides: Any, dilation_rate: Any) -> Windows:
    """Reads the three window arguments that every convolution has."""
    kernel, bad_kernel = window(kernel_size, n, "kernel_size")
    stride, bad_stride = window(strides, n, "strides")
    dilation, bad_dilation = window(dilation_rate, n, "dilation_rate")
    return Windows(kernel, stride, dilation, (*bad_kernel, *bad_stride, *bad_dilation))


def positive(value: Size, arg: str) -> tuple[Fault, ...]:
    """A fault for a number of units, filters … that is not positive."""
    if isinstance(value, int) and value <= 0:
        return (Fault("arguments", arg, f"must be positive, got {value}", 1, value),)
    return ()


def is_open(size: Size) -> bool:
    """Is this a size that Keras itself does not know: made from an axis of `Input((None, …))`?"""
    return any(v.origin == "dynamic" for v in symbols(size))


def must_be_fixed(x: Tensor, axes: Sequence[int]) -> tuple[Fault, ...]:
    """Keras cannot make weights for an axis whose size it does not know."""
    if x.shape is None:
        return ()
    for axis in axes:
        if -len(x.shape) <= axis < len(x.shape) and is_open(x.shape[axis]):
            place = axis % len(x.shape)
            text = f"axis {place} of the input is {show(x.shape[axis])}, but its size must be known to make the weights"
            return (Fault("dynamic", "", text, None, x.shape[axis], place),)
    return ()


def adding(out: Out, *faults: tuple[Fault, ...]) -> Out:
    """The output with further faults."""
    more = tuple(f for group in faults for f in group)
    return replace(out, faults=(*more, *out.faults)) if more else out


def axis_list(axis: Any) -> list[int]:
    """An axis argument that is a number or a list of them."""
    axes = known(axis)
    found = list(axes) if isinstance(axes, (tuple, list)) else [axes]
    if not all(isinstance(a, int) and not isinstance(a, bool) for a in found):
        raise NotKnown
    return found


def dtype_name(value: Any) -> str:
    """A type by name (`"float32"`, `tf.int32`); "" if it is not known."""
    if isinstance(value, str):
        return value
    return value.name.rpartition(".")[2] if isinstance(value, External) else ""


def shape_argument(value: Any) -> list[Size]:
    """A shape given as a tuple, a number, or the tensor that `K.shape(x)` gives; a size in it may be not known."""
    if isinstance(value, Tensor):
        if not isinstance(value.data, tuple):
            raise NotKnown
        return list(value.data)
    if isinstance(value, (tuple, list)):
        return [size(v.data if isinstance(v, Tensor) else v) for v in value]
    if isinstance(value, (int, Dim)):
        return [value]
    raise NotKnown


def tensor(x: Any) -> Tensor:
    """The argument as a tensor: also a number or a list of them; NotKnown for anything else.

    What was made of an argument by arithmetic may be a number or a tensor: `def f(x): return ops.transpose(2 * x)`.
    """
    if may_be_a_tensor(x):
        return Tensor(None)
    if isinstance(x, Unknown) and x.number:
        return Tensor((), "int32" if x.whole else "")
    if isinstance(x, (bool, int, float, Dim)):
        return Tensor((), "bool" if isinstance(x, bool) else "float32" if isinstance(x, float) else "int32")
    if isinstance(x, (tuple, list)) and x:
        first, *others = [tensor(v) for v in x]
        if first.shape is not None and all(t.shape == first.shape for t in others):
            return Tensor((len(x), *first.shape), first.dtype)
    if not isinstance(x, Tensor):
        raise NotKnown
    return x
