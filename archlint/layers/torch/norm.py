"""torch.nn normalisations and their functional forms."""
# ruff: noqa: A002  the parameters bear torch's own names

from __future__ import annotations

from dataclasses import replace
from typing import Any

from archlint.dims import Size
from archlint.layers.arguments import size, truth
from archlint.layers.families.elementwise import fractional, like
from archlint.layers.families.norm import channel_norm, group_norm, trailing_norm
from archlint.layers.families.space import image_demand
from archlint.layers.spec import Demand, Fault, Out, function, layer
from archlint.values import Choice, Tensor, Unknown


def _both(affine: bool | None, bias: bool | None) -> tuple[bool | None, bool | None]:
    """Does it own a scale, and a shift, given `affine` and `bias`?"""
    if affine is False:
        return False, False
    return affine, (None if affine is None or bias is None else bias)


def _batch(
    x: Tensor, ranks: tuple[int, ...], features: Any, affine: Any, tracked: Any, bias: Any, demand: Demand | None
) -> Out:
    owned, running = truth(affine), truth(tracked)
    return channel_norm(
        x, declared=size(features), ranks=ranks, affine=_both(owned, truth(bias)), tracked=running, counter=1,
        strict=owned is True or running is True, demand=demand,
    )  # fmt: skip


def _instance(x: Tensor, n: int, features: Any, affine: Any, tracked: Any, bias: Any, lazy: bool = False) -> Out:
    owned, running, declared = truth(affine), truth(tracked), size(features)
    unbatched = x.shape is not None and len(x.shape) == n + 1
    if lazy and unbatched and x.shape is not None:
        declared = x.shape[1]  # it looks for the channels where a batch would have them
    return channel_norm(
        x, declared=declared, axis=0 if unbatched else 1, ranks=(n + 1, n + 2), affine=_both(owned, truth(bias)),
        tracked=running, counter=1, strict=owned is True or running is True,
        demand=image_demand(n, False, None if lazy else declared), arg="" if lazy else "num_features",
    )  # fmt: skip


def _declare(n: int) -> None:
    ranks = (2, 3) if n == 1 else (n + 2,)

    @layer(f"torch.nn.BatchNorm{n}d", family="norm", weights=True)
    def batch_norm(
        x: Tensor, num_features: Any, eps: Any = 1e-05, momentum: Any = 0.1, affine: Any = True,
        track_running_stats: Any = True, device: Any = None, dtype: Any = None, *, bias: Any = True,
    ) -> Out:  # fmt: skip
        """Normalisation of axis 1 over the batch and all other axes; keeps running means and variances."""
        demand = None if n == 1 else image_demand(n, False, size(num_features))
        return _batch(x, ranks, num_features, affine, track_running_stats, bias, demand)

    @layer(f"torch.nn.LazyBatchNorm{n}d", family="norm", weights=True)
    def lazy_batch_norm(
        x: Tensor, eps: Any = 1e-05, momentum: Any = 0.1, affine: Any = True, track_running_stats: Any = True,
        device: Any = None, dtype: Any = None, *, bias: Any = True,
    ) -> Out:  # fmt: skip
        """Batch normalisation that takes the number of features from its first input."""
        demand = None if n == 1 else image_demand(n, False)
        return _batch(x, ranks, None, affine, track_running_stats, bias, demand)

    @layer(f"torch.nn.InstanceNorm{n}d", family="norm", weights=True)
    def instance_norm(
        x: Tensor, num_features: Any, eps: Any = 1e-05, momentum: Any = 0.1, affine: Any = False,
        track_running_stats: Any = False, device: Any = None, dtype: Any = None, *, bias: Any = True,
    ) -> Out:  # fmt: skip
        """Normalisation of each sample's channels over space; `num_features` is checked only if affine."""
        return _instance(x, n, num_features, affine, track_running_stats, bias)

    @layer(f"torch.nn.LazyInstanceNorm{n}d", family="norm", weights=True)
    def lazy_instance_norm(
        x: Tensor, eps: Any = 1e-05, momentum: Any = 0.1, affine: Any = True, track_running_stats: Any = True,
        device: Any = None, dtype: Any = None, *, bias: Any = True,
    ) -> Out:  # fmt: skip
        """Instance normalisation that takes the number of features from its first input."""
        return _instance(x, n, None, affine, track_running_stats, bias, lazy=True)


for _n in (1, 2, 3):
    _declare(_n)


@layer("torch.nn.SyncBatchNorm", family="norm", weights=True)
def sync_batch_norm(
    x: Tensor, num_features: Any, eps: Any = 1e-05, momentum: Any = 0.1, affine: Any = True,
    track_running_stats: Any = True, process_group: Any = None, device: Any = None, dtype: Any = None, *,
    bias: Any = True,
) -> Out:  # fmt: skip
    """Batch normalisation over all processes; any rank from 2."""
    if x.shape is not None and len(x.shape) < 2:
        fault = Fault("rank", "", f"needs at least 2 axes, got {len(x.shape)}", 2, len(x.shape))
        return Out(None, faults=(fault,))
    return _batch(x, (), num_features, affine, track_running_stats, bias, None)


@layer("torch.nn.GroupNorm", family="norm", weights=True)
def group_norm_layer(
    x: Tensor, num_groups: Any, num_channels: Any, eps: Any = 1e-05, affine: Any = True, device: Any = None,
    dtype: Any = None, *, bias: Any = True,
) -> Out:  # fmt: skip
    """Normalisation over groups of channels (axis 1) and all of space."""
    owned = _both(truth(affine), truth(bias))
    return group_norm(x, groups=size(num_groups), declared=size(num_channels), affine=owned, strict=owned[0] is True)


