"""Random calls of Keras layers, valid ones and broken ones."""

from __future__ import annotations

from typing import Any

from differential import Case, Generator, Shape
from keras_sampling import Rng, bent, maybe, shape, similar, some
from keras_window_cases import adaptive, border, conv, conv_lstm, depthwise, global_pool, pool, resizing, transposed

L = "keras.layers."


def recurrent(name: str) -> Generator:
    def make(rng: Rng) -> Case:
        kwargs = some(rng, use_bias=[True, False], return_sequences=[True, False], return_state=[True, False],
                      go_backwards=[True], unroll=[False])  # fmt: skip
        if name == "GRU" and rng.random() < 0.5:
            kwargs["reset_after"] = rng.choice([True, False])
        if rng.random() < 0.1:
            kwargs["stateful"] = True
        return Case(L + name, [rng.choice([1, 2, 5, 8])], kwargs, inputs=[bent(rng, shape(rng, 1))])

    return make


def cell(name: str) -> Generator:
    def make(rng: Rng) -> Case:
        kwargs = some(rng, use_bias=[True, False])
        if name == "GRUCell" and rng.random() < 0.5:
            kwargs["reset_after"] = rng.choice([True, False])
        units, batch = rng.choice([1, 2, 5]), maybe(rng, None, 3)
        inputs: list[Shape] = [bent(rng, (batch, rng.choice([1, 3, 4]))), (batch, units), (batch, units)]
        states = ["$1", "$2"] if name == "LSTMCell" else ["$1"]
        return Case(L + name, [units], kwargs, ["$0", states], inputs=inputs)

    return make


def dense(rng: Rng) -> Case:
    kwargs = some(rng, use_bias=[True, False], activation=["relu", None])
    return Case(L + "Dense", [rng.choice([1, 5, 10, 10, 0])], kwargs, inputs=[bent(rng, shape(rng, rng.randint(0, 3)))])


def einsum_dense(rng: Rng) -> Case:
    letters, out, bias, n = rng.choice([
        ("ab,bc->ac", 8, "c", 0), ("abc,cd->abd", [None, 8], "d", 1), ("...x,xy->...y", 8, "y", 2),
        ("abc,cde->abde", [None, 4, 5], "de", 1), ("abcd,cde->abe", [None, 6], "e", 2),
        ("abc,bd->adc", [7, None], "d", 1),
    ])  # fmt: skip
    kwargs = {"output_shape": out, **({"bias_axes": bias} if rng.random() < 0.6 else {})}
    return Case(L + "EinsumDense", [letters], kwargs, inputs=[bent(rng, shape(rng, n))])


def embedding(rng: Rng) -> Case:
    kwargs = some(rng, mask_zero=[True, False], input_length=[4])
    made = bent(rng, shape(rng, rng.randint(0, 2)))
    return Case(
        L + "Embedding", [rng.choice([1, 10, 20, 0]), rng.choice([1, 4, 8])], kwargs, inputs=[made], dtypes=["int32"]
    )


def flatten(rng: Rng) -> Case:
    kwargs = some(rng, data_format=["channels_last", "channels_first"])
    made = shape(rng, rng.randint(0, 3))
    return Case(L + "Flatten", [], kwargs, inputs=[made[: rng.randint(1, 5)]])


def reshape(rng: Rng) -> Case:
    made = shape(rng, rng.randint(0, 3), high=6)
    sizes: list[int | None] = [s or rng.choice([2, 3]) for s in made[1:]]
    rng.shuffle(sizes)
    if len(sizes) > 1 and rng.random() < 0.4:
        first, second = sizes.pop(), sizes.pop()
        sizes.append((first or 1) * (second or 1))
    for _ in range(rng.choice([0, 1, 1, 1, 2])):
        sizes[rng.randrange(len(sizes))] = rng.choice([-1, -1, -1, None, 2, 0, -2])
    return Case(L + "Reshape", [sizes], inputs=[made])


def permute(rng: Rng) -> Case:
    made = shape(rng, rng.randint(0, 3))
    order = list(range(1, len(made)))
    rng.shuffle(order)
    if rng.random() < 0.1:
        order[0] = rng.choice([0, 1, 5, -1])
    return Case(L + "Permute", [order], inputs=[bent(rng, made)])


