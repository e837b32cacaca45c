"""torch losses and similarities between vectors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from archlint.layers.arguments import flag
from archlint.layers.families.elementwise import broadcast_shapes, fractional, merged
from archlint.layers.families.reduce import reduce
from archlint.layers.spec import Out, function, layer
from archlint.layers.torch.loss import loss, reduced
from archlint.values import Tensor


def _along(a: Any, b: Any, dim: Any, keepdim: bool = False) -> Out:
    """One value for each pair of vectors along an axis of the broadcast inputs."""
    if not isinstance(a, Tensor) or not isinstance(b, Tensor):
        return Out()
    joined = merged((a, b))
    return joined if joined.faults else replace(reduce(Tensor(joined.shape), dim, keepdim), dtype=fractional(a))


@layer("torch.nn.CosineSimilarity", family="distance", call=("x1", "x2"))
def cosine_similarity(x: Mapping[str, Any], dim: Any = 1, eps: Any = 1e-08) -> Out:
    """Cosine of the angle between vectors along an axis."""
    return _along(x["x1"], x.get("x2"), dim)


@function("torch.nn.functional.cosine_similarity", "torch.cosine_similarity", family="distance")
def f_cosine_similarity(x1: Tensor, x2: Tensor, dim: Any = 1, eps: Any = 1e-08) -> Out:
    """Cosine of the angle between vectors along an axis."""
    return _along(x1, x2, dim)


@layer("torch.nn.PairwiseDistance", family="distance", call=("x1", "x2"))
def pairwise_distance(x: Mapping[str, Any], p: Any = 2.0, eps: Any = 1e-06, keepdim: Any = False) -> Out:
    """Length of the difference of vectors on the last axis."""
    return _along(x["x1"], x.get("x2"), -1, flag(keepdim))


@function("torch.nn.functional.pairwise_distance", "torch.pairwise_distance", family="distance")
def f_pairwise_distance(x1: Tensor, x2: Tensor, p: Any = 2.0, eps: Any = 1e-06, keepdim: Any = False) -> Out:
    """Length of the difference of vectors on the last axis."""
    return _along(x1, x2, -1, flag(keepdim))


@function("torch.cdist", family="distance")
def cdist(x1: Tensor, x2: Tensor, p: Any = 2.0, compute_mode: Any = "use_mm_for_euclid_dist_if_necessary") -> Out:
    """Distances between all rows of two matrices: `(…, n, m)`."""
    if x1.shape is None or x2.shape is None or len(x1.shape) < 2 or len(x2.shape) < 2:
        return Out()
    batch, faults = broadcast_shapes((x1.shape[:-2], x2.shape[:-2]))
    return Out(None if batch is None else (*batch, x1.shape[-2], x2.shape[-2]), faults=faults)


def _triplet(anchor: Any, positive: Any, negative: Any, scalar: bool) -> Out:
    if scalar or any(not isinstance(t, Tensor) for t in (anchor, positive, negative)):
        return loss(scalar, None)
    shape, faults = broadcast_shapes([t.shape for t in (anchor, positive, negative)])
    return loss(scalar, None if shape is None else shape[:-1], faults)


@layer("torch.nn.TripletMarginLoss", family="loss", call=("anchor", "positive", "negative"))
def triplet(
    x: Mapping[str, Any], margin: Any = 1.0, p: Any = 2.0, eps: Any = 1e-06, swap: Any = False,
    size_average: Any = None, reduce: Any = None, reduction: Any = "mean",
) -> Out:  # fmt: skip
    """The anchor nearer to the positive than to the negative by a margin."""
    scalar = reduced(reduction, size_average, reduce)
    return _triplet(x["anchor"], x.get("positive"), x.get("negative"), scalar)


@function("torch.nn.functional.triplet_margin_loss", family="loss")
def f_triplet(
    anchor: Any, positive: Any, negative: Any, margin: Any = 1.0, p: Any = 2, eps: Any = 1e-06, swap: Any = False,
    size_average: Any = None, reduce: Any = None, reduction: Any = "mean",
) -> Out:  # fmt: skip
    """The anchor nearer to the positive than to the negative by a margin."""
    return _triplet(anchor, positive, negative, reduced(reduction, size_average, reduce))


@layer("torch.nn.MarginRankingLoss", family="loss", call=("input1", "input2", "target"))
@layer("torch.nn.CosineEmbeddingLoss", family="loss", call=("input1", "input2", "target"))
def ranking(
    x: Mapping[str, Any], margin: Any = 0.0, size_average: Any = None, reduce: Any = None, reduction: Any = "mean"
) -> Out:
    """Two inputs compared as a target of 1 or -1 says."""
    return loss(reduced(reduction, size_average, reduce), None)


@function("torch.nn.functional.margin_ranking_loss", family="loss")
@function("torch.nn.functional.cosine_embedding_loss", family="loss")
def f_ranking(
    input1: Any, input2: Any, target: Any, margin: Any = 0, size_average: Any = None, reduce: Any = None,
    reduction: Any = "mean",
) -> Out:  # fmt: skip
    """Two inputs compared as a target of 1 or -1 says."""
    return loss(reduced(reduction, size_average, reduce), None)


@layer("torch.nn.HingeEmbeddingLoss", family="loss", call=("input", "target"))
def hinge_embedding(
    x: Mapping[str, Any], margin: Any = 1.0, size_average: Any = None, reduce: Any = None, reduction: Any = "mean"
) -> Out:
    """A distance where the target is 1, a margin where it is -1."""
    return loss(reduced(reduction, size_average, reduce), None)


@layer("torch.nn.MultiLabelMarginLoss", family="loss", call=("input", "target"))
def multilabel_margin(
    x: Mapping[str, Any], size_average: Any = None, reduce: Any = None, reduction: Any = "mean"
) -> Out:
    """Scores of the target labels above all others by a margin."""
    return loss(reduced(reduction, size_average, reduce), None)


@layer("torch.nn.MultiLabelSoftMarginLoss", family="loss", call=("input", "target"))
def multilabel_soft_margin(
    x: Mapping[str, Any], weight: Any = None, size_average: Any = None, reduce: Any = None, reduction: Any = "mean"
) -> Out:
    """A binary cross-entropy per label."""
    return loss(reduced(reduction, size_average, reduce), None)


@layer("torch.nn.MultiMarginLoss", family="loss", call=("input", "target"))
def multi_margin(
    x: Mapping[str, Any], p: Any = 1, margin: Any = 1.0, weight: Any = None, size_average: Any = None,
    reduce: Any = None, reduction: Any = "mean",
) -> Out:  # fmt: skip
    """The target class above all others by a margin."""
    return loss(reduced(reduction, size_average, reduce), None)


@layer("torch.nn.PoissonNLLLoss", family="loss", call=("log_input", "target"))
def poisson_nll(
    x: Mapping[str, Any], log_input: Any = True, full: Any = False, size_average: Any = None, eps: Any = 1e-08,
    reduce: Any = None, reduction: Any = "mean",
) -> Out:  # fmt: skip
    """Likelihood of counts."""
    return loss(reduced(reduction, size_average, reduce), None)


@layer("torch.nn.GaussianNLLLoss", family="loss", call=("input", "target", "var"))
def gaussian_nll(x: Mapping[str, Any], *, full: Any = False, eps: Any = 1e-06, reduction: Any = "mean") -> Out:
    """Likelihood under a normal distribution of given mean and variance."""
    return loss(reduced(reduction), None)