def trailing_sizes(value: Any) -> tuple[Size, ...] | None:
    """`normalized_shape`: one size or several; a parameter that is not known may be either."""
    if isinstance(value, (Unknown, Choice)):
        return None
    return tuple(size(v) for v in value) if isinstance(value, (tuple, list)) else (size(value),)


@layer("torch.nn.LayerNorm", family="norm", weights=True)
def layer_norm(
    x: Tensor, normalized_shape: Any, eps: Any = 1e-05, elementwise_affine: Any = True, bias: Any = True,
    device: Any = None, dtype: Any = None,
) -> Out:  # fmt: skip
    """Normalisation over the trailing axes, with a scale and a shift for each of their elements."""
    return trailing_norm(x, shape=trailing_sizes(normalized_shape), owned=_both(truth(elementwise_affine), truth(bias)))


@layer("torch.nn.RMSNorm", family="norm", weights=True)
def rms_norm(
    x: Tensor, normalized_shape: Any, eps: Any = None, elementwise_affine: Any = True, device: Any = None,
    dtype: Any = None,
) -> Out:  # fmt: skip
    """Division by the root mean square over the trailing axes, with a scale for each of their elements."""
    return trailing_norm(x, shape=trailing_sizes(normalized_shape), owned=(truth(elementwise_affine),))


@layer("torch.nn.LocalResponseNorm", "torch.nn.CrossMapLRN2d", family="norm")
def local_response_norm(x: Tensor, size: Any, alpha: Any = 0.0001, beta: Any = 0.75, k: Any = 1.0) -> Out:
    """Division by a sum over neighbouring channels."""
    return _at_least(x, 3)


@function("torch.nn.functional.local_response_norm", family="norm")
def f_local_response_norm(input: Tensor, size: Any, alpha: Any = 0.0001, beta: Any = 0.75, k: Any = 1.0) -> Out:
    """Division by a sum over neighbouring channels."""
    return replace(_at_least(input, 3), dtype=fractional(input))


def _at_least(x: Tensor, rank: int) -> Out:
    if x.shape is not None and len(x.shape) < rank:
        text = f"needs at least {rank} axes, got {len(x.shape)}"
        return Out(None, faults=(Fault("rank", "", text, rank, len(x.shape)),))
    return like(x)


def _vector(value: Any) -> Size:
    """Length of a given scale or mean."""
    return value.shape[0] if isinstance(value, Tensor) and value.shape else None


@function("torch.nn.functional.batch_norm", family="norm")
def f_batch_norm(
    input: Tensor, running_mean: Any, running_var: Any, weight: Any = None, bias: Any = None, training: Any = False,
    momentum: Any = 0.1, eps: Any = 1e-05,
) -> Out:  # fmt: skip
    """Normalisation of axis 1 with given statistics."""
    sizes = [s for s in map(_vector, (running_mean, running_var, weight, bias)) if s is not None]
    return channel_norm(input, declared=sizes[0] if sizes else None, affine=(False, False), tracked=False,
                        arg="running_mean")  # fmt: skip


@function("torch.nn.functional.instance_norm", family="norm")
def f_instance_norm(
    input: Tensor, running_mean: Any = None, running_var: Any = None, weight: Any = None, bias: Any = None,
    use_input_stats: Any = True, momentum: Any = 0.1, eps: Any = 1e-05,
) -> Out:  # fmt: skip
    """Normalisation of each sample's channels over space."""
    return like(input)


@function("torch.nn.functional.group_norm", "torch.group_norm", family="norm")
def f_group_norm(input: Tensor, num_groups: Any, weight: Any = None, bias: Any = None, eps: Any = 1e-05) -> Out:
    """Normalisation over groups of channels (axis 1) and all of space."""
    return group_norm(input, groups=size(num_groups), affine=(False, False))


@function("torch.nn.functional.layer_norm", "torch.layer_norm", family="norm")
def f_layer_norm(input: Tensor, normalized_shape: Any, weight: Any = None, bias: Any = None, eps: Any = 1e-05) -> Out:
    """Normalisation over the trailing axes."""
    return trailing_norm(input, shape=_listed(normalized_shape), owned=(False,))


@function("torch.nn.functional.rms_norm", "torch.rms_norm", family="norm")
def f_rms_norm(input: Tensor, normalized_shape: Any, weight: Any = None, eps: Any = None) -> Out:
    """Division by the root mean square over the trailing axes."""
    return trailing_norm(input, shape=_listed(normalized_shape), owned=(False,))


def _listed(value: Any) -> tuple[Size, ...] | None:
    return tuple(size(v) for v in value) if isinstance(value, (tuple, list)) else None


@function("torch.nn.functional.normalize", family="norm")
def normalize(input: Tensor, p: Any = 2.0, dim: Any = 1, eps: Any = 1e-12, out: Any = None) -> Out:
    """Vectors along an axis scaled to length 1."""
    if input.shape is not None and isinstance(dim, int) and not -len(input.shape) <= dim < len(input.shape):
        text = f"axis {dim} does not exist in {len(input.shape)} axes"
        return Out(None, faults=(Fault("axis", "dim", text, len(input.shape), dim),))
    return like(input)
