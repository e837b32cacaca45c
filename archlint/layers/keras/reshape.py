"""Layers of Keras that regroup, repeat or reorder axes; none of their arguments counts the batch axis."""

from __future__ import annotations

from typing import Any

from archlint.dims import Size, product
from archlint.layers.arguments import NotKnown, known, size
from archlint.layers.families.contract import rank_fault
from archlint.layers.families.reshape import permute as reorder
from archlint.layers.families.reshape import reshape as regroup
from archlint.layers.keras import legacy
from archlint.layers.keras.reading import channels_last, positive
from archlint.layers.spec import Demand, Fault, Out, layer
from archlint.values import Tensor


@layer("keras.layers.Flatten", family="flatten", legacy=legacy.space)
def flatten(x: Tensor, data_format: Any = None, **_: Any) -> Out:
    """Everything but the batch becomes one axis."""
    if x.shape is None:
        return Out((None, None))
    if not x.shape:
        return Out(faults=rank_fault(x, 2, (1, 2), "at least"))
    if len(x.shape) == 1:
        return Out((x.shape[0], 1), axes=(0, "features"))
    rest = tuple(range(1, len(x.shape)))
    if not channels_last(data_format) and len(rest) > 1:
        rest = (*rest[1:], rest[0])  # channels are moved to the end first
    return Out((x.shape[0], product(x.shape[1:])), axes=(0, rest if len(rest) > 1 else 1))


@layer("keras.layers.Reshape", family="reshape")
def reshape(x: Tensor, target_shape: Any, **_: Any) -> Out:
    """Row-major regrouping of each sample; one `-1` is inferred, `None` is left open."""
    if isinstance(target_shape, (int, float, str)):
        return Out(faults=(Fault("arguments", "target_shape", "must be a tuple of sizes"),))
    if not isinstance(target_shape, (tuple, list)):
        raise NotKnown
    return regroup(x, [size(s) for s in target_shape], arg="target_shape", per_sample=True)


@layer("keras.layers.Permute", family="permute")
def permute(x: Tensor, dims: Any, **_: Any) -> Out:
    """Axes in another order, counted from 1."""
    order = known(dims)
    if not isinstance(order, (tuple, list)):
        raise NotKnown
    if sorted(order) != list(range(1, len(order) + 1)):
        text = f"{tuple(order)} is not an order of the axes 1 to {len(order)}"
        return Out(faults=(Fault("order", "dims", text, len(order), tuple(order)),))
    demand = Demand((None,) * (len(order) + 1), ("batch", *("",) * len(order)))
    wrong = rank_fault(x, len(order) + 1)
    if x.shape is None or wrong:
        return Out((None,) * (len(order) + 1) if not wrong else None, faults=wrong, demand=demand)
    return reorder(x, (0, *order))


@layer("keras.layers.RepeatVector", family="repeat")
def repeat_vector(x: Tensor, n: Any, **_: Any) -> Out:
    """`(batch, features)` to `(batch, n, features)`."""
    times: Size = size(n)
    demand = Demand((None, None), ("batch", "features"))
    faults = (*positive(times, "n"), *rank_fault(x, 2, layout="(batch, features)"))
    if x.shape is None or faults:
        return Out(None if faults else (None, times, x.last), faults=faults, demand=demand)
    return Out((x.shape[0], times, x.shape[1]), axes=(0, "time", 1), demand=demand)
