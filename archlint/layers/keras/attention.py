"""Attention layers of Keras."""

from __future__ import annotations

from typing import Any, TypeAlias, Union

from archlint.dims import Size, add, mul, product, proven_equal, show
from archlint.layers.arguments import NotKnown, flag, is_unknown, known, size
from archlint.layers.families.attention import attended, attention_macs, projection, scores_out
from archlint.layers.families.contract import rank_fault
from archlint.layers.keras.reading import adding, is_open, must_be_fixed, positive, yes
from archlint.layers.spec import Fault, Out, layer
from archlint.values import Tensor

Outs: TypeAlias = Union[Out, tuple[Out, Out]]

LIST_CALL = ("inputs", "mask", "training", "return_attention_scores", "use_causal_mask")
QUERY_CALL = ("query", "value", "key", "query_mask", "value_mask", "key_mask", "attention_mask",
              "return_attention_scores", "training", "use_causal_mask")  # fmt: skip


def _listed(call: Any) -> tuple[Tensor, Tensor, Tensor, bool]:
    """Query, value and key of `layer([query, value])` or `layer([query, value, key])`, and if scores are wanted."""
    given, scores = call, False
    if isinstance(call, dict):
        given, scores = call.get("inputs"), flag(call.get("return_attention_scores", False))
    if not isinstance(given, (tuple, list)) or not 2 <= len(given) <= 3:
        raise NotKnown
    if not all(isinstance(t, Tensor) for t in given):
        raise NotKnown
    return given[0], given[1], given[-1] if len(given) == 3 else given[1], scores


def _simple(call: Any, params: Size) -> Outs:
    query, value, key, wanted = _listed(call)
    shape, scores, faults = attended(query.shape, key.shape, value.shape)
    macs = attention_macs(query.shape, key.shape, value.shape)
    axes = None if shape is None else (*range(len(shape) - 1), "features")
    out = Out(shape if not faults else None, params, axes=axes, macs=macs, sees_all=True, faults=faults,
              last=value.features)  # fmt: skip
    return (out, scores_out(scores)) if wanted else out


@layer("keras.layers.Attention", family="attention", call=LIST_CALL, weights=True)
def attention(x: Any, use_scale: Any = False, score_mode: Any = "dot", dropout: Any = 0.0, seed: Any = None,
              **_: Any) -> Outs:  # fmt: skip
    """Weighted values, the weights from products of query and key; no projections."""
    scale, mode = yes(use_scale), known(score_mode)
    if mode not in ("dot", "concat"):
        raise NotKnown
    return _simple(x, None if scale is None else int(scale) + int(mode == "concat"))


@layer("keras.layers.AdditiveAttention", family="attention", call=LIST_CALL, weights=True)
def additive_attention(x: Any, use_scale: Any = True, dropout: Any = 0.0, **_: Any) -> Outs:
    """Weighted values, the weights from sums of query and key: one scale per feature."""
    query, *_others = _listed(x)
    scale = yes(use_scale)
    params = None if scale is None else query.features if scale else 0
    found = _simple(x, params)
    faults = must_be_fixed(query, [-1]) if scale else ()
    return adding(found, faults) if isinstance(found, Out) else (adding(found[0], faults), found[1])


def _queried(call: Any) -> tuple[Tensor, Tensor, Tensor, bool]:
    if not isinstance(call, dict):
        raise NotKnown
    query, value, key = call.get("query"), call.get("value"), call.get("key")
    key = value if key is None else key
    if not isinstance(query, Tensor) or not isinstance(value, Tensor) or not isinstance(key, Tensor):
        raise NotKnown
    return query, value, key, flag(call.get("return_attention_scores", False))


@layer("keras.layers.MultiHeadAttention", family="attention", call=QUERY_CALL, weights=True)
def multi_head_attention(x: Any, num_heads: Any, key_dim: Any, value_dim: Any = None, dropout: Any = 0.0,
                         use_bias: Any = True, output_shape: Any = None, attention_axes: Any = None, *,
                         use_gate: Any = False, **_: Any) -> Outs:  # fmt: skip
    """Heads of `key_dim`, projected back to the features of the query (or `output_shape`)."""
    query, value, key, wanted = _queried(x)
    heads, keyed = size(num_heads), size(key_dim)
    valued = keyed if value_dim is None else size(value_dim)
    bad = (*positive(heads, "num_heads"), *positive(keyed, "key_dim"))
    if bad:
        return Out(faults=bad)
    tail = _output_tail(output_shape, query)
    params = _weights(query.features, key.features, value.features, mul(heads, keyed), mul(heads, valued),
                      product(tail) if tail is not None else None, yes(use_bias), yes(use_gate))  # fmt: skip
    if query.shape is None or key.shape is None or value.shape is None:
        return (Out(params=params, sees_all=True), scores_out(None)) if wanted else Out(params=params, sees_all=True)
    wrong = rank_fault(query, 3, (2, 3, 4, 5, 6), "at least (batch, time, features)")
    if wrong or tail is None:
        return Out(None, params, faults=wrong)
    faults = (*_fixed(query, key, value), *_same_length(key, value))
    shape = (*query.shape[:-1], *tail)
    axes = (*range(len(query.shape) - 1), *["features"] * len(tail))
    macs = add(mul(product(query.shape[:-1]), params), mul(heads, _pairs(query, key, keyed, valued)))
    out = Out(shape, params, axes=axes, sees_all=True, macs=macs, faults=faults)
    if not wanted:
        return out
    plain = len(query.shape) == len(key.shape) == 3 and known(attention_axes) is None
    return out, scores_out(_scores(query, key, heads) if plain else None)


