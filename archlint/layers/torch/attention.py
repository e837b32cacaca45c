"""torch.nn attention and transformers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archlint.dims import Size, add, mul
from archlint.layers.arguments import NotKnown, flag, size, truth
from archlint.layers.families.attention import attended, attention_macs, projection
from archlint.layers.families.contract import divisibility_fault, prefer, rank_fault, size_fault
from archlint.layers.families.elementwise import broadcast_shapes, like
from archlint.layers.families.recurrent import sequence_demand
from archlint.layers.spec import Fault, Out, function, layer
from archlint.values import External, Layer, Tensor

_RELU = External("torch.nn.functional.relu")
_HEADS = ("query", "key", "value", "key_padding_mask", "need_weights", "attn_mask", "average_attn_weights", "is_causal")


def total(*sizes: Size) -> Size:
    """Sum; unknown if any is."""
    result: Size = 0
    for each in sizes:
        result = add(result, each)
    return result


def attention_weights(embed: Size, key: Size, value: Size, bias: bool, bias_kv: bool = False) -> Size:
    """Three input projections to `embed`, one output projection, and two learned rows if `bias_kv`."""
    rows = total(embed, key, value)
    inputs = total(mul(embed, rows), mul(embed, 3 if bias else 0), mul(embed, 2 if bias_kv else 0))
    return add(inputs, projection(embed, embed, bias))


@layer("torch.nn.MultiheadAttention", family="attention", call=_HEADS, weights=True)
def multihead_attention(
    x: Mapping[str, Any], embed_dim: Any, num_heads: Any, dropout: Any = 0.0, bias: Any = True,
    add_bias_kv: Any = False, add_zero_attn: Any = False, kdim: Any = None, vdim: Any = None,
    batch_first: Any = False, device: Any = None, dtype: Any = None,
) -> Any:  # fmt: skip
    """Attention in `num_heads` parts of the features: the output, and the weights of every query over the keys."""
    embed, heads, first = size(embed_dim), size(num_heads), flag(batch_first)
    keys = embed if kdim is None else size(kdim)
    values = embed if vdim is None else size(vdim)
    params = attention_weights(embed, keys, values, flag(bias), flag(add_bias_kv))
    query = x["query"]
    demand = sequence_demand(embed, first)
    built = divisibility_fault("num_heads", embed, heads, "features")
    out, faults = _attend(query, x.get("key"), x.get("value"), (embed, keys, values), first)
    macs = None
    if query.shape is not None and not faults:
        macs = mul(attention_macs(query.shape, query.shape, query.shape), 1)
    shape = None if any(f.kind in ("rank", "merge") for f in faults) or built else out.shape
    first_out = Out(shape, params, axes=like(query).axes if shape else None, sees_all=True, macs=macs,
                    faults=(*built, *faults), demand=demand, last=embed)  # fmt: skip
    extra = int(flag(add_bias_kv)) + int(flag(add_zero_attn))
    return first_out, _weights(x, heads, extra, first, shape is not None)


def _attend(
    query: Tensor, key: Any, value: Any, sizes: tuple[Size, Size, Size], batch_first: bool
) -> tuple[Out, tuple[Fault, ...]]:
    """The query's shape, and the contracts between the three inputs."""
    faults = rank_fault(query, 3, (2, 3))
    if query.shape is None or faults:
        return Out(), faults
    names = ("embed_dim", "kdim", "vdim")
    given = (query, key, value)
    for tensor, declared, arg in zip(given, sizes, names, strict=True):
        if not isinstance(tensor, Tensor) or tensor.shape is None:
            continue
        if len(tensor.shape) != len(query.shape):
            text = f"query has {len(query.shape)} axes, another input {len(tensor.shape)}"
            return Out(), (Fault("rank", "", text, len(query.shape), len(tensor.shape)),)
        faults = (*faults, *size_fault("features", arg, declared, tensor.shape[-1], len(tensor.shape) - 1))
    return like(query), (*faults, *_unpaired(key, value, query, batch_first))


def _unpaired(key: Any, value: Any, query: Tensor, batch_first: bool) -> tuple[Fault, ...]:
    """Keys and values have one length; all three one batch size."""
    if not all(isinstance(t, Tensor) and t.shape is not None for t in (key, value)):
        return ()
    assert query.shape is not None
    for axis in range(len(query.shape) - 1):
        if fault := size_fault("merge", "", key.shape[axis], value.shape[axis], axis):
            return fault
    if len(query.shape) == 3:
        axis = 0 if batch_first else 1
        return size_fault("merge", "", query.shape[axis], key.shape[axis], axis)
    return ()


