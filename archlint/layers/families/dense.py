"""Fully connected layers: a matrix on the last axis."""

from __future__ import annotations

from archlint.dims import Size, add, mul, product
from archlint.layers.families.contract import prefer, size_fault
from archlint.layers.spec import Demand, Fault, Out
from archlint.values import Tensor


def dense(x: Tensor, *, out: Size, bias: bool | None = True, declared_in: Size = None, arg: str = "in_features") -> Out:
    """The last axis of `declared_in` numbers becomes `out` numbers, any rank: `(in + bias) * out` weights."""
    demand = Demand((declared_in,), ("features",), last_only=True)
    got = x.shape[-1] if x.shape else x.last
    inputs = prefer(declared_in, got)
    params = None if bias is None else mul(add(inputs, int(bias)), out)
    if x.shape is None:
        faults = size_fault("features", arg, declared_in, got, None)
        return Out(None, params, last=out, faults=faults, demand=demand)
    rank = len(x.shape)
    if rank == 0:
        fault = Fault("rank", "", "needs at least one axis, got a scalar", 2, 0)
        return Out(None, params, faults=(fault,), demand=demand)
    shape = (*x.shape[:-1], out)
    return Out(
        shape,
        params,
        axes=(*range(rank - 1), "features"),
        macs=mul(product(shape), inputs),
        faults=size_fault("features", arg, declared_in, got, rank - 1),
        demand=demand,
    )