def repeat_vector(rng: Rng) -> Case:
    return Case(L + "RepeatVector", [rng.choice([1, 3, 7, 0])], inputs=[bent(rng, shape(rng, 0))])


def norm(name: str) -> Generator:
    def make(rng: Rng) -> Case:
        made = shape(rng, rng.randint(0, 3))
        kwargs = some(rng, axis=[-1, 1, -1, 2, 3, -2])
        if name in ("LayerNormalization", "RMSNormalization", "UnitNormalization") and rng.random() < 0.2:
            kwargs["axis"] = rng.choice([[1, 2], [-1], [-2, -1]])
        if name in ("BatchNormalization", "LayerNormalization", "GroupNormalization"):
            kwargs |= some(rng, center=[True, False], scale=[True, False])
        if name == "BatchNormalization":
            kwargs |= some(rng, renorm=[True, False], momentum=[0.9])
        if name == "GroupNormalization":
            kwargs["groups"] = rng.choice([1, 2, 2, 3, 4, -1])
        return Case(L + name, [], kwargs, inputs=[made])

    return make


def normalization(rng: Rng) -> Case:
    kwargs = some(rng, axis=[-1, 1, None])
    if rng.random() < 0.3:
        kwargs |= {"mean": 0.5, "variance": 2.0}
    return Case(L + "Normalization", [], kwargs, inputs=[shape(rng, rng.randint(0, 2))])


def same_shape(name: str, args: list[Any], ranks: tuple[int, int] = (0, 3), **options: list[Any]) -> Generator:
    def make(rng: Rng) -> Case:
        made = bent(rng, shape(rng, rng.randint(*ranks)))
        return Case(
            L + name, [rng.choice(a) if isinstance(a, list) else a for a in args], some(rng, **options), inputs=[made]
        )

    return make


def prelu(rng: Rng) -> Case:
    made = shape(rng, rng.randint(0, 3))
    kwargs = (
        {"shared_axes": rng.sample(range(1, len(made)), rng.randint(1, len(made) - 1))} if rng.random() < 0.6 else {}
    )
    return Case(L + "PReLU", [], kwargs, inputs=[made])


def merge(name: str) -> Generator:
    def make(rng: Rng) -> Case:
        first = shape(rng, rng.randint(0, 3))
        many = rng.choice([1, 1, 1, 2]) if name != "Subtract" else rng.choice([1, 1, 1, 1, 2])
        inputs = [first, *(similar(rng, first, 0.12) for _ in range(many))]
        marks = [f"${i}" for i in range(len(inputs))]
        if name.islower():
            return Case(L + name, [marks], inputs=inputs)
        return Case(L + name, call=[marks if rng.random() < 0.97 else "$0"], inputs=inputs)

    return make


def concatenate(name: str) -> Generator:
    def make(rng: Rng) -> Case:
        first = shape(rng, rng.randint(0, 3))
        axis = rng.choice([-1, -1, 1, len(first) - 1, maybe(rng, 1, len(first), 0.2)])
        inputs = [first]
        for _ in range(rng.choice([1, 1, 2])):
            other = list(similar(rng, first, 0.06))
            if -len(other) <= axis < len(other):
                other[axis] = rng.choice([1, 2, 5, None])
            inputs.append(tuple(other))
        marks = [f"${i}" for i in range(len(inputs))]
        kwargs = {"axis": axis} if axis != -1 or rng.random() < 0.5 else {}
        return (
            Case(L + name, [marks], kwargs, inputs=inputs)
            if name.islower()
            else Case(L + name, [], kwargs, [marks], inputs=inputs)
        )

    return make


def dot(rng: Rng) -> Case:
    batch, shared = maybe(rng, None, 2), rng.choice([3, 4, 4, 5])
    ranks = [rng.randint(2, 4), rng.randint(2, 4)]
    axes = [rng.randint(1, r - 1) for r in ranks]
    inputs = []
    for rank, axis in zip(ranks, axes, strict=True):
        made = [batch, *(rng.choice([2, 3, 5, None]) for _ in range(rank - 1))]
        made[axis] = maybe(rng, shared, rng.choice([4, None]), 0.15)
        inputs.append(tuple(made))
    given: Any = axes if axes[0] != axes[1] or rng.random() < 0.5 else axes[0]
    return Case(L + "Dot", [given], some(rng, normalize=[True, False]), [["$0", "$1"]], inputs=inputs)


