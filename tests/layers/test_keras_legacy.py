"""Calls in the style of Keras 1 and 2 mean what they meant then."""

from __future__ import annotations

from typing import Any

import pytest

from archlint.dims import var
from archlint.layers import find
from archlint.values import Reason, Tensor, Unknown

N = var("N", "dynamic")
IMAGE = Tensor((N, 28, 28, 3))
STEPS = Tensor((N, 20, 8))


def apply(name: str, x: Any, *args: Any, **kwargs: Any) -> Any:
    spec = find(name)
    assert spec is not None
    return spec.apply({"sequences": x} if spec.call else x, spec.bind(args, kwargs))


@pytest.mark.parametrize(
    ("name", "args", "kwargs", "shape", "params"),
    [
        ("Convolution2D", (32, 3, 5), {"border_mode": "same"}, (N, 28, 28, 32), 32 * (45 + 1)),
        ("Convolution2D", (32, 3, 5), {"subsample": (2, 2)}, (N, 13, 12, 32), 32 * (45 + 1)),
        ("Convolution2D", (32, (3, 5)), {"padding": "same"}, (N, 28, 28, 32), 32 * (45 + 1)),
        ("Convolution2D", (), {"nb_filter": 8, "nb_row": 3, "nb_col": 1, "bias": False}, (N, 26, 28, 8), 72),
        ("Convolution2D", (32, 3), {"nb_col": 5}, (N, 26, 24, 32), 32 * (45 + 1)),
        ("Convolution2D", (32, 3, 3, "uniform"), {"activation": "relu"}, (N, 26, 26, 32), 896),
        ("Conv2D", (32, 3, 3), {}, (N, 9, 9, 32), 896),
        ("Conv2D", (32, 3, 3), {"border_mode": "valid"}, (N, 26, 26, 32), 896),
        ("AtrousConvolution2D", (4, 3, 3), {"atrous_rate": (2, 2)}, (N, 24, 24, 4), 112),
        ("Deconvolution2D", (4, 3, 3), {"output_shape": (None, 56, 56, 4), "subsample": (2, 2), "border_mode": "same"},
         (N, 56, 56, 4), 112),
        ("SeparableConvolution2D", (8, 3, 3), {"border_mode": "same"}, (N, 28, 28, 8), 27 + 24 + 8),
        ("MaxPooling2D", ((2, 2),), {"border_mode": "same", "dim_ordering": "tf"}, (N, 14, 14, 3), 0),
        ("MaxPooling2D", ((2, 2),), {"dim_ordering": "th"}, (N, 28, 14, 1), 0),
        ("UpSampling2D", ((2, 2),), {"dim_ordering": "tf"}, (N, 56, 56, 3), 0),
        ("Flatten", (), {"input_shape": (28, 28, 3)}, (N, 2352), 0),
        ("Dense", (), {"output_dim": 10, "init": "uniform", "input_dim": 3}, (N, 28, 28, 10), 40),
        ("Dropout", (), {"p": 0.5}, (N, 28, 28, 3), 0),
        ("LeakyReLU", (), {"alpha": 0.2}, (N, 28, 28, 3), 0),
        ("GaussianNoise", (), {"sigma": 0.2}, (N, 28, 28, 3), 0),
    ],
)  # fmt: skip
def test_images(name: str, args: Any, kwargs: Any, shape: Any, params: Any) -> None:
    out = apply("keras.layers." + name, IMAGE, *args, **kwargs)
    assert (out.shape, out.params) == (shape, params)


