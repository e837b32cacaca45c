"""Random calls of torch.nn layers, valid and not."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from torch_differential import Built, Case, Generate, T

LAYERS: dict[str, Generate] = {}


def near(rng: Random, value: int) -> int:
    """The value, or seldom another one."""
    return value if rng.random() < 0.85 else max(1, value + rng.choice((-1, 1, 2)))


def per_axis(rng: Random, n: int, options: tuple[int, ...]) -> Any:
    """One number, or one per axis."""
    return rng.choice(options) if rng.random() < 0.6 else tuple(rng.choice(options) for _ in range(n))


def image(rng: Random, n: int, channels: int, low: int = 1, high: int = 12) -> T:
    """`(batch, channels, *space)`, seldom without a batch or of a wrong rank."""
    space = tuple(rng.randint(low, high) for _ in range(n))
    shape = (rng.randint(1, 3), channels, *space)
    odd = rng.random()
    return T(shape[1:] if odd < 0.15 else (2, *shape) if odd < 0.18 else shape[:2] if odd < 0.2 else shape)


def given(rng: Random, **options: Any) -> dict[str, Any]:
    """Some of the keyword arguments."""
    return {k: v for k, v in options.items() if rng.random() < 0.6}


def _conv(n: int, lazy: bool) -> Generate:
    def case(rng: Random) -> Case:
        channels = rng.choice((1, 2, 4, 6))
        args = (rng.choice((2, 4, 6)), per_axis(rng, n, (1, 2, 3, 4)))
        kwargs = given(
            rng, stride=per_axis(rng, n, (1, 1, 2, 3)), dilation=per_axis(rng, n, (1, 1, 2)), bias=rng.random() < 0.5,
            padding=rng.choice(("valid", "same", *(per_axis(rng, n, (0, 1, 2)) for _ in range(4)))),
            groups=rng.choice((1, 2)), padding_mode=rng.choice(("zeros", "zeros", "reflect", "circular", "replicate")),
        )  # fmt: skip
        name = f"torch.nn.{'Lazy' if lazy else ''}Conv{n}d"
        return Case(name, args if lazy else (near(rng, channels), *args), kwargs, image(rng, n, channels))

    return case


def _conv_transpose(n: int, lazy: bool) -> Generate:
    def case(rng: Random) -> Case:
        channels = rng.choice((1, 2, 4, 6))
        args = (rng.choice((2, 4, 6)), per_axis(rng, n, (1, 2, 3, 4)))
        kwargs = given(
            rng, stride=per_axis(rng, n, (1, 2, 3)), dilation=per_axis(rng, n, (1, 1, 2)), bias=rng.random() < 0.5,
            padding=per_axis(rng, n, (0, 0, 1, 2)), output_padding=per_axis(rng, n, (0, 0, 0, 1)),
            groups=rng.choice((1, 2)),
        )  # fmt: skip
        name = f"torch.nn.{'Lazy' if lazy else ''}ConvTranspose{n}d"
        return Case(name, args if lazy else (near(rng, channels), *args), kwargs, image(rng, n, channels))

    return case


def _max_pool(n: int) -> Generate:
    def case(rng: Random) -> Case:
        kwargs = given(
            rng, stride=rng.choice((None, per_axis(rng, n, (1, 2, 3)))), padding=per_axis(rng, n, (0, 0, 1)),
            dilation=per_axis(rng, n, (1, 1, 2)), ceil_mode=rng.random() < 0.5, return_indices=rng.random() < 0.3,
        )  # fmt: skip
        return Case(f"torch.nn.MaxPool{n}d", (per_axis(rng, n, (1, 2, 3)),), kwargs, image(rng, n, 2))

    return case


def _avg_pool(n: int, lp: bool) -> Generate:
    def case(rng: Random) -> Case:
        kwargs = given(rng, stride=rng.choice((None, per_axis(rng, n, (1, 2, 3)))), ceil_mode=rng.random() < 0.5)
        kernel = rng.choice((1, 2, 3)) if lp and n == 1 else per_axis(rng, n, (1, 2, 3))
        if lp:
            return Case(f"torch.nn.LPPool{n}d", (2.0, kernel), kwargs, image(rng, n, 2))
        kwargs.update(given(rng, padding=per_axis(rng, n, (0, 0, 1)), count_include_pad=rng.random() < 0.5))
        return Case(f"torch.nn.AvgPool{n}d", (kernel,), kwargs, image(rng, n, 2))

    return case


def _adaptive(n: int, kind: str) -> Generate:
    def case(rng: Random) -> Case:
        options = (1, 2, 5) if n == 1 else (None, 1, 2, 5)
        size = rng.choice((1, 2, 5, tuple(rng.choice(options) for _ in range(n))))
        kwargs = given(rng, return_indices=rng.random() < 0.3) if kind == "Max" else {}
        return Case(f"torch.nn.Adaptive{kind}Pool{n}d", (size,), kwargs, image(rng, n, 2))

    return case


def _batch_norm(n: int, name: str, lazy: bool) -> Generate:
    def case(rng: Random) -> Case:
        channels = rng.choice((2, 3, 6))
        kwargs = given(rng, affine=rng.random() < 0.5, track_running_stats=rng.random() < 0.5, bias=rng.random() < 0.5)
        return Case(name, () if lazy else (near(rng, channels),), kwargs, image(rng, n, channels, 2))

    return case


for _n in (1, 2, 3):
    for _lazy in (False, True):
        _prefix = f"torch.nn.{'Lazy' if _lazy else ''}"
        LAYERS[f"{_prefix}Conv{_n}d"] = _conv(_n, _lazy)
        LAYERS[f"{_prefix}ConvTranspose{_n}d"] = _conv_transpose(_n, _lazy)
        for _norm in ("BatchNorm", "InstanceNorm"):
            LAYERS[f"{_prefix}{_norm}{_n}d"] = _batch_norm(_n, f"{_prefix}{_norm}{_n}d", _lazy)
    LAYERS[f"torch.nn.MaxPool{_n}d"] = _max_pool(_n)
    LAYERS[f"torch.nn.AvgPool{_n}d"] = _avg_pool(_n, False)
    LAYERS[f"torch.nn.LPPool{_n}d"] = _avg_pool(_n, True)
    for _kind in ("Avg", "Max"):
        LAYERS[f"torch.nn.Adaptive{_kind}Pool{_n}d"] = _adaptive(_n, _kind)
LAYERS["torch.nn.SyncBatchNorm"] = _batch_norm(2, "torch.nn.SyncBatchNorm", False)


def anything(rng: Random, low: int = 1, high: int = 4, sizes: tuple[int, ...] = (1, 2, 3, 4, 6)) -> tuple[int, ...]:
    """A shape of any rank."""
    return tuple(rng.choice(sizes) for _ in range(rng.randint(low, high)))


def layer(name: str) -> Callable[[Generate], Generate]:
    """Adds a generator under the name of a layer."""

    def add(generate: Generate) -> Generate:
        LAYERS[f"torch.nn.{name}"] = generate
        return generate

    return add


@layer("Linear")
def linear(rng: Random) -> Case:
    shape = anything(rng)
    kwargs = given(rng, bias=rng.random() < 0.5)
    return Case("torch.nn.Linear", (near(rng, shape[-1]), rng.randint(1, 9)), kwargs, T(shape))


@layer("LazyLinear")
def lazy_linear(rng: Random) -> Case:
    return Case("torch.nn.LazyLinear", (rng.randint(1, 9),), given(rng, bias=rng.random() < 0.5), T(anything(rng)))


@layer("Bilinear")
def bilinear(rng: Random) -> Case:
    left = anything(rng)
    right = (*(near(rng, s) for s in left[:-1]), rng.randint(1, 5))
    args = (near(rng, left[-1]), near(rng, right[-1]), rng.randint(1, 5))
    kwargs = given(rng, bias=rng.random() < 0.5)
    return Case("torch.nn.Bilinear", args, kwargs, {"input1": T(left), "input2": T(right)})


@layer("GroupNorm")
def group_norm(rng: Random) -> Case:
    channels = rng.choice((2, 4, 6))
    kwargs = given(rng, affine=rng.random() < 0.5, bias=rng.random() < 0.5)
    shape = (2, channels, *anything(rng, 0, 3, (2, 3)))
    return Case("torch.nn.GroupNorm", (rng.choice((1, 2, 2, 3)), near(rng, channels)), kwargs, T(shape))


def _trailing(name: str) -> Generate:
    def case(rng: Random) -> Case:
        shape = anything(rng)
        n = rng.randint(1, len(shape))
        declared: Any = tuple(near(rng, s) for s in shape[-n:])
        if n == 1 and rng.random() < 0.7:
            declared = declared[0]
        kwargs = given(rng, elementwise_affine=rng.random() < 0.5)
        if name == "LayerNorm":
            kwargs.update(given(rng, bias=rng.random() < 0.5))
        return Case(f"torch.nn.{name}", (declared,), kwargs, T(shape))

    return case


LAYERS["torch.nn.LayerNorm"] = _trailing("LayerNorm")
LAYERS["torch.nn.RMSNorm"] = _trailing("RMSNorm")


@layer("LocalResponseNorm")
def local_response_norm(rng: Random) -> Case:
    return Case("torch.nn.LocalResponseNorm", (rng.choice((1, 2, 3)),), {}, T(anything(rng, 1, 5)))


@layer("Embedding")
def embedding(rng: Random) -> Case:
    kwargs = given(rng, padding_idx=0, _freeze=rng.random() < 0.3)
    return Case("torch.nn.Embedding", (rng.randint(2, 9), rng.randint(1, 6)), kwargs, T(anything(rng, 0, 3), "int64"))


@layer("EmbeddingBag")
def embedding_bag(rng: Random) -> Case:
    args = (rng.randint(2, 9), rng.randint(1, 6))
    if rng.random() < 0.5:
        return Case("torch.nn.EmbeddingBag", args, given(rng, mode="sum"), {"input": T((3, 4), "int64")})
    call = {"input": T((6,), "int64"), "offsets": T((rng.randint(1, 4),), "int64")}
    return Case("torch.nn.EmbeddingBag", args, given(rng, mode="sum", include_last_offset=rng.random() < 0.5), call)


def _recurrent(name: str) -> Generate:
    def case(rng: Random) -> Case:
        features = rng.randint(1, 5)
        shape = (rng.randint(1, 3), rng.randint(1, 4), features)[rng.random() < 0.2 :]
        if rng.random() < 0.05:
            shape = (1, *shape, features)
        hidden = rng.randint(2, 5)
        kwargs = given(
            rng, num_layers=rng.randint(1, 3), bias=rng.random() < 0.5, batch_first=rng.random() < 0.5,
            bidirectional=rng.random() < 0.5,
        )  # fmt: skip
        if name == "LSTM":
            kwargs.update(given(rng, proj_size=rng.choice((0, 0, 1))))
        call: dict[str, Any] = {"input": T(shape)}
        if rng.random() < 0.5 and len(shape) < 4:
            call["hx"] = _states(rng, name == "LSTM", shape, hidden, kwargs)
        return Case(f"torch.nn.{name}", (near(rng, features), hidden), kwargs, call)

    return case


def _states(rng: Random, pair: bool, shape: tuple[int, ...], hidden: int, kwargs: dict[str, Any]) -> Any:
    """Initial states of the right shape, seldom of another: batch first, a size off, an axis short."""
    layers = kwargs.get("num_layers", 1) * (2 if kwargs.get("bidirectional") else 1)
    batch = () if len(shape) == 2 else (shape[0 if kwargs.get("batch_first") else 1],)

    def one(units: int) -> T:
        found = (near(rng, layers), *batch, near(rng, units))
        odd = rng.random()
        return T((*found[:2][::-1], *found[2:]) if odd < 0.1 else found[1:] if odd < 0.15 else found)

    return (one(kwargs.get("proj_size") or hidden), one(hidden)) if pair else one(hidden)


def _cell(name: str) -> Generate:
    def case(rng: Random) -> Case:
        features = rng.randint(1, 5)
        shape = (*anything(rng, 0, 2), features)
        args = (near(rng, features), rng.randint(1, 5))
        return Case(f"torch.nn.{name}", args, given(rng, bias=rng.random() < 0.5), {"input": T(shape)})

    return case


for _name in ("RNN", "GRU", "LSTM"):
    LAYERS[f"torch.nn.{_name}"] = _recurrent(_name)
    LAYERS[f"torch.nn.{_name}Cell"] = _cell(f"{_name}Cell")


@layer("MultiheadAttention")
def multihead_attention(rng: Random) -> Case:
    heads = rng.choice((1, 2, 3))
    embed = near(rng, heads * rng.randint(1, 3))
    first = rng.random() < 0.5
    batch, queries, keys = rng.randint(1, 3), rng.randint(1, 4), rng.randint(1, 4)
    key_size, value_size = rng.choice((embed, 5)), rng.choice((embed, 5))
    kwargs: dict[str, Any] = given(rng, bias=rng.random() < 0.5, add_bias_kv=rng.random() < 0.3,
                                   add_zero_attn=rng.random() < 0.3)  # fmt: skip
    kwargs.update({"batch_first": first} if first or rng.random() < 0.5 else {})
    kwargs.update({} if key_size == embed else {"kdim": key_size})
    kwargs.update({} if value_size == embed else {"vdim": value_size})

    def sequence(length: int, features: int) -> T:
        shape = (batch, length, features) if first else (length, batch, features)
        return T(shape if batched else (length, features))

    batched = rng.random() < 0.8
    call: dict[str, Any] = {
        "query": sequence(queries, near(rng, embed)), "key": sequence(keys, key_size),
        "value": sequence(near(rng, keys), value_size),
    }  # fmt: skip
    call.update(given(rng, need_weights=rng.random() < 0.5, average_attn_weights=rng.random() < 0.5))
    return Case("torch.nn.MultiheadAttention", (embed, heads), kwargs, call)


def _model(rng: Random) -> tuple[int, int, dict[str, Any]]:
    heads = rng.choice((1, 2, 3))
    kwargs = given(rng, dim_feedforward=rng.randint(1, 7), batch_first=rng.random() < 0.5, bias=rng.random() < 0.5,
                   norm_first=rng.random() < 0.5)  # fmt: skip
    return heads * rng.randint(1, 2), heads, kwargs


@layer("TransformerEncoderLayer")
def encoder_layer(rng: Random) -> Case:
    model, heads, kwargs = _model(rng)
    shape = (rng.randint(1, 3), rng.randint(1, 3), near(rng, model))[rng.random() < 0.2 :]
    return Case("torch.nn.TransformerEncoderLayer", (model, heads), kwargs, {"src": T(shape)})


@layer("TransformerDecoderLayer")
def decoder_layer(rng: Random) -> Case:
    model, heads, kwargs = _model(rng)
    target, memory = (2, 3, near(rng, model)), (2, 3, near(rng, model))
    return Case("torch.nn.TransformerDecoderLayer", (model, heads), kwargs, {"tgt": T(target), "memory": T(memory)})


@layer("TransformerEncoder")
def encoder(rng: Random) -> Case:
    model, heads, kwargs = _model(rng)
    block = Built("torch.nn.TransformerEncoderLayer", {"d_model": model, "nhead": heads, **kwargs})
    norm = {"norm": Built("torch.nn.LayerNorm", {"normalized_shape": model})} if rng.random() < 0.5 else {}
    call = {"src": T((2, 3, near(rng, model)))}
    return Case("torch.nn.TransformerEncoder", (block, rng.randint(1, 3)), norm, call)


@layer("TransformerDecoder")
def decoder(rng: Random) -> Case:
    model, heads, kwargs = _model(rng)
    block = Built("torch.nn.TransformerDecoderLayer", {"d_model": model, "nhead": heads, **kwargs})
    call = {"tgt": T((2, 3, near(rng, model))), "memory": T((2, 3, model))}
    return Case("torch.nn.TransformerDecoder", (block, rng.randint(1, 3)), {}, call)


@layer("Transformer")
def transformer(rng: Random) -> Case:
    model, heads, kwargs = _model(rng)
    kwargs.update(num_encoder_layers=rng.randint(1, 2), num_decoder_layers=rng.randint(1, 2))
    call = {"src": T((2, 2, near(rng, model))), "tgt": T((2, 2, near(rng, model)))}
    return Case("torch.nn.Transformer", (model, heads), kwargs, call)
