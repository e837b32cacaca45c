"""Random calls of TF-slim's and `tf.layers`' layers, valid ones and broken ones."""

from __future__ import annotations

import random
from typing import Any

from differential import Case, Generator, Shape

Rng = random.Random
NO_NORM = "@tensorflow.identity"  # a normaliser without weights


def image(rng: Rng, n: int, high: int = 14, channels: int | None = None, last: bool = True) -> Shape:
    """Batch, `n` axes and channels; the batch often open, the others rarely; sometimes of a wrong rank."""
    batch = rng.choice([None, 2, 3])
    space = [rng.randint(1, high) if rng.random() < 0.93 else None for _ in range(n)]
    deep = rng.choice([1, 2, 3, 4, 6]) if channels is None else channels
    made = (batch, *space, deep) if last else (batch, deep, *space)
    made = tuple(None if i and rng.random() < 0.01 else s for i, s in enumerate(made))
    roll = rng.random()
    return made[:-1] if roll < 0.03 else (*made, 3) if roll > 0.98 else made


def per_axis(rng: Rng, n: int, values: list[int]) -> Any:
    """One number, or one per axis, rarely one too many."""
    if rng.random() < 0.6:
        return rng.choice(values)
    return [rng.choice(values) for _ in range(n if rng.random() < 0.95 else n + 1)]


def some(rng: Rng, chance: float = 0.4, **choices: list[Any]) -> dict[str, Any]:
    """Some of the keywords, each with one of its values."""
    return {name: rng.choice(values) for name, values in choices.items() if rng.random() < chance}


def layout(rng: Rng, n: int, chance: float = 0.25) -> tuple[dict[str, Any], bool]:
    """A data format now and then, and whether channels are last."""
    if rng.random() >= chance:
        return {}, True
    last = rng.random() < 0.3
    words = {1: ("NWC", "NCW"), 2: ("NHWC", "NCHW"), 3: ("NDHWC", "NCDHW")}[n]
    return {"data_format": words[0 if last else 1]}, last


def slim_conv(name: str, n: int, step: str = "stride", holes: bool = True) -> Generator:
    def make(rng: Rng) -> Case:
        kwargs, last = layout(rng, n)
        kwargs |= some(rng, padding=["SAME", "VALID", "valid"])
        kwargs |= some(rng, 0.15, biases_initializer=[None], normalizer_fn=[NO_NORM], trainable=[False],
                       activation_fn=[None])  # fmt: skip
        if rng.random() < 0.5:
            kwargs[step] = per_axis(rng, n, [1, 2, 2, 3])
        elif holes and rng.random() < 0.4:
            kwargs["rate"] = per_axis(rng, n, [1, 2, 3])
        args = ["$0", rng.choice([1, 2, 4, 5]), per_axis(rng, n, [1, 2, 3, 3, 5])]
        return Case(name, args, kwargs, inputs=[image(rng, n, 14 if n < 3 else 7, last=last)])

    return make


def slim_separable(rng: Rng) -> Case:
    kwargs, last = layout(rng, 2, 0.15)
    kwargs |= some(rng, padding=["SAME", "VALID"], depth_multiplier=[1, 2, 3])
    kwargs |= some(rng, 0.15, biases_initializer=[None], normalizer_fn=[NO_NORM], trainable=[False])
    if rng.random() < 0.5:
        kwargs["stride"] = rng.choice([1, 2, [2, 2]])
    elif rng.random() < 0.3:
        kwargs["rate"] = rng.choice([1, 2])
    args = ["$0", rng.choice([None, 2, 4, 5]), per_axis(rng, 2, [1, 2, 3, 3, 5])]
    return Case("tf_slim.separable_conv2d", args, kwargs, inputs=[image(rng, 2, last=last)])


def slim_in_plane(rng: Rng) -> Case:
    kwargs = some(rng, padding=["SAME", "VALID"], stride=[1, 2, [2, 2]])
    kwargs |= some(rng, 0.2, biases_initializer=[None], normalizer_fn=[NO_NORM], trainable=[False])
    return Case("tf_slim.conv2d_in_plane", ["$0", per_axis(rng, 2, [1, 2, 3])], kwargs, inputs=[image(rng, 2)])


def slim_pool(name: str, n: int) -> Generator:
    def make(rng: Rng) -> Case:
        kwargs, last = layout(rng, n)
        kwargs |= some(rng, padding=["SAME", "VALID", "same"], stride=[1, 2, [2] * n, [1] * (n - 1) + [3]])
        args = ["$0", per_axis(rng, n, [1, 2, 3, 5])]
        return Case(name, args, kwargs, inputs=[image(rng, n, 12 if n < 3 else 7, last=last)])

    return make


