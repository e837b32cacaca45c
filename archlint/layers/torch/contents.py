"""What stands in small constant tensors, as far as torch's arithmetic is certain.

    widths = torch.round(torch.linspace(24, 360, 5) / 8) * 8
    for width in widths.int().tolist(): ...     # sizes of layers

Elements are followed through tensors of at most one axis; `rounding` does the arithmetic.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from archlint.layers.spec import Out
from archlint.layers.torch.rounding import Element, Near
from archlint.values import Array, Held, Reason, SliceValue, Storage, Tensor, Unknown

MOST = 512
"""Elements of the longest tensor that is followed."""

Elements = tuple[Element, ...]


def number(value: Element) -> Any:
    """An element as a number of the program: `t.item()`."""
    if isinstance(value, Near):
        return Unknown(Reason.DATA, "a rounded number", number=True, between=(value.low, value.high))
    return Unknown(Reason.DATA, "an element of a tensor", number=True) if value is None else value


def forget(value: Any) -> None:
    """`t[0] = 1`, `t.add_(1)`: something was written to a tensor's memory."""
    if isinstance(value, Tensor) and isinstance(value.data, Held):
        value.data.storage.written = True
    if isinstance(value, Array):
        value.contents.classes = None


def indexed(tensor: Tensor, parts: Sequence[Any], out: Out) -> Out:
    """`t[2]`, `t[1:]` of a vector: a view of it."""
    elements = tensor.elements
    if elements is None or len(parts) != 1 or tensor.rank != 1:
        return out
    index = parts[0]
    if type(index) is int and -len(elements) <= index < len(elements):
        return view(out, tensor, (elements[index],))
    if isinstance(index, SliceValue):
        bounds = (index.lower, index.upper, index.step)
        if all(b is None or type(b) is int for b in bounds) and (index.step or 1) > 0:
            return view(out, tensor, elements[slice(*bounds)])
    return out


def rows(tensor: Tensor) -> list[Tensor] | None:
    """What `for w in widths` goes over; None if the elements are not known."""
    if tensor.elements is None or tensor.rank != 1:
        return None
    assert isinstance(tensor.data, Held)
    held = [Held((element,), tensor.data.storage) for element in tensor.elements]
    return [Tensor((), tensor.dtype, (), tensor.node, tensor.slot, data=h, framework="torch") for h in held]


def fresh(out: Out, elements: Sequence[Element], dtype: str | None = None) -> Out | None:
    """The output with elements in memory of its own."""
    if len(elements) > MOST or out.shape not in ((), (len(elements),)) or (out.shape == () and len(elements) != 1):
        return None
    return replace(out, data=Held(tuple(elements), Storage()), dtype=out.dtype if dtype is None else dtype)


def view(out: Out, of: Tensor, elements: Sequence[Element]) -> Out:
    """The output with elements that stand in another tensor's memory."""
    assert isinstance(of.data, Held)
    if out.faults or out.shape not in ((), (len(elements),)):
        return out
    return replace(out, data=Held(tuple(elements), of.data.storage))
