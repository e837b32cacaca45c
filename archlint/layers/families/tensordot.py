"""Products that sum over one axis of each of two tensors: dot, batch dot, tensordot."""

from __future__ import annotations

from collections.abc import Sequence

from archlint.dims import Size, mul, product, proven_different, show, show_shape
from archlint.layers.arguments import axis_index
from archlint.layers.families.elementwise import promoted
from archlint.layers.families.reshape import bad_axis
from archlint.layers.spec import AxisSource, Fault, Out
from archlint.values import Tensor


def tensordot(a: Tensor, b: Tensor, left: Sequence[int], right: Sequence[int], *, arg: str = "axes") -> Out:
    """The axes of `a` that are not summed over, then those of `b`."""
    dtype = promoted((a.dtype, b.dtype))
    if a.shape is None or b.shape is None:
        return Out(dtype=dtype)
    summed: list[list[int]] = [[], []]
    for x, given, found in ((a, left, summed[0]), (b, right, summed[1])):
        assert x.shape is not None
        for axis in given:
            at = axis_index(axis, max(len(x.shape), 1))
            if at is None or not x.shape:
                return bad_axis(axis, len(x.shape), arg)
            found.append(at)
    for i, j in zip(*summed, strict=True):
        if proven_different(a.shape[i], b.shape[j]):
            text = f"axis {i} of {show_shape(a.shape)} is {show(a.shape[i])}, axis {j} of {show_shape(b.shape)} is "
            fault = Fault("matmul", arg, text + show(b.shape[j]), a.shape[i], b.shape[j], i)
            return Out(faults=(fault,), dtype=dtype)
    kept = [i for i in range(len(a.shape)) if i not in summed[0]]
    rest = [size for j, size in enumerate(b.shape) if j not in summed[1]]
    shape: tuple[Size, ...] = (*(a.shape[i] for i in kept), *rest)
    axes: tuple[AxisSource, ...] = (*kept, *[""] * len(rest))
    macs = mul(product(shape), product(a.shape[i] for i in summed[0]))
    return Out(shape, axes=axes, macs=macs, dtype=dtype)


def dot(a: Tensor, b: Tensor) -> Out:
    """numpy's dot: last axis of `a` with the last but one of `b`; a scalar multiplies."""
    if a.shape is None or b.shape is None:
        return Out(dtype=promoted((a.dtype, b.dtype)))
    if not a.shape or not b.shape:
        return Out(a.shape or b.shape, dtype=promoted((a.dtype, b.dtype)))
    return tensordot(a, b, [-1], [-2 if len(b.shape) > 1 else -1])


def batch_dot(a: Tensor, b: Tensor, i: int, j: int, *, arg: str = "axes") -> Out:
    """Per sample, the sum over axis `i` of `a` and `j` of `b` (counted with the batch): `a`'s axes, then `b`'s."""
    assert a.shape is not None
    assert b.shape is not None
    if proven_different(a.shape[0], b.shape[0]):
        text = f"batch sizes {show(a.shape[0])} and {show(b.shape[0])} differ"
        return Out(faults=(Fault("merge", "", text, a.shape[0], b.shape[0], 0),))
    out = tensordot(Tensor(a.shape), Tensor(b.shape[1:]), [i], [j - 1], arg=arg)
    return Out(out.shape, axes=out.axes, macs=out.macs, faults=out.faults, dtype=promoted((a.dtype, b.dtype)))