def slim_any_pool(rng: Rng) -> Case:
    n = rng.choice([1, 2, 2, 3])
    kwargs = some(rng, padding=["SAME", "VALID"])
    kwargs |= some(rng, 0.4, stride=[1, 2]) if rng.random() < 0.6 else some(rng, 0.5, dilation_rate=[1, 2])
    args = ["$0", per_axis(rng, n, [1, 2, 3]), rng.choice(["MAX", "AVG"])]
    return Case("tf_slim.pool", args, kwargs, inputs=[image(rng, n, 9)])


def anything(rng: Rng, low: int = 1, high: int = 5, biggest: int = 6) -> Shape:
    """Any rank, sizes mostly known."""
    rank = rng.randint(low, high)
    return tuple(rng.randint(1, biggest) if rng.random() < (0.6 if i == 0 else 0.95) else None for i in range(rank))


def connected(name: str, first: str = "biases_initializer", normal: bool = True) -> Generator:
    def make(rng: Rng) -> Case:
        kwargs = some(rng, 0.2, **{first: [None]}, trainable=[False])
        if normal:
            kwargs |= some(rng, 0.2, normalizer_fn=[NO_NORM])
        return Case(name, ["$0", rng.choice([1, 3, 7])], kwargs, inputs=[anything(rng, 0, 4)])

    return make


def batch_norm(rng: Rng) -> Case:
    kwargs, last = layout(rng, 2)
    kwargs |= some(rng, 0.3, center=[True, False], scale=[True, False], is_training=[True, False], trainable=[False])
    kwargs |= some(rng, 0.15, updates_collections=[None], fused=[False])
    shape = image(rng, 2, last=last) if rng.random() < 0.6 else anything(rng, 2, 4)
    return Case("tf_slim.batch_norm", ["$0"], kwargs, inputs=[shape])


def instance_norm(rng: Rng) -> Case:
    kwargs, last = layout(rng, 2)
    kwargs |= some(rng, 0.3, center=[True, False], scale=[True, False], trainable=[False])
    return Case("tf_slim.instance_norm", ["$0"], kwargs, inputs=[image(rng, 2, last=last)])


def layer_norm(rng: Rng) -> Case:
    kwargs = some(rng, 0.3, center=[True, False], scale=[True, False], trainable=[False],
                  begin_norm_axis=[1, 2, -1], begin_params_axis=[1, 2, -1, -2])  # fmt: skip
    return Case("tf_slim.layer_norm", ["$0"], kwargs, inputs=[anything(rng, 1, 4)])


def group_norm(rng: Rng) -> Case:
    kwargs = some(rng, 0.3, center=[True, False], scale=[True, False], trainable=[False])
    kwargs["groups"] = rng.choice([1, 2, 2, 3, 4])
    if rng.random() < 0.3:
        kwargs |= {"channels_axis": -3, "reduction_axes": rng.choice([[-2, -1], [-2, -1], [-3, -1], [2, 3]])}
    shape = (rng.choice([None, 2]), rng.choice([4, 6]), rng.choice([4, 6, None]), rng.choice([4, 6, 12]))
    return Case("tf_slim.group_norm", ["$0"], kwargs, inputs=[shape])


def simple(
    name: str, low: int, high: int, arguments: Any = None, dtype: str = "float32", **choices: list[Any]
) -> Generator:
    """A layer of one tensor of some rank, positional arguments made by `arguments`, and some keywords."""

    def make(rng: Rng) -> Case:
        extra = [] if arguments is None else list(arguments(rng))
        return Case(name, ["$0", *extra], some(rng, **choices), inputs=[anything(rng, low, high)], dtypes=[dtype])

    return make


def maxout(rng: Rng) -> Case:
    kwargs = some(rng, 0.3, axis=[-1, 1, 2, 3])
    return Case("tf_slim.maxout", ["$0", rng.choice([1, 2, 3])], kwargs, inputs=[anything(rng, 2, 4, 8)])


def layers_conv(name: str, n: int, kind: str = "") -> Generator:
    def make(rng: Rng) -> Case:
        last = rng.random() < 0.8
        kwargs = {} if last else {"data_format": "channels_first"}
        kwargs |= some(rng, padding=["same", "valid", "SAME"], use_bias=[True, False])
        kwargs |= some(rng, 0.15, trainable=[False])
        if kind == "separable":
            kwargs |= some(rng, depth_multiplier=[1, 2], strides=[1, 2])
        elif rng.random() < 0.5:
            kwargs["strides"] = per_axis(rng, n, [1, 2, 2, 3])
        elif not kind and rng.random() < 0.4:
            kwargs["dilation_rate"] = per_axis(rng, n, [1, 2])
        own = [rng.choice([1, 2, 4]), per_axis(rng, n, [1, 2, 3, 5])]
        args = own if name[len("tensorflow.layers.")].isupper() else ["$0", *own]
        return Case(name, args, kwargs, inputs=[image(rng, n, 12 if n < 3 else 6, last=last)])

    return make


