"""Layers of Keras that keep the shape: activations, dropout, noise, masking."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from archlint.dims import Size, product
from archlint.layers.arguments import is_unknown, known
from archlint.layers.families.contract import rank_fault
from archlint.layers.families.elementwise import like
from archlint.layers.families.space import image_demand
from archlint.layers.keras import legacy
from archlint.layers.keras.reading import adding, axis_list, channels_last, must_be_fixed
from archlint.layers.spec import Demand, Fault, Out, layer
from archlint.values import Tensor


@layer("keras.layers.Activation", family="activation")
def activation(x: Tensor, activation: Any, **_: Any) -> Out:
    """A named activation."""
    return like(x)


@layer("keras.layers.ReLU", family="activation")
def relu(x: Tensor, max_value: Any = None, negative_slope: Any = 0.0, threshold: Any = 0.0, **_: Any) -> Out:
    """Negative values become zero."""
    return like(x)


@layer("keras.layers.LeakyReLU", family="activation", legacy=legacy.leaky)
def leaky_relu(x: Tensor, negative_slope: Any = 0.3, **_: Any) -> Out:
    """Negative values are scaled down."""
    return like(x)


@layer("keras.layers.ELU", family="activation")
def elu(x: Tensor, alpha: Any = 1.0, **_: Any) -> Out:
    """Negative values approach `-alpha`."""
    return like(x)


@layer("keras.layers.ThresholdedReLU", family="activation")
def thresholded_relu(x: Tensor, theta: Any = 1.0, **_: Any) -> Out:
    """Values below `theta` become zero."""
    return like(x)


@layer("keras.layers.Softmax", family="activation")
def softmax(x: Tensor, axis: Any = -1, **_: Any) -> Out:
    """Positive numbers that add up to 1 along the axis."""
    return like(x)


@layer("keras.layers.PReLU", family="activation", weights=True)
def prelu(x: Tensor, alpha_initializer: Any = "Zeros", alpha_regularizer: Any = None, alpha_constraint: Any = None,
          shared_axes: Any = None, **_: Any) -> Out:  # fmt: skip
    """A learned slope for negative values: one for every position of a sample, except along shared axes."""
    if x.shape is None or is_unknown(shared_axes):
        return replace(like(x), params=None)
    shared = [] if known(shared_axes) is None else axis_list(shared_axes)
    own = [i for i in range(1, len(x.shape)) if i not in shared]
    slopes: Size = product(x.shape[i] for i in own)
    return adding(replace(like(x), params=slopes), must_be_fixed(x, own))


def _share(rate: Any) -> tuple[Fault, ...]:
    if isinstance(rate, (int, float)) and not isinstance(rate, bool) and not 0 <= rate <= 1:
        return (Fault("arguments", "rate", f"must be between 0 and 1, got {rate}", 1, rate),)
    return ()


@layer("keras.layers.Dropout", family="dropout", legacy=legacy.rate)
def dropout(x: Tensor, rate: Any, noise_shape: Any = None, seed: Any = None, **_: Any) -> Out:
    """A share of the values becomes zero in training."""
    return adding(like(x), _share(rate))


@layer("keras.layers.AlphaDropout", family="dropout", legacy=legacy.rate)
def alpha_dropout(x: Tensor, rate: Any, noise_shape: Any = None, seed: Any = None, **_: Any) -> Out:
    """Dropout that keeps mean and variance, for SELU."""
    return adding(like(x), _share(rate))


@layer("keras.layers.GaussianDropout", family="dropout", legacy=legacy.rate)
def gaussian_dropout(x: Tensor, rate: Any, seed: Any = None, **_: Any) -> Out:
    """Values multiplied by noise around 1 in training."""
    return adding(like(x), _share(rate))


@layer("keras.layers.GaussianNoise", family="dropout", legacy=legacy.noise)
def gaussian_noise(x: Tensor, stddev: Any, seed: Any = None, **_: Any) -> Out:
    """Noise added in training."""
    return like(x)


@layer("keras.layers.SpatialDropout1D", family="dropout", legacy=legacy.rate)
def spatial_dropout1d(x: Tensor, rate: Any, seed: Any = None, name: Any = None, dtype: Any = None, **_: Any) -> Out:
    """Whole channels become zero, `(batch, steps, channels)`."""
    return _spatial(x, 1, rate, Demand((None, None, None), ("batch", "time", "channel")))


@layer("keras.layers.SpatialDropout2D", family="dropout", legacy=legacy.rate)
def spatial_dropout2d(x: Tensor, rate: Any, data_format: Any = None, seed: Any = None, name: Any = None,
                      dtype: Any = None, **_: Any) -> Out:  # fmt: skip
    """Whole channels of an image become zero."""
    return _spatial(x, 2, rate, image_demand(2, channels_last(data_format)))


@layer("keras.layers.SpatialDropout3D", family="dropout", legacy=legacy.rate)
def spatial_dropout3d(x: Tensor, rate: Any, data_format: Any = None, seed: Any = None, name: Any = None,
                      dtype: Any = None, **_: Any) -> Out:  # fmt: skip
    """Whole channels of a volume become zero."""
    return _spatial(x, 3, rate, image_demand(3, channels_last(data_format)))


def _spatial(x: Tensor, n: int, rate: Any, demand: Demand) -> Out:
    return adding(replace(like(x), demand=demand), _share(rate), rank_fault(x, n + 2))


@layer("keras.layers.ActivityRegularization", family="identity")
def activity_regularization(x: Tensor, l1: Any = 0.0, l2: Any = 0.0, **_: Any) -> Out:
    """A penalty on the values that pass through."""
    return like(x)


@layer("keras.layers.Identity", family="identity")
def identity(x: Tensor, **_: Any) -> Out:
    """The input itself."""
    return like(x)


@layer("keras.layers.Masking", family="identity")
def masking(x: Tensor, mask_value: Any = 0.0, **_: Any) -> Out:
    """Marks the steps whose values all equal `mask_value`."""
    return like(x)
