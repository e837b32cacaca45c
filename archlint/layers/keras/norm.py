"""Normalisation layers of Keras."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from archlint.dims import Size, add, mul, product
from archlint.layers.arguments import is_unknown, known, size
from archlint.layers.families.elementwise import like
from archlint.layers.families.norm import channel_norm, count, group_norm
from archlint.layers.keras.reading import adding, axis_list, must_be_fixed, yes
from archlint.layers.spec import Fault, Out, layer
from archlint.values import Tensor


@layer("keras.layers.BatchNormalization", "keras.layers.SyncBatchNormalization", family="norm", weights=True)
def batch_normalization(x: Tensor, axis: Any = -1, momentum: Any = 0.99, epsilon: Any = 0.001, center: Any = True,
                        scale: Any = True, *, renorm: Any = False, **_: Any) -> Out:  # fmt: skip
    """Normalised over the batch: scale and shift per channel, moving mean and variance beside them."""
    if is_unknown(axis) or len(axis_list(axis)) != 1:
        return replace(like(x), params=None, state=None)
    (at,) = axis_list(axis)
    out = channel_norm(x, axis=at, affine=(yes(scale), yes(center)))
    again = yes(renorm)  # five statistics instead of two
    if again is not False:
        out = replace(out, state=None if again is None else mul(sized(x, at), 5))
    return adding(out, must_be_fixed(x, [at]))


def sized(x: Tensor, axis: int) -> Size:
    """Size of one axis, as far as the input is known."""
    if x.shape is None:
        return x.last if axis == -1 else None
    return x.shape[axis] if -len(x.shape) <= axis < len(x.shape) else None


def _over_axes(x: Tensor, axis: Any, *owned: bool | None) -> Out:
    """Numbers for every position along the given axes; the shape stays."""
    if is_unknown(axis):
        return replace(like(x), params=None)
    axes = axis_list(axis)
    missing = [a for a in axes if x.shape is not None and not -len(x.shape) <= a < len(x.shape)]
    if x.shape is not None and missing:
        text = f"axis {missing[0]} does not exist in {len(x.shape)} axes"
        return Out(faults=(Fault("axis", "axis", text, len(x.shape), missing[0]),))
    params = count(product(sized(x, a) for a in axes), *owned)
    return adding(replace(like(x), params=params), must_be_fixed(x, axes) if any(o is not False for o in owned) else ())


@layer("keras.layers.LayerNormalization", family="norm", weights=True)
def layer_normalization(x: Tensor, axis: Any = -1, epsilon: Any = 0.001, center: Any = True, scale: Any = True,
                        **_: Any) -> Out:  # fmt: skip
    """Normalised over the axes of each sample: scale and shift per position of them."""
    return _over_axes(x, axis, yes(scale), yes(center))


@layer("keras.layers.RMSNormalization", family="norm", weights=True)
def rms_normalization(x: Tensor, axis: Any = -1, epsilon: Any = 1e-06, **_: Any) -> Out:
    """Divided by the root mean square along the axes: one scale per position."""
    return _over_axes(x, axis, True)


@layer("keras.layers.UnitNormalization", family="norm")
def unit_normalization(x: Tensor, axis: Any = -1, **_: Any) -> Out:
    """Scaled to length 1 along the axes."""
    return _over_axes(x, axis)


@layer("keras.layers.GroupNormalization", family="norm", weights=True)
def group_normalization(x: Tensor, groups: Any = 32, axis: Any = -1, epsilon: Any = 0.001, center: Any = True,
                        scale: Any = True, **_: Any) -> Out:  # fmt: skip
    """Normalised over groups of channels; `groups=-1` has one channel in each."""
    if is_unknown(axis) or len(axis_list(axis)) != 1:
        return replace(like(x), params=None)
    (at,) = axis_list(axis)
    many = size(groups)
    if isinstance(many, int) and many == -1:
        many = sized(x, at)
    out = group_norm(x, groups=many, axis=at, affine=(yes(scale), yes(center)), group_arg="groups")
    return adding(out, must_be_fixed(x, [at]))


@layer("keras.layers.Normalization", family="norm")
def normalization(x: Tensor, axis: Any = -1, mean: Any = None, variance: Any = None, invert: Any = False,
                  **_: Any) -> Out:  # fmt: skip
    """Data normalised with statistics that `adapt` learns: mean, variance and a count, none of them trained."""
    axes = [] if known(axis) is None else axis_list(axis)
    state = add(mul(product(sized(x, a) for a in axes), 2), 1)
    if mean is not None or variance is not None:
        state = 0
    return adding(replace(like(x), state=state), must_be_fixed(x, axes))
