"""Element by element with broadcasting, and matrix products with broadcast batch axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from archlint.dims import Dim, Size, Var, mul, product, proven_different, proven_equal, show, show_shape
from archlint.layers.arguments import may_be_a_tensor
from archlint.layers.families.contract import prefer
from archlint.layers.spec import AxisSource, Fault, Out
from archlint.values import Shape, Tensor


def unify(a: Size, b: Size) -> tuple[Size, bool]:
    """Size of two broadcast axes, and whether they may be broadcast at all."""
    if isinstance(a, int) and a == 1:
        return b, True
    if isinstance(b, int) and b == 1:
        return a, True
    if proven_equal(a, b):
        return a, True
    # One of two sizes that are not proven equal may still be 1; a size that cannot be 1 is then the result.
    a_counts, b_counts = proven_different(a, 1), proven_different(b, 1)
    fine = not (a_counts and b_counts and proven_different(a, b))
    if a_counts and not isinstance(b, int):
        return a, fine
    return (b if b_counts else None), fine


def broadcast_shapes(shapes: Sequence[Shape]) -> tuple[Shape, tuple[Fault, ...]]:
    """The common shape, aligned at the last axis; a fault if there is none."""
    known = [s for s in shapes if s is not None]
    rank = max((len(s) for s in known), default=0)
    result: list[Size] = [1] * rank
    for shape in known:
        offset = rank - len(shape)
        for i, size in enumerate(shape):
            joined, fine = unify(result[offset + i], size)
            if not fine:
                text = f"{' and '.join(map(show_shape, known))} do not broadcast: axis {offset + i - rank} is "
                text += f"{show(result[offset + i])} and {show(size)}"
                return None, (Fault("broadcast", "", text, result[offset + i], size, offset + i),)
            result[offset + i] = joined
    return (tuple(result) if len(known) == len(shapes) else None), ()


def promoted(dtypes: Sequence[str | None]) -> str | None:
    """Type of a result: known when all agree, or when only one kind of them is floating; "" not known."""
    if len(set(dtypes)) == 1:
        return dtypes[0]
    floats = {d for d in dtypes if floating(d)}
    if None not in dtypes and "" not in dtypes and len(floats) == 1:
        return floats.pop()
    return ""


def sources(inputs: Sequence[Tensor], shape: Shape) -> tuple[AxisSource, ...] | None:
    """Origin of broadcast axes, if the first input has them all: an axis it had as 1 comes from elsewhere."""
    first = inputs[0].shape if inputs else None
    if shape is None or first is None or len(first) != len(shape):
        return None
    return tuple(i if proven_equal(first[i], shape[i]) else None for i in range(len(shape)))


def merged(inputs: Sequence[Tensor], *, dtype: str | None = None) -> Out:
    """Sum, product, maximum, comparison … of tensors, element by element."""
    shape, faults = broadcast_shapes([t.shape for t in inputs])
    if dtype is None:
        dtype = promoted([t.dtype for t in inputs])
    last = None if shape is not None or faults else sure_last(inputs)
    return Out(shape, axes=sources(inputs, shape), faults=faults, dtype=dtype, last=last)


def sure_last(values: Sequence[Any]) -> Size:
    """Beside what is not known, which may have more axes, only a last axis that cannot be repeated is sure."""
    return next((t.features for t in values if isinstance(t, Tensor) and proven_different(t.features, 1)), None)


def broadcast(a: Any, b: Any, *, dtype: str | None = None, division: bool = False) -> Out:
    """`a op b` for two tensors, or a tensor and a number in either place.

    `dtype` states the type of the result (`bool` of a comparison); `division` of integers gives fractions.
    """
    if isinstance(a, Tensor) and isinstance(b, Tensor):
        out = merged((a, b), dtype=dtype)
        return replace(out, dtype="") if division and dtype is None and not floating(out.dtype) else out
    for tensor, other in ((a, b), (b, a)):
        if isinstance(tensor, Tensor) and is_number(other):
            keeps = type(other) in (int, Dim) and tensor.dtype != "bool" and not division
            if dtype is None and not (keeps or floating(tensor.dtype)):
                dtype = ""
            return like(tensor, dtype=dtype)
    return Out(None, dtype="" if dtype is None else dtype, last=sure_last((a, b)))


def is_number(value: Any) -> bool:
    """Is it certainly a number?

    def mixed(real, fake):                          what arithmetic makes of parameters may be a number or a tensor,
        return torch.rand(16, 1) * (fake - real)
    def positions(dim):                             but nobody takes a tensor's whole quotients
        return torch.arange(dim // 4) / (dim // 4 - 1)
    """
    if isinstance(value, Dim) and may_be_a_tensor(value):
        return all(not isinstance(atom, Var) for monomial, _ in value.terms for atom in monomial)
    return isinstance(value, (int, float, complex, Dim))


def floating(dtype: str | None) -> bool:
    """Is it the name of a floating type?"""
    return dtype is not None and "float" in dtype


def fractional(x: Tensor) -> str | None:
    """The type of what has fractions, whatever `x` has: its own, or one that is not known here."""
    return None if x.dtype is None or floating(x.dtype) else ""


def like(x: Tensor, *, dtype: str | None = None) -> Out:
    """A function of each element on its own."""
    axes = None if x.shape is None else tuple(range(len(x.shape)))
    return Out(x.shape, axes=axes, like_input=True, last=x.last, dtype=dtype)


def matmul(a: Any, b: Any) -> Out:
    """Matrix product: last axis of `a` with the last but one of `b`; a vector stands in for a matrix."""
    if not isinstance(a, Tensor) or not isinstance(b, Tensor):
        return Out(None, dtype="")
    dtype = promoted((a.dtype, b.dtype))
    if a.shape is None or b.shape is None:
        last = b.shape[-1] if b.shape is not None and len(b.shape) > 1 and _matrix(a) else None
        return Out(None, last=last, dtype=dtype)
    if not a.shape or not b.shape:
        return Out(None, faults=(Fault("matmul", "", "a scalar has no matrix product", 1, 0),))
    left, right = a.shape, b.shape
    inner = right[-2] if len(right) > 1 else right[-1]
    if proven_different(left[-1], inner):
        text = f"inner sizes {show(left[-1])} and {show(inner)} differ: {show_shape(left)} @ {show_shape(right)}"
        return Out(None, faults=(Fault("matmul", "", text, left[-1], inner, len(left) - 1),), dtype=dtype)
    batch, faults = broadcast_shapes((left[:-2], right[:-2]))
    if batch is None:
        return Out(None, faults=faults, dtype=dtype)
    shape = (*batch, *left[-2:-1], *right[-1:]) if len(right) > 1 else (*batch, *left[-2:-1])
    macs = mul(product(shape), prefer(left[-1], inner))
    axes: tuple[AxisSource, ...] | None = None
    if len(left) == len(shape):
        kept = range(len(batch))
        axes = (*(i if proven_equal(left[i], shape[i]) else None for i in kept), len(left) - 2, "")
        axes = axes if len(right) > 1 and len(left) > 1 else None
    return Out(shape, axes=axes, macs=macs, dtype=dtype)


def _matrix(x: Tensor) -> bool:
    return x.shape is None or len(x.shape) > 0
