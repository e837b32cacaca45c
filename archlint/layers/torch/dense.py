"""torch.nn layers that multiply by a matrix, and their functional forms."""
# ruff: noqa: A002  the parameters bear torch's own names

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from archlint.dims import add, mul
from archlint.layers.arguments import size, truth
from archlint.layers.families.contract import size_fault
from archlint.layers.families.dense import dense
from archlint.layers.families.elementwise import like
from archlint.layers.families.merge import agree
from archlint.layers.spec import Fault, Out, function, layer
from archlint.layers.torch.reading import whole
from archlint.values import Tensor


@layer("torch.nn.Linear", family="dense", weights=True)
def linear(
    x: Tensor, in_features: Any, out_features: Any, bias: Any = True, device: Any = None, dtype: Any = None
) -> Out:
    """Fully connected layer on the last axis, any number of axes before it."""
    if faults := whole(in_features=in_features, out_features=out_features):
        return Out(None, None, faults=faults)
    return dense(x, out=size(out_features), bias=truth(bias), declared_in=size(in_features))


@layer("torch.nn.LazyLinear", family="dense", weights=True)
def lazy_linear(x: Tensor, out_features: Any, bias: Any = True, device: Any = None, dtype: Any = None) -> Out:
    """Fully connected layer that takes the size of the last axis from its first input."""
    return dense(x, out=size(out_features), bias=truth(bias))


@function("torch.nn.functional.linear", family="dense")
def f_linear(input: Tensor, weight: Any, bias: Any = None) -> Out:
    """Product with a given matrix `(out, in)`."""
    rows, columns = weight.shape if isinstance(weight, Tensor) and weight.rank == 2 and weight.shape else (None, None)
    if not isinstance(weight, Tensor) or weight.rank != 2:
        return Out(None)
    return replace(dense(input, out=rows, bias=False, declared_in=columns, arg="weight"), params=0)


@layer("torch.nn.Bilinear", family="dense", call=("input1", "input2"), weights=True)
def bilinear(
    x: Mapping[str, Any], in1_features: Any, in2_features: Any, out_features: Any, bias: Any = True,
    device: Any = None, dtype: Any = None,
) -> Out:  # fmt: skip
    """`x1 A x2 + b` on the last axes: `out * (in1 * in2 + bias)` weights; the other axes must agree."""
    left, right = x["input1"], x["input2"]
    out, owned = size(out_features), truth(bias)
    weights = None if owned is None else mul(out, add(mul(size(in1_features), size(in2_features)), int(owned)))
    if not left.shape or not right.shape:
        return Out(None, weights, last=out)
    if len(left.shape) != len(right.shape):
        fault = Fault("merge", "", "two inputs of different rank", len(left.shape), len(right.shape))
        return Out(None, weights, faults=(fault,))
    at = len(left.shape) - 1
    common, unequal = agree((left.shape[:-1], right.shape[:-1]), None, "pairs")
    if unequal:
        return Out(None, weights, faults=unequal)
    faults = (
        *size_fault("features", "in1_features", size(in1_features), left.shape[-1], at),
        *size_fault("features", "in2_features", size(in2_features), right.shape[-1], at),
    )
    return Out((*common, out), weights, axes=(*range(at), "features"), faults=faults)


@layer("torch.nn.Identity", family="identity")
def identity(x: Tensor, *args: Any, **kwargs: Any) -> Out:
    """The input as it is."""
    return like(x)
