"""Embedding tables: integer ids in, one row of the table each out."""

from __future__ import annotations

from archlint.dims import Size, mul
from archlint.layers.spec import Out
from archlint.values import Tensor


def embedding(x: Tensor, *, rows: Size, width: Size, dtype: str = "float32") -> Out:
    """Every element becomes a row: a new last axis of `width`.

    There is no demand: ids come as `(batch, time)` as well as `(batch,)`, and a guess would be wrong.
    """
    shape = None if x.shape is None else (*x.shape, width)
    axes = None if x.shape is None else (*range(len(x.shape)), "features")
    return Out(shape, mul(rows, width), axes=axes, dtype=dtype, last=width, macs=0)


def bag(x: Tensor, offsets: Tensor | None, *, rows: Size, width: Size) -> Out:
    """Rows of each bag reduced to one: `(bags, length)` ids, or flat ids with the offsets of the bags."""
    weights = mul(rows, width)
    if x.shape is None:
        return Out(None, weights, dtype="float32", last=width)
    if len(x.shape) == 2:
        return Out((x.shape[0], width), weights, axes=(0, "features"), dtype="float32")
    bags = None if offsets is None or offsets.shape is None else offsets.shape[0]
    return Out((bags, width), weights, axes=("batch", "features"), dtype="float32")