def _weights(x: Mapping[str, Any], heads: Size, extra: int, batch_first: bool, sound: bool) -> Any:
    """`(batch, queries, keys)`, with heads behind the batch unless they are averaged; None if not asked for."""
    if not flag(x.get("need_weights", True)):
        return None
    query, key = x["query"].shape, x["key"].shape if isinstance(x.get("key"), Tensor) else None
    if query is None or key is None or not sound:
        return Out()
    averaged = flag(x.get("average_attn_weights", True))
    time = 1 if len(query) == 3 and batch_first else 0
    batch: tuple[Size, ...] = () if len(query) == 2 else (query[0 if batch_first else 1],)
    middle: tuple[Size, ...] = () if averaged else (heads,)
    roles = (*(("batch",) * len(batch)), *(("heads",) * len(middle)), "time", "time")
    return Out((*batch, *middle, query[time], add(key[time], extra)), axes=roles)


@function("torch.nn.functional.scaled_dot_product_attention", family="attention")
def scaled_dot_product_attention(
    query: Tensor, key: Tensor, value: Tensor, attn_mask: Any = None, dropout_p: Any = 0.0, is_causal: Any = False,
    scale: Any = None, enable_gqa: Any = False,
) -> Out:  # fmt: skip
    """`softmax(q k' * scale) v` on the last two axes."""
    shape, _, faults = attended(query.shape, key.shape, value.shape)
    if shape is None or faults:
        return Out(None, faults=faults)
    if truth(enable_gqa) is not False:
        return Out((*shape[:-3], *(None,) * len(shape[-3:-2]), *shape[-2:]), sees_all=True)
    batch, faults = broadcast_shapes([t.shape and t.shape[:-2] for t in (query, key, value)])
    if batch is None or faults:
        return Out(None, faults=faults)
    axes = (*range(len(shape) - 1), "features") if len(batch) + 2 == len(shape) else None
    macs = attention_macs(query.shape, key.shape, value.shape)
    return Out((*batch, *shape[-2:]), axes=axes, sees_all=True, macs=macs)


def block_weights(model: Size, feedforward: Size, bias: bool, attentions: int) -> Size:
    """Attention blocks, a two-layer perceptron, and a normalisation after each of them."""
    attention = attention_weights(model, model, model, bias)
    perceptron = add(projection(model, feedforward, bias), projection(feedforward, model, bias))
    norms = mul(model, (2 if bias else 1) * (attentions + 1))
    return total(mul(attention, attentions), perceptron, norms)


def _block(x: Tensor, memory: Any, model: Any, heads: Any, feedforward: Any, bias: Any, batch_first: Any) -> Out:
    embed, first, attentions = size(model), flag(batch_first), 1 if memory is None else 2
    params = block_weights(embed, size(feedforward), flag(bias), attentions)
    built = divisibility_fault("nhead", embed, size(heads), "features")
    faults = rank_fault(x, 3, (2, 3))
    if x.shape is not None and not faults:
        faults = size_fault("features", "d_model", embed, x.shape[-1], len(x.shape) - 1)
    if isinstance(memory, Tensor) and memory.shape and not faults:
        faults = size_fault("features", "d_model", embed, memory.shape[-1], len(memory.shape) - 1)
    demand = sequence_demand(embed, first)
    if x.shape is None or built or any(f.kind == "rank" for f in faults):
        return Out(None, params, last=embed, sees_all=True, faults=(*built, *faults), demand=demand)
    shape = (*x.shape[:-1], prefer(embed, x.shape[-1]))
    return Out(shape, params, axes=tuple(range(len(shape))), sees_all=True, faults=faults, demand=demand)


@layer("torch.nn.TransformerEncoderLayer", family="attention",
       call=("src", "src_mask", "src_key_padding_mask", "is_causal"), weights=True)  # fmt: skip
def encoder_layer(
    x: Mapping[str, Any], d_model: Any, nhead: Any, dim_feedforward: Any = 2048, dropout: Any = 0.1,
    activation: Any = _RELU, layer_norm_eps: Any = 1e-05, batch_first: Any = False,
    norm_first: Any = False, bias: Any = True, device: Any = None, dtype: Any = None,
) -> Out:  # fmt: skip
    """Self-attention and a perceptron on every position, each with a residual and a normalisation."""
    return _block(x["src"], None, d_model, nhead, dim_feedforward, bias, batch_first)


