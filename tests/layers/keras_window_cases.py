"""Random calls of Keras layers that move a window over space, pad it or crop it."""

from __future__ import annotations

from typing import Any

from differential import Case, Generator, Shape
from keras_sampling import Rng, bent, per_axis, shape, some

L = "keras.layers."


def conv(name: str, n: int) -> Generator:
    def make(rng: Rng) -> Case:
        kwargs = some(rng, padding=["same", "valid"] + ["causal"] * (n == 1), use_bias=[True, False],
                      groups=[1, 2, 3], data_format=["channels_last", "channels_first"])  # fmt: skip
        if rng.random() < 0.5:
            kwargs[rng.choice(["strides", "strides", "dilation_rate"])] = per_axis(rng, n, [1, 2, 2, 3])
        args = [rng.choice([1, 2, 4, 6, 6, 9]), per_axis(rng, n, [1, 2, 3, 3, 5])]
        return Case(L + name, args, kwargs, inputs=[bent(rng, shape(rng, n, high=12 if n < 3 else 7))])

    return make


def transposed(name: str, n: int) -> Generator:
    def make(rng: Rng) -> Case:
        kwargs = some(rng, padding=["same", "valid"], use_bias=[True, False],
                      data_format=["channels_last", "channels_last", "channels_first"])  # fmt: skip
        if rng.random() < 0.6:
            kwargs["strides"] = per_axis(rng, n, [1, 2, 2, 3])
        if rng.random() < 0.2:
            kwargs["dilation_rate"] = per_axis(rng, n, [1, 2])
        if rng.random() < 0.25:
            kwargs["output_padding"] = per_axis(rng, n, [0, 1, 1, 2])
        args = [rng.choice([1, 2, 4, 6]), per_axis(rng, n, [1, 2, 3, 3, 5])]
        return Case(L + name, args, kwargs, inputs=[bent(rng, shape(rng, n, high=9 if n < 3 else 5))])

    return make


def depthwise(name: str, n: int, filters: bool) -> Generator:
    def make(rng: Rng) -> Case:
        kwargs = some(rng, padding=["same", "valid"], use_bias=[True, False], depth_multiplier=[1, 2, 3],
                      data_format=["channels_last", "channels_last", "channels_first"])  # fmt: skip
        if rng.random() < 0.5:
            kwargs["strides"] = rng.choice([1, 2, 3])
        elif rng.random() < 0.3:
            kwargs["dilation_rate"] = per_axis(rng, n, [1, 2])
        args = [*([rng.choice([2, 4, 6])] if filters else []), per_axis(rng, n, [1, 2, 3, 3, 5])]
        return Case(L + name, args, kwargs, inputs=[bent(rng, shape(rng, n, high=12))])

    return make


def pool(name: str, n: int) -> Generator:
    def make(rng: Rng) -> Case:
        kwargs = some(rng, padding=["same", "valid"], data_format=["channels_last", "channels_first"])
        if rng.random() < 0.5:
            kwargs["strides"] = per_axis(rng, n, [1, 2, 3])
        kwargs["pool_size"] = per_axis(rng, n, [1, 2, 2, 3, 4])
        return Case(L + name, [], kwargs, inputs=[bent(rng, shape(rng, n, high=12 if n < 3 else 7))])

    return make


def global_pool(name: str, n: int) -> Generator:
    def make(rng: Rng) -> Case:
        kwargs = some(rng, keepdims=[True, False], data_format=["channels_last", "channels_first"])
        return Case(L + name, [], kwargs, inputs=[bent(rng, shape(rng, n))])

    return make


def adaptive(name: str, n: int) -> Generator:
    def make(rng: Rng) -> Case:
        kwargs = some(rng, data_format=["channels_last", "channels_first"])
        return Case(L + name, [per_axis(rng, n, [1, 2, 3, 5])], kwargs, inputs=[bent(rng, shape(rng, n, high=9))])

    return make


def conv_lstm(name: str, n: int) -> Generator:
    def make(rng: Rng) -> Case:
        kwargs = some(rng, padding=["same", "valid"], use_bias=[True, False], return_sequences=[True, False],
                      return_state=[True], data_format=["channels_last", "channels_first"])  # fmt: skip
        if rng.random() < 0.3:
            kwargs[rng.choice(["strides", "dilation_rate"])] = rng.choice([1, 2])
        args = [rng.choice([1, 2, 3]), per_axis(rng, n, [1, 2, 3])]
        return Case(L + name, args, kwargs, inputs=[bent(rng, shape(rng, n + 1, low=2, high=6 if n < 3 else 4))])

    return make


def border(name: str, n: int, positive: bool = False) -> Generator:
    def make(rng: Rng) -> Case:
        numbers = [1, 2, 3] if positive else [0, 1, 2, 3, 5]
        argument: Any = rng.choice(numbers)
        if rng.random() < 0.7 and name != "UpSampling1D":
            argument = [rng.choice(numbers) for _ in range(2 if n == 1 else n)]
            if n > 1 and not positive and rng.random() < 0.6:
                argument = [[rng.choice(numbers), rng.choice(numbers)] for _ in range(n)]
            if rng.random() < 0.05:
                argument = [*argument, argument[0]]
        kwargs: dict[str, Any] = {}
        if name not in ("Cropping1D", "UpSampling1D"):
            kwargs = some(rng, data_format=["channels_last", "channels_first"])
        return Case(L + name, [argument], kwargs, inputs=[bent(rng, shape(rng, n, high=9))])

    return make


def resizing(name: str) -> Generator:
    def make(rng: Rng) -> Case:
        kwargs = some(rng, data_format=["channels_last", "channels_first"])
        made = shape(rng, 2, channels=3, low=4)
        fixed: Shape = tuple(s or 6 for s in made)
        return Case(L + name, [rng.randint(2, 9), rng.randint(2, 9)], kwargs, inputs=[rng.choice([made, fixed[1:]])])

    return make