@pytest.mark.parametrize(
    ("name", "args", "kwargs", "shape", "params"),
    [
        ("Convolution1D", (), {"nb_filter": 16, "filter_length": 3, "subsample_length": 2}, (N, 9, 16), 400),
        ("Convolution1D", (16, 3), {"border_mode": "same", "activation": "relu"}, (N, 20, 16), 400),
        ("MaxPooling1D", (), {"pool_length": 4}, (N, 5, 8), 0),
        ("MaxPooling1D", (), {"pool_length": 4, "stride": 2}, (N, 9, 8), 0),
        ("LSTM", (), {"output_dim": 5, "inner_activation": "sigmoid", "dropout_W": 0.2}, (N, 5), 280),
        ("LSTM", (5,), {"return_sequences": True, "input_shape": (20, 8)}, (N, 20, 5), 280),
        ("GRU", (5,), {"reset_after": False}, (N, 5), 210),
        ("TimeDistributedDense", (5,), {}, (N, 20, 5), 45),
        ("UpSampling1D", (), {"length": 3}, (N, 60, 8), 0),
    ],
)  # fmt: skip
def test_sequences(name: str, args: Any, kwargs: Any, shape: Any, params: Any) -> None:
    out = apply("keras.layers." + name, STEPS, *args, **kwargs)
    assert (out.shape, out.params) == (shape, params)


def test_three_sides() -> None:
    out = apply("keras.layers.Convolution3D", Tensor((N, 8, 8, 8, 2)), 4, 3, 3, 1, border_mode="valid")
    assert (out.shape, out.params) == ((N, 6, 6, 8, 4), 76)


def test_a_kernel_that_is_not_known_may_be_one_side_or_both() -> None:
    unknown = Unknown(Reason.ARGUMENT, "k")
    out = apply("keras.layers.Convolution2D", IMAGE, 32, unknown, 2)
    assert out.shape == (N, None, None, 32)


def test_embedding_keeps_its_own_input_dim() -> None:
    out = apply("keras.layers.Embedding", Tensor((N, 20), "int32"), 1000, 64, input_length=20, dropout=0.2)
    assert (out.shape, out.params) == ((N, 20, 64), 64000)


@pytest.mark.parametrize(("mode", "shape"), [("concat", (N, 20, 16)), ("sum", (N, 20, 8)), ("mul", (N, 20, 8))])
def test_merge_by_name(mode: str, shape: Any) -> None:
    spec = find("keras.layers.merge")
    assert spec is not None
    out = spec.apply(None, spec.bind(([STEPS, STEPS],), {"mode": mode, "concat_axis": -1}))
    assert out.shape == shape


@pytest.mark.parametrize(
    ("name", "declared"),
    [
        ("tensorflow.keras.layers.Conv2D", "keras.layers.Conv2D"),
        ("keras.layers.convolutional.Convolution2D", "keras.layers.Convolution2D"),
        ("tensorflow.compat.v1.keras.layers.CuDNNLSTM", "keras.layers.CuDNNLSTM"),
        ("keras.layers.experimental.preprocessing.Rescaling", "keras.layers.Rescaling"),
        ("keras.ops.numpy.reshape", "keras.ops.reshape"),
        ("keras.backend.tensorflow_backend.int_shape", "keras.backend.int_shape"),
    ],
)
def test_names(name: str, declared: str) -> None:
    spec = find(name)
    assert spec is not None
    assert declared in spec.names


def test_an_axis_that_is_left_open_has_no_weights() -> None:
    flat = apply("keras.layers.Flatten", Tensor((N, var("T", "dynamic"), 4)))
    assert not flat.faults
    assert [f.kind for f in apply("keras.layers.Dense", Tensor(flat.shape), 3).faults] == ["dynamic"]
    assert not apply("keras.layers.Dense", Tensor((N, var("H") * 4)), 3).faults


def test_rank_and_flags_that_are_not_known() -> None:
    out = apply("keras.layers.Dense", Tensor(None, last=4), 3)
    assert (out.shape, out.last, out.params) == (None, 3, 15)
    out = apply("keras.layers.LSTM", STEPS, 5, return_sequences=Unknown(Reason.ARGUMENT, "s"))
    assert (out.shape, out.last, out.params) == (None, 5, 280)