def category_encoding(rng: Rng) -> Case:
    kwargs = some(rng, output_mode=["one_hot", "multi_hot", "count"])
    return Case(
        L + "CategoryEncoding", [rng.choice([2, 5])], kwargs, inputs=[shape(rng, rng.randint(0, 1))], dtypes=["int32"]
    )


def discretization(rng: Rng) -> Case:
    kwargs = some(rng, output_mode=["int", "one_hot", "multi_hot", "count"])
    return Case(L + "Discretization", [[0.0, 1.0, 2.0]], kwargs, inputs=[shape(rng, rng.randint(0, 1))])


def attention(name: str) -> Generator:
    def make(rng: Rng) -> Case:
        batch, wide = maybe(rng, None, 2), rng.choice([3, 4])
        query = (batch, rng.choice([None, 5, 6]), maybe(rng, wide, 7, 0.08))
        value = (batch, rng.choice([None, 5, 6]), rng.choice([wide, wide, 2]))
        key = (batch, maybe(rng, value[1], 8, 0.08), wide)
        options = {"use_scale": [True, False], **({"score_mode": ["dot", "concat"]} if name == "Attention" else {})}
        call = {"return_attention_scores": True} if rng.random() < 0.3 else {}
        if rng.random() < 0.5:
            return Case(L + name, [], some(rng, **options), [["$0", "$1"]], call, inputs=[query, key])
        return Case(L + name, [], some(rng, **options), [["$0", "$1", "$2"]], call, inputs=[query, value, key])

    return make


def multi_head(rng: Rng) -> Case:
    batch = maybe(rng, None, 2)
    query = bent(rng, (batch, rng.choice([None, 5, 6]), maybe(rng, rng.choice([3, 4]), None, 0.05)))
    value = (batch, rng.choice([None, 5, 6]), rng.choice([2, 4]))
    key = (batch, maybe(rng, value[1], 8, 0.08), rng.choice([3, 4]))
    kwargs = some(rng, value_dim=[3, 5], use_bias=[True, False], use_gate=[True, False])
    if rng.random() < 0.25:
        kwargs["output_shape"] = rng.choice([7, [7], [2, 3]])
    call = {"return_attention_scores": True} if rng.random() < 0.3 else {}
    marks = rng.choice([["$0", "$0"], ["$0", "$1"], ["$0", "$1", "$2"]])
    args = [rng.choice([1, 2, 3]), rng.choice([2, 4])]
    return Case(L + "MultiHeadAttention", args, kwargs, marks, call, inputs=[query, value, key])


def group_query(rng: Rng) -> Case:
    batch = maybe(rng, None, 2)
    query = bent(rng, (batch, rng.choice([None, 5]), rng.choice([3, 4])))
    value = (batch, rng.choice([None, 5, 6]), query[-1])
    kwargs = some(rng, use_bias=[True, False], use_gate=[True, False])
    args = [rng.choice([2, 4]), rng.choice([2, 4, 6]), rng.choice([1, 2, 4])]
    return Case(
        L + "GroupQueryAttention", args, kwargs, rng.choice([["$0", "$0"], ["$0", "$1"]]), inputs=[query, value]
    )


