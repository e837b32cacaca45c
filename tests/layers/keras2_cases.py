"""Random calls of what only Keras 2 has: most of `keras.backend`, and a few layers."""

from __future__ import annotations

from typing import Any

from differential import Case, Generator, Shape
from keras_sampling import Rng, bent, maybe, shape, similar, some

from archlint.layers.keras.ops_elementwise import BINARY, COMPARISON, UNARY
from archlint.layers.keras.ops_math import REDUCTIONS, TESTS

K = "keras.backend."
OF_KERAS2 = {"abs", "cos", "elu", "exp", "hard_sigmoid", "l2_normalize", "log", "relu", "round", "sigmoid", "sign",
             "sin", "softmax", "softplus", "softsign", "sqrt", "square", "stop_gradient", "tanh", "zeros_like",
             "ones_like"}  # fmt: skip
TWO = {"maximum", "minimum", "equal", "greater", "greater_equal", "less", "less_equal", "not_equal"}
REDUCED = {"all", "any", "max", "mean", "min", "prod", "std", "sum", "var"}


def unary(name: str) -> Generator:
    def make(rng: Rng) -> Case:
        return Case(K + name, ["$0"], inputs=[shape(rng, rng.randint(0, 3))])

    return make


def binary(name: str) -> Generator:
    def make(rng: Rng) -> Case:
        first = shape(rng, rng.randint(0, 2))
        return Case(K + name, ["$0", "$1"], inputs=[first, similar(rng, first, 0.1)])

    return make


def reduction(name: str) -> Generator:
    def make(rng: Rng) -> Case:
        kwargs = some(rng, axis=[None, -1, 1, 0, [1, 2], 3], keepdims=[True, False])
        dtypes = ["bool"] if name in TESTS else []
        return Case(K + name, ["$0"], kwargs, inputs=[shape(rng, rng.randint(0, 3))], dtypes=dtypes)

    return make


def arg_reduction(name: str) -> Generator:
    def make(rng: Rng) -> Case:
        return Case(K + name, ["$0"], some(rng, axis=[-1, 0, 1, 3]), inputs=[shape(rng, rng.randint(0, 2))])

    return make


def reshape(rng: Rng) -> Case:
    made = shape(rng, rng.randint(0, 3), high=6)
    sizes: list[int] = [s or rng.choice([2, 3]) for s in made]
    rng.shuffle(sizes)
    sizes[rng.randrange(len(sizes))] = rng.choice([-1, -1, -1, 2, 5])
    return Case(K + "reshape", ["$0", sizes], inputs=[made])


def permuted(rng: Rng) -> Case:
    made = shape(rng, rng.randint(0, 3))
    order = list(range(len(made)))
    rng.shuffle(order)
    return Case(K + "permute_dimensions", ["$0", order], inputs=[made])


def with_axis(name: str, before: tuple[Any, ...] = (), ones: bool = False) -> Generator:
    def make(rng: Rng) -> Case:
        made = shape(rng, rng.randint(0, 2))
        if ones:
            made = tuple(maybe(rng, 1, s, 0.5) if i else s for i, s in enumerate(made))
        return Case(K + name, ["$0", *before], {"axis": rng.choice([-1, 0, 1, 2, 4])}, inputs=[made])

    return make


def joined(name: str) -> Generator:
    def make(rng: Rng) -> Case:
        first = shape(rng, rng.randint(0, 2))
        return Case(K + name, [["$0", "$1"]], some(rng, axis=[-1, 1, 2, 0]), inputs=[first, similar(rng, first, 0.08)])

    return make


def dot(rng: Rng) -> Case:
    shared = rng.choice([2, 3])
    left: Shape = (*(rng.choice([None, 2, 4]) for _ in range(rng.randint(1, 2))), shared)
    right: Shape = (*([rng.choice([2, 3])] * rng.randint(0, 1)), maybe(rng, shared, 5, 0.15), rng.choice([1, 5]))
    return Case(K + "dot", ["$0", "$1"], inputs=[left, right])


def batch_dot(rng: Rng) -> Case:
    batch, shared = maybe(rng, None, 2), rng.choice([3, 4])
    ranks = [rng.randint(2, 3), rng.randint(2, 3)]
    axes = [rng.randint(1, r - 1) for r in ranks]
    inputs = []
    for rank, axis in zip(ranks, axes, strict=True):
        made = [batch, *(rng.choice([2, 3, 5]) for _ in range(rank - 1))]
        made[axis] = maybe(rng, shared, 4, 0.15)
        inputs.append(tuple(made))
    return Case(K + "batch_dot", ["$0", "$1"], {"axes": axes} if rng.random() < 0.7 else {}, inputs=inputs)


