"""Attention: weights over keys for every query, and the projections around it."""

from __future__ import annotations

from archlint.dims import Size, add, mul, product, proven_different
from archlint.layers.spec import Fault, Out
from archlint.values import Shape


def projection(inputs: Size, outputs: Size, bias: bool) -> Size:
    """`(inputs + bias) * outputs`."""
    return mul(add(inputs, 1 if bias else 0), outputs)


def attended(query: Shape, key: Shape, value: Shape) -> tuple[Shape, Shape, tuple[Fault, ...]]:
    """Shapes of `softmax(q k') v` and of its scores, from `(..., length, features)` each.

    Contracts: queries and keys have equal features, keys and values equal length.
    """
    if query is None or key is None or value is None:
        return None, None, ()
    shortest = min(len(query), len(key), len(value))
    if shortest < 2:
        return None, None, (Fault("rank", "", f"needs (..., length, features), got {shortest} axes", 3, shortest),)
    faults: list[Fault] = []
    if proven_different(query[-1], key[-1]):
        text = f"queries have {query[-1]} features, keys {key[-1]}"
        faults.append(Fault("features", "", text, query[-1], key[-1], len(key) - 1))
    if proven_different(key[-2], value[-2]):
        text = f"{key[-2]} keys, but {value[-2]} values"
        faults.append(Fault("merge", "", text, key[-2], value[-2], len(value) - 2))
    return (*query[:-1], value[-1]), (*query[:-1], key[-2]), tuple(faults)


def attention_macs(query: Shape, key: Shape, value: Shape) -> Size:
    """Multiply-accumulates of scores and weighted sum."""
    if query is None or key is None or value is None or min(len(query), len(key), len(value)) < 2:
        return None
    return mul(mul(product(query[:-1]), key[-2]), add(query[-1], value[-1]))


def scores_out(shape: Shape) -> Out:
    """The attention weights, as a second output."""
    roles = ("batch", "heads", "time", "time") if shape and len(shape) == 4 else None
    return Out(shape, axes=roles, sees_all=True)