MAKERS: dict[str, Generator] = {
    "Dense": dense, "EinsumDense": einsum_dense, "Embedding": embedding, "Flatten": flatten, "Reshape": reshape,
    "Permute": permute, "RepeatVector": repeat_vector, "PReLU": prelu, "Dot": dot, "Normalization": normalization,
    "CategoryEncoding": category_encoding, "Discretization": discretization, "MultiHeadAttention": multi_head,
    "GroupQueryAttention": group_query,
    **{f"Conv{n}D": conv(f"Conv{n}D", n) for n in (1, 2, 3)},
    **{f"Conv{n}DTranspose": transposed(f"Conv{n}DTranspose", n) for n in (1, 2, 3)},
    **{f"SeparableConv{n}D": depthwise(f"SeparableConv{n}D", n, True) for n in (1, 2)},
    **{f"DepthwiseConv{n}D": depthwise(f"DepthwiseConv{n}D", n, False) for n in (1, 2)},
    **{f"{k}Pooling{n}D": pool(f"{k}Pooling{n}D", n) for k in ("Max", "Average") for n in (1, 2, 3)},
    **{f"Global{k}Pooling{n}D": global_pool(f"Global{k}Pooling{n}D", n) for k in ("Max", "Average") for n in (1, 2, 3)},
    **{f"Adaptive{k}Pooling{n}D": adaptive(f"Adaptive{k}Pooling{n}D", n) for k in ("Max", "Average")
       for n in (1, 2, 3)},
    **{name: recurrent(name) for name in ("LSTM", "GRU", "SimpleRNN")},
    **{name: cell(name) for name in ("LSTMCell", "GRUCell", "SimpleRNNCell")},
    **{f"ConvLSTM{n}D": conv_lstm(f"ConvLSTM{n}D", n) for n in (1, 2, 3)},
    **{f"{k}Normalization": norm(f"{k}Normalization") for k in ("Batch", "Layer", "Group", "RMS", "Unit")},
    **{k: merge(k) for k in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "add", "subtract",
                             "multiply", "average", "maximum", "minimum")},
    **{k: concatenate(k) for k in ("Concatenate", "concatenate")},
    **{f"ZeroPadding{n}D": border(f"ZeroPadding{n}D", n) for n in (1, 2, 3)},
    **{f"Cropping{n}D": border(f"Cropping{n}D", n) for n in (1, 2, 3)},
    **{f"UpSampling{n}D": border(f"UpSampling{n}D", n, positive=True) for n in (1, 2, 3)},
    **{name: resizing(name) for name in ("Resizing", "CenterCrop", "RandomCrop")},
    **{name: attention(name) for name in ("Attention", "AdditiveAttention")},
    "Activation": same_shape("Activation", [["relu", "tanh", "softmax"]]),
    "ReLU": same_shape("ReLU", [], max_value=[6.0]),
    "LeakyReLU": same_shape("LeakyReLU", [], negative_slope=[0.1]),
    "ELU": same_shape("ELU", [], alpha=[0.5]),
    "Softmax": same_shape("Softmax", [], (1, 3), axis=[-1, 1]),
    "Dropout": same_shape("Dropout", [[0.0, 0.5, 1.5]], seed=[3]),
    "AlphaDropout": same_shape("AlphaDropout", [[0.1, 0.5]]),
    "GaussianDropout": same_shape("GaussianDropout", [[0.1, 0.5]]),
    "GaussianNoise": same_shape("GaussianNoise", [[0.1, 0.5]]),
    "SpatialDropout1D": same_shape("SpatialDropout1D", [[0.1, 0.5]], (1, 1)),
    "SpatialDropout2D": same_shape("SpatialDropout2D", [[0.1, 0.5]], (2, 2)),
    "SpatialDropout3D": same_shape("SpatialDropout3D", [[0.1, 0.5]], (3, 3)),
    "ActivityRegularization": same_shape("ActivityRegularization", [], l2=[0.1]),
    "Identity": same_shape("Identity", []),
    "Masking": same_shape("Masking", [], (1, 2), mask_value=[1.0]),
    "Rescaling": same_shape("Rescaling", [0.5], offset=[1.0]),
    "RandomFlip": same_shape("RandomFlip", [], (2, 2)),
    "RandomRotation": same_shape("RandomRotation", [0.1], (2, 2)),
    "RandomZoom": same_shape("RandomZoom", [0.1], (2, 2)),
    "RandomTranslation": same_shape("RandomTranslation", [0.1, 0.1], (2, 2)),
    "RandomContrast": same_shape("RandomContrast", [0.1], (2, 2)),
    "RandomBrightness": same_shape("RandomBrightness", [0.1], (2, 2)),
    **{f"Random{k}": same_shape(f"Random{k}", [0.1], (2, 2)) for k in ("Hue", "Saturation", "Sharpness",
                                                                      "ColorDegeneration", "Shear", "Invert")},
    **{k: same_shape(k, [], (2, 2)) for k in ("RandomPerspective", "RandomGaussianBlur", "RandomErasing",
                                              "RandomElasticTransform", "RandomColorJitter", "AutoContrast",
                                              "Equalization", "RandAugment", "AugMix", "Solarization")},
    "RandomPosterization": same_shape("RandomPosterization", [4], (2, 2)),
    **{k: pool(k, n) for n in (1, 2, 3) for k in (f"MaxPool{n}D", f"AvgPool{n}D")},
}  # fmt: skip