def layers_pool(name: str, n: int) -> Generator:
    def make(rng: Rng) -> Case:
        last = rng.random() < 0.8
        kwargs = {} if last else {"data_format": "channels_first"}
        kwargs |= some(rng, padding=["same", "valid"])
        own = [per_axis(rng, n, [1, 2, 3]), per_axis(rng, n, [1, 2, 3])]
        args = own if name[len("tensorflow.layers.")].isupper() else ["$0", *own]
        return Case(name, args, kwargs, inputs=[image(rng, n, 9, last=last)])

    return make


def layers_norm(rng: Rng) -> Case:
    kwargs = some(rng, 0.3, center=[True, False], scale=[True, False], trainable=[False], training=[True],
                  axis=[-1, 1, 3])  # fmt: skip
    return Case("tensorflow.layers.batch_normalization", ["$0"], kwargs, inputs=[anything(rng, 2, 4)])


def layers_dense(name: str) -> Generator:
    def make(rng: Rng) -> Case:
        kwargs = some(rng, 0.3, use_bias=[True, False], trainable=[False])
        own = [rng.choice([1, 3, 7])]
        args = own if name.endswith("Dense") else ["$0", *own]
        return Case(name, args, kwargs, inputs=[anything(rng, 0, 4)])

    return make


S, L = "tf_slim.", "tensorflow.layers."
MAKERS: dict[str, Generator] = {
    **{S + f"conv{n}d": slim_conv(S + f"conv{n}d", n) for n in (1, 2, 3)},
    **{f"{S}convolution on {n}": slim_conv(S + "convolution", n) for n in (1, 2, 3)},
    **{S + f"conv{n}d_transpose": slim_conv(S + f"conv{n}d_transpose", n, holes=False) for n in (2, 3)},
    S + "separable_conv2d": slim_separable,
    S + "conv2d_in_plane": slim_in_plane,
    **{S + f"{w}_pool{n}d": slim_pool(S + f"{w}_pool{n}d", n) for w in ("max", "avg") for n in (2, 3)},
    S + "pool": slim_any_pool,
    **{S + name: connected(S + name) for name in ("fully_connected", "relu", "relu6", "linear", "elu")},
    **{S + name: connected(S + name, "bias_init", False)
       for name in ("legacy_fully_connected", "legacy_linear", "legacy_relu")},
    S + "batch_norm": batch_norm,
    S + "instance_norm": instance_norm,
    S + "layer_norm": layer_norm,
    S + "group_norm": group_norm,
    S + "bias_add": simple(S + "bias_add", 0, 5, data_format=["NHWC", "NCHW"], trainable=[False]),
    S + "flatten": simple(S + "flatten", 0, 5),
    S + "dropout": simple(S + "dropout", 1, 4, keep_prob=[0.3, 0.8], is_training=[True, False]),
    S + "softmax": simple(S + "softmax", 1, 4),
    S + "one_hot_encoding": simple(S + "one_hot_encoding", 0, 3, lambda r: [r.randint(1, 9)], "int64"),
    S + "maxout": maxout,
    S + "unit_norm": simple(S + "unit_norm", 1, 4, lambda r: [r.choice([0, 1, 2, -1])]),
    S + "scale_gradient": simple(S + "scale_gradient", 1, 4, lambda r: [0.5]),
    S + "spatial_softmax": simple(S + "spatial_softmax", 3, 5, data_format=["NHWC", "NCHW"], trainable=[False]),
    S + "images_to_sequence": simple(S + "images_to_sequence", 3, 5, data_format=["NHWC", "NCHW"]),
    S + "sequence_to_images": simple(S + "sequence_to_images", 2, 4, lambda r: [r.choice([1, 2, 3])],
                                     output_data_format=["channels_first", "channels_last"]),
    S + "gdn": simple(S + "gdn", 2, 5, inverse=[True], data_format=["channels_first"]),
    S + "_inner_flatten": simple(S + "_inner_flatten", 1, 5, lambda r: [r.choice([1, 2, 3])]),
    **{L + f"{name}{n}{d}": layers_conv(L + f"{name}{n}{d}", n)
       for name, d in (("conv", "d"), ("Conv", "D")) for n in (1, 2, 3)},
    **{L + name.format(n): layers_conv(L + name.format(n), n, "transpose")
       for name in ("conv{}d_transpose", "Conv{}DTranspose") for n in (2, 3)},
    **{L + name.format(n): layers_conv(L + name.format(n), n, "separable")
       for name in ("separable_conv{}d", "SeparableConv{}D") for n in (1, 2)},
    **{L + name.format(n): layers_pool(L + name.format(n), n) for n in (1, 2, 3)
       for name in ("max_pooling{}d", "average_pooling{}d", "MaxPooling{}D", "AveragePooling{}D")},
    L + "batch_normalization": layers_norm,
    L + "dense": layers_dense(L + "dense"),
    L + "Dense": layers_dense(L + "Dense"),
    L + "flatten": simple(L + "flatten", 0, 5),
    L + "dropout": simple(L + "dropout", 1, 4, rate=[0.3], training=[True]),
}  # fmt: skip