def _scores(query: Tensor, key: Tensor, heads: Size) -> tuple[Size, ...] | None:
    """`(batch, heads, queries, keys)`; the symbolic layer of Keras takes the keys to be as many as the queries."""
    if query.shape is None or key.shape is None:
        return None
    keys = key.shape[1] if proven_equal(key.shape[1], query.shape[1]) else None
    return query.shape[0], heads, query.shape[1], keys


def _output_tail(output_shape: Any, query: Tensor) -> tuple[Size, ...] | None:
    if is_unknown(output_shape):
        return None
    if output_shape is None:
        return (query.features,)
    return tuple(map(size, output_shape)) if isinstance(output_shape, (tuple, list)) else (size(output_shape),)


def _weights(query: Size, key: Size, value: Size, keyed: Size, valued: Size, out: Size, bias: bool | None,
             gate: bool | None) -> Size:  # fmt: skip
    """Projections of query, key and value to all heads, and of the heads to the output."""
    if bias is None or gate is None:
        return None
    total = add(projection(query, keyed, bias), add(projection(key, keyed, bias), projection(value, valued, bias)))
    total = add(total, projection(valued, out, bias))
    return add(total, projection(query, valued, bias)) if gate else total


def _fixed(*inputs: Tensor) -> tuple[Fault, ...]:
    for x in inputs:
        faults = must_be_fixed(x, [-1])
        if faults:
            return faults
    return ()


def _same_length(key: Tensor, value: Tensor) -> tuple[Fault, ...]:
    """Keys and values pair up; Keras wants both lengths known, or both open."""
    if key.shape is None or value.shape is None or len(key.shape) != 3 or len(value.shape) != 3:
        return ()
    keys, values = key.shape[1], value.shape[1]
    if (is_open(keys) and isinstance(values, int)) or (is_open(values) and isinstance(keys, int)):
        text = f"{show(keys)} keys and {show(values)} values: both lengths must be known, or both open"
        return (Fault("merge", "", text, keys, values, 1),)
    return attended(key.shape, key.shape, value.shape)[2]


def _pairs(query: Tensor, key: Tensor, keyed: Size, valued: Size) -> Size:
    if query.shape is None or key.shape is None or len(query.shape) != 3 or len(key.shape) != 3:
        return None
    return attention_macs((*query.shape[:-1], keyed), (*key.shape[:-1], keyed), (*key.shape[:-1], valued))


@layer("keras.layers.GroupQueryAttention", "keras.layers.GroupedQueryAttention", family="attention", call=QUERY_CALL,
       weights=True)  # fmt: skip
def group_query_attention(x: Any, head_dim: Any, num_query_heads: Any, num_key_value_heads: Any, dropout: Any = 0.0,
                          use_bias: Any = True, *, use_gate: Any = False, **_: Any) -> Outs:  # fmt: skip
    """Several query heads share one head of keys and values."""
    query, value, key, wanted = _queried(x)
    wide, many, shared, bias, gate = (
        size(head_dim),
        size(num_query_heads),
        size(num_key_value_heads),
        yes(use_bias),
        yes(use_gate),
    )
    if isinstance(many, int) and isinstance(shared, int) and (shared <= 0 or many % shared):
        text = f"{shared} key and value heads do not divide {many} query heads"
        return Out(faults=(Fault("divide", "num_key_value_heads", text, many, shared),))
    queried, kept = mul(many, wide), mul(shared, wide)
    params: Size = None
    if bias is not None and gate is not None:
        params = add(
            projection(query.features, mul(queried, 2 if gate else 1), bias), projection(queried, query.features, bias)
        )
        params = add(params, add(projection(key.features, kept, bias), projection(value.features, kept, bias)))
    faults = (*rank_fault(query, 3), *rank_fault(value, 3), *rank_fault(key, 3))
    if query.shape is None or faults:
        return Out(None, params, faults=faults, sees_all=True)
    out = Out(
        query.shape,
        params,
        axes=(0, 1, 2),
        sees_all=True,
        faults=(*_fixed(query, key, value), *_same_length(key, value)),
    )
    if not wanted:
        return out
    return out, scores_out(_scores(query, key, many))