def fixed(name: str, n: int, *args: Any, **options: list[Any]) -> Generator:
    def make(rng: Rng) -> Case:
        return Case(K + name, ["$0", *args], some(rng, **options), inputs=[bent(rng, shape(rng, n, low=2))])

    return make


def convolved(n: int) -> Generator:
    """`K.conv2d(x, kernel)` and its likes."""

    def make(rng: Rng) -> Case:
        weights = (*(rng.choice([1, 2, 3]) for _ in range(n)), 4, 5)
        kwargs = some(rng, padding=["same", "valid"], strides=[(2,) * n if n > 1 else 2])
        space = [rng.choice([5, 6, 9, None]) for _ in range(n)]
        return Case(f"{K}conv{n}d", ["$0", "$1"], kwargs, inputs=[(None, *space, 4), weights])

    return make


def depthwise(rng: Rng) -> Case:
    kwargs = some(rng, padding=["same", "valid"], strides=[(2, 2)])
    inputs: list[Shape] = [(None, rng.choice([5, 8]), 6, 3), (3, 2, 3, rng.choice([1, 2]))]
    return Case(K + "depthwise_conv2d", ["$0", "$1"], kwargs, inputs=inputs)


def pooled(n: int) -> Generator:
    """`K.pool2d(x, (2, 2))`: one position apart, unless told otherwise."""

    def make(rng: Rng) -> Case:
        kwargs = some(rng, padding=["same", "valid"], strides=[(2,) * n], pool_mode=["max", "avg"])
        space = [rng.choice([5, 6, 9, None]) for _ in range(n)]
        return Case(f"{K}pool{n}d", ["$0", (2,) * n], kwargs, inputs=[(None, *space, 4)])

    return make


def one_hot(rng: Rng) -> Case:
    return Case(K + "one_hot", ["$0", 5], inputs=[shape(rng, 1)], dtypes=["int32"])


def cudnn(name: str) -> Generator:
    def make(rng: Rng) -> Case:
        kwargs = some(rng, return_sequences=[True, False], return_state=[True, False])
        return Case("keras.layers." + name, [rng.choice([2, 5])], kwargs, inputs=[bent(rng, shape(rng, 1))])

    return make


def thresholded(rng: Rng) -> Case:
    return Case("keras.layers.ThresholdedReLU", [], some(rng, theta=[0.5]), inputs=[shape(rng, rng.randint(0, 2))])


MAKERS: dict[str, Generator] = {
    **{"K." + name: unary(name) for name in (*UNARY, "zeros_like", "ones_like") if name in OF_KERAS2},
    **{"K." + name: binary(name) for name in (*BINARY, *COMPARISON) if name in TWO},
    **{"K." + name: reduction(name) for name in (*REDUCTIONS, *TESTS) if name in REDUCED},
    **{"K." + name: arg_reduction(name) for name in ("argmax", "argmin")},
    **{"K." + name: unary(name) for name in ("int_shape", "ndim", "flatten", "batch_flatten", "transpose")},
    **{"K." + name: joined(name) for name in ("concatenate", "stack")},
    **{name: cudnn(name) for name in ("CuDNNLSTM", "CuDNNGRU")},
    "K.cumsum": with_axis("cumsum"), "K.expand_dims": with_axis("expand_dims"), "K.reshape": reshape,
    "K.squeeze": with_axis("squeeze", ones=True), "K.repeat_elements": with_axis("repeat_elements", (2,)),
    "K.permute_dimensions": permuted, "K.dot": dot, "K.batch_dot": batch_dot, "K.one_hot": one_hot,
    "K.repeat": fixed("repeat", 0, 3), "K.clip": fixed("clip", 1, 0.0, 1.0), "K.pow": fixed("pow", 1, 2),
    "K.temporal_padding": fixed("temporal_padding", 1, padding=[[1, 2], [0, 3]]),
    "K.spatial_2d_padding": fixed("spatial_2d_padding", 2, padding=[[[1, 2], [0, 3]]],
                                  data_format=["channels_last", "channels_first"]),
    "K.resize_images": fixed("resize_images", 2, 2, 3, "channels_last"),
    "K.cast": fixed("cast", 1, "int32"), "ThresholdedReLU": thresholded,
    **{f"K.conv{n}d": convolved(n) for n in (1, 2, 3)}, **{f"K.pool{n}d": pooled(n) for n in (2, 3)},
    "K.depthwise_conv2d": depthwise, "K.bias_add": lambda rng: Case(K + "bias_add", ["$0", "$1"],
                                                                    inputs=[(None, 5, 4), (4,)]),
    "K.spatial_3d_padding": fixed("spatial_3d_padding", 3, padding=[[[1, 2], [0, 3], [1, 1]]]),
    "K.resize_volumes": fixed("resize_volumes", 3, 2, 3, 2, "channels_last"),
    "K.eye": lambda rng: Case(K + "eye", [rng.choice([2, 4])]),
}  # fmt: skip