@layer("torch.nn.TransformerDecoderLayer", family="attention",
       call=("tgt", "memory", "tgt_mask", "memory_mask", "tgt_key_padding_mask", "memory_key_padding_mask",
             "tgt_is_causal", "memory_is_causal"), weights=True)  # fmt: skip
def decoder_layer(
    x: Mapping[str, Any], d_model: Any, nhead: Any, dim_feedforward: Any = 2048, dropout: Any = 0.1,
    activation: Any = _RELU, layer_norm_eps: Any = 1e-05, batch_first: Any = False,
    norm_first: Any = False, bias: Any = True, device: Any = None, dtype: Any = None,
) -> Out:  # fmt: skip
    """Self-attention, attention to the encoder's output, and a perceptron on every position."""
    return _block(x["tgt"], x.get("memory", Tensor(None)), d_model, nhead, dim_feedforward, bias, batch_first)


def _repeated(x: Tensor, memory: Any, block: Any, num_layers: Any, norm: Any) -> Out:
    """Copies of one layer, and perhaps a normalisation behind them (whose numbers are added)."""
    if not isinstance(block, Layer):
        raise NotKnown
    given = {"src": x} if memory is None else {"tgt": x, "memory": memory}
    one = block.spec.apply(given, block.args)
    extra: Size = 0
    if isinstance(norm, Layer):
        extra = norm.spec.apply(x, norm.args).params
    elif norm is not None:
        extra = None
    params = add(mul(one.params, size(num_layers)), extra)
    return Out(one.shape, params, axes=one.axes, last=one.last, sees_all=True, faults=one.faults, demand=one.demand)


@layer("torch.nn.TransformerEncoder", family="attention", call=("src", "mask", "src_key_padding_mask", "is_causal"),
       weights=True)  # fmt: skip
def encoder(
    x: Mapping[str, Any], encoder_layer: Any, num_layers: Any, norm: Any = None, enable_nested_tensor: Any = True,
    mask_check: Any = True,
) -> Out:  # fmt: skip
    """Copies of an encoder layer, one after another."""
    return _repeated(x["src"], None, encoder_layer, num_layers, norm)


@layer("torch.nn.TransformerDecoder", family="attention",
       call=("tgt", "memory", "tgt_mask", "memory_mask", "tgt_key_padding_mask", "memory_key_padding_mask",
             "tgt_is_causal", "memory_is_causal"), weights=True)  # fmt: skip
def decoder(x: Mapping[str, Any], decoder_layer: Any, num_layers: Any, norm: Any = None) -> Out:
    """Copies of a decoder layer, one after another."""
    return _repeated(x["tgt"], x.get("memory", Tensor(None)), decoder_layer, num_layers, norm)


@layer("torch.nn.Transformer", family="attention",
       call=("src", "tgt", "src_mask", "tgt_mask", "memory_mask", "src_key_padding_mask", "tgt_key_padding_mask",
             "memory_key_padding_mask", "src_is_causal", "tgt_is_causal", "memory_is_causal"),
       weights=True)  # fmt: skip
def transformer(
    x: Mapping[str, Any], d_model: Any = 512, nhead: Any = 8, num_encoder_layers: Any = 6,
    num_decoder_layers: Any = 6, dim_feedforward: Any = 2048, dropout: Any = 0.1,
    activation: Any = _RELU, custom_encoder: Any = None, custom_decoder: Any = None,
    layer_norm_eps: Any = 1e-05, batch_first: Any = False, norm_first: Any = False, bias: Any = True,
    device: Any = None, dtype: Any = None,
) -> Out:  # fmt: skip
    """Encoder and decoder stacks, each with a normalisation at its end; the output is like the target."""
    if custom_encoder is not None or custom_decoder is not None:
        raise NotKnown
    embed, width, owned = size(d_model), size(dim_feedforward), flag(bias)
    encoders = mul(block_weights(embed, width, owned, 1), size(num_encoder_layers))
    decoders = mul(block_weights(embed, width, owned, 2), size(num_decoder_layers))
    norms = mul(embed, 4 if owned else 2)
    target, source = x["tgt"], x["src"]
    checked = [_block(t, None, d_model, nhead, dim_feedforward, bias, batch_first) for t in (target, source)]
    faults = checked[0].faults or checked[1].faults
    out = checked[0]
    return Out(out.shape, total(encoders, decoders, norms), axes=out.axes, last=out.last, sees_all=True,
               faults=faults, demand=out.demand)  # fmt: skip
