"""torch losses: a scalar, or one value per element, by `reduction`."""
# ruff: noqa: A002  the parameters bear torch's own names

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archlint.layers.arguments import NotKnown, is_unknown
from archlint.layers.families.elementwise import merged
from archlint.layers.families.merge import agree
from archlint.layers.spec import Fault, Out, function, layer
from archlint.values import Shape, Tensor


def reduced(reduction: Any, size_average: Any = None, reduce: Any = None) -> bool:
    """Is the result one number?  NotKnown if that cannot be told."""
    if size_average is not None or reduce is not None:
        if is_unknown((size_average, reduce)):
            raise NotKnown
        return reduce is None or bool(reduce)
    if is_unknown(reduction) or reduction not in ("none", "mean", "sum"):
        raise NotKnown
    return bool(reduction != "none")


def loss(scalar: bool, shape: Shape, faults: tuple[Fault, ...] = ()) -> Out:
    """One number, or a value per element."""
    if faults:
        return Out(None, faults=faults)
    return Out((), axes=(), dtype="") if scalar else Out(shape, dtype="")


def pointwise(input: Any, target: Any, scalar: bool, equal: bool = False) -> Out:
    """One value per pair of elements, broadcast; `equal`: shapes must be the same."""
    if not isinstance(input, Tensor) or not isinstance(target, Tensor):
        return loss(scalar, None)  # the model may have returned nothing, or several
    if equal and input.shape is not None and target.shape is not None:
        return loss(scalar, input.shape, _unequal(input.shape, target.shape))
    found = merged((input, target))
    return loss(scalar, found.shape, found.faults)


def _unequal(a: Shape, b: Shape) -> tuple[Fault, ...]:
    assert a is not None
    assert b is not None
    if len(a) != len(b):
        return (Fault("merge", "", f"input has {len(a)} axes, target {len(b)}", len(a), len(b)),)
    return agree((a, b), None, "compares")[1]


def classes(input: Any, target: Any, scalar: bool, probabilities: bool) -> Out:
    """Scores `(n, classes, …)` against class numbers `(n, …)`, or against `probabilities` of the same shape."""
    if not isinstance(input, Tensor) or input.shape is None or not isinstance(target, Tensor):
        return loss(scalar, None)
    rank = len(input.shape)
    if rank == 0:
        fault = Fault("rank", "", "needs at least one axis, got a scalar", 2, 0)
        return loss(scalar, None, (fault,))
    shape = input.shape[:1] + input.shape[2:] if rank > 1 else ()
    if target.shape is None:
        return loss(scalar, shape)
    if len(target.shape) == rank - 1 or not probabilities:
        if len(target.shape) != rank - 1:
            text = f"scores of {rank} axes need a target of {rank - 1}, got {len(target.shape)}"
            return loss(scalar, None, (Fault("rank", "target", text, rank - 1, len(target.shape)),))
        return loss(scalar, shape, agree((shape, target.shape), None, "compares")[1])
    if len(target.shape) == rank:
        return loss(scalar, shape, agree((input.shape, target.shape), None, "compares")[1])
    text = f"scores of {rank} axes need a target of {rank - 1} or {rank}, got {len(target.shape)}"
    return loss(scalar, None, (Fault("rank", "target", text, rank - 1, len(target.shape)),))


def per_sample(input: Tensor, scalar: bool) -> Out:
    """One value for each vector of the last axis."""
    return loss(scalar, None if input.shape is None else input.shape[:-1])


_PAIR = ("input", "target")


def _declare_pointwise(layer_name: str, name: str, equal: bool) -> None:
    @layer(f"torch.nn.{layer_name}", family="loss", call=_PAIR)
    def pointwise_loss(
        x: Mapping[str, Any], size_average: Any = None, reduce: Any = None, reduction: Any = "mean"
    ) -> Out:
        """A distance for every pair of elements."""
        return pointwise(x["input"], x.get("target"), reduced(reduction, size_average, reduce), equal)

    if name in ("mse_loss", "l1_loss"):

        @function(f"torch.nn.functional.{name}", family="loss")
        def f_weighted(
            input: Tensor, target: Any, size_average: Any = None, reduce: Any = None, reduction: Any = "mean",
            weight: Any = None,
        ) -> Out:  # fmt: skip
            """A distance for every pair of elements."""
            return pointwise(input, target, reduced(reduction, size_average, reduce), equal)
    else:

        @function(f"torch.nn.functional.{name}", family="loss")
        def f_pointwise(
            input: Tensor, target: Any, size_average: Any = None, reduce: Any = None, reduction: Any = "mean"
        ) -> Out:
            """A distance for every pair of elements."""
            return pointwise(input, target, reduced(reduction, size_average, reduce), equal)


_declare_pointwise("MSELoss", "mse_loss", False)
_declare_pointwise("L1Loss", "l1_loss", False)
_declare_pointwise("SoftMarginLoss", "soft_margin_loss", False)


@layer("torch.nn.SmoothL1Loss", family="loss", call=_PAIR)
def smooth_l1(
    x: Mapping[str, Any], size_average: Any = None, reduce: Any = None, reduction: Any = "mean", beta: Any = 1.0
) -> Out:
    """Quadratic near zero, absolute beyond."""
    return pointwise(x["input"], x.get("target"), reduced(reduction, size_average, reduce))


@function("torch.nn.functional.smooth_l1_loss", family="loss")
def f_smooth_l1(
    input: Tensor, target: Any, size_average: Any = None, reduce: Any = None, reduction: Any = "mean", beta: Any = 1.0
) -> Out:
    """Quadratic near zero, absolute beyond."""
    return pointwise(input, target, reduced(reduction, size_average, reduce))


@layer("torch.nn.HuberLoss", family="loss", call=_PAIR)
def huber(x: Mapping[str, Any], reduction: Any = "mean", delta: Any = 1.0) -> Out:
    """Quadratic near zero, absolute beyond."""
    return pointwise(x["input"], x.get("target"), reduced(reduction))


@function("torch.nn.functional.huber_loss", family="loss")
def f_huber(input: Tensor, target: Any, reduction: Any = "mean", delta: Any = 1.0, weight: Any = None) -> Out:
    """Quadratic near zero, absolute beyond."""
    return pointwise(input, target, reduced(reduction))


@layer("torch.nn.KLDivLoss", family="loss", call=_PAIR)
def kl_div(
    x: Mapping[str, Any], size_average: Any = None, reduce: Any = None, reduction: Any = "mean",
    log_target: Any = False,
) -> Out:  # fmt: skip
    """Divergence of two distributions; `batchmean` is a scalar too."""
    scalar = True if reduction == "batchmean" else reduced(reduction, size_average, reduce)
    return pointwise(x["input"], x.get("target"), scalar)


@function("torch.nn.functional.kl_div", family="loss")
def f_kl_div(
    input: Tensor, target: Any, size_average: Any = None, reduce: Any = None, reduction: Any = "mean",
    log_target: Any = False,
) -> Out:  # fmt: skip
    """Divergence of two distributions; `batchmean` is a scalar too."""
    scalar = True if reduction == "batchmean" else reduced(reduction, size_average, reduce)
    return pointwise(input, target, scalar)


@layer("torch.nn.BCELoss", family="loss", call=_PAIR)
def bce(
    x: Mapping[str, Any], weight: Any = None, size_average: Any = None, reduce: Any = None, reduction: Any = "mean"
) -> Out:
    """Cross-entropy of probabilities with targets of the same shape."""
    return pointwise(x["input"], x.get("target"), reduced(reduction, size_average, reduce), equal=True)


@function("torch.nn.functional.binary_cross_entropy", family="loss")
def f_bce(
    input: Tensor, target: Any, weight: Any = None, size_average: Any = None, reduce: Any = None,
    reduction: Any = "mean",
) -> Out:  # fmt: skip
    """Cross-entropy of probabilities with targets of the same shape."""
    return pointwise(input, target, reduced(reduction, size_average, reduce), equal=True)


@layer("torch.nn.BCEWithLogitsLoss", family="loss", call=_PAIR)
def bce_with_logits(
    x: Mapping[str, Any], weight: Any = None, size_average: Any = None, reduce: Any = None, reduction: Any = "mean",
    pos_weight: Any = None,
) -> Out:  # fmt: skip
    """Cross-entropy of scores with targets of the same shape."""
    return pointwise(x["input"], x.get("target"), reduced(reduction, size_average, reduce), equal=True)


@function("torch.nn.functional.binary_cross_entropy_with_logits", family="loss")
def f_bce_with_logits(
    input: Tensor, target: Any, weight: Any = None, size_average: Any = None, reduce: Any = None,
    reduction: Any = "mean", pos_weight: Any = None,
) -> Out:  # fmt: skip
    """Cross-entropy of scores with targets of the same shape."""
    return pointwise(input, target, reduced(reduction, size_average, reduce), equal=True)


@layer("torch.nn.CrossEntropyLoss", family="loss", call=_PAIR)
def cross_entropy(
    x: Mapping[str, Any], weight: Any = None, size_average: Any = None, ignore_index: Any = -100, reduce: Any = None,
    reduction: Any = "mean", label_smoothing: Any = 0.0,
) -> Out:  # fmt: skip
    """Scores of classes on axis 1 against class numbers or probabilities; applies log-softmax itself."""
    return classes(x["input"], x.get("target"), reduced(reduction, size_average, reduce), probabilities=True)


@function("torch.nn.functional.cross_entropy", family="loss")
def f_cross_entropy(
    input: Tensor, target: Any, weight: Any = None, size_average: Any = None, ignore_index: Any = -100,
    reduce: Any = None, reduction: Any = "mean", label_smoothing: Any = 0.0,
) -> Out:  # fmt: skip
    """Scores of classes on axis 1 against class numbers or probabilities; applies log-softmax itself."""
    return classes(input, target, reduced(reduction, size_average, reduce), probabilities=True)


@layer("torch.nn.NLLLoss", family="loss", call=_PAIR)
def nll(
    x: Mapping[str, Any], weight: Any = None, size_average: Any = None, ignore_index: Any = -100, reduce: Any = None,
    reduction: Any = "mean",
) -> Out:  # fmt: skip
    """Log-probabilities of classes on axis 1 against class numbers."""
    return classes(x["input"], x.get("target"), reduced(reduction, size_average, reduce), probabilities=False)


@function("torch.nn.functional.nll_loss", family="loss")
def f_nll(
    input: Tensor, target: Any, weight: Any = None, size_average: Any = None, ignore_index: Any = -100,
    reduce: Any = None, reduction: Any = "mean",
) -> Out:  # fmt: skip
    """Log-probabilities of classes on axis 1 against class numbers."""
    return classes(input, target, reduced(reduction, size_average, reduce), probabilities=False)


@layer("torch.nn.CTCLoss", family="loss", call=("log_probs", "targets", "input_lengths", "target_lengths"))
def ctc(x: Mapping[str, Any], blank: Any = 0, reduction: Any = "mean", zero_infinity: Any = False) -> Out:
    """Alignment-free loss over `(time, batch, classes)`: one value per sequence."""
    return _ctc(x["log_probs"], reduced(reduction))


@function("torch.nn.functional.ctc_loss", family="loss")
def f_ctc(
    log_probs: Tensor, targets: Any, input_lengths: Any, target_lengths: Any, blank: Any = 0, reduction: Any = "mean",
    zero_infinity: Any = False,
) -> Out:  # fmt: skip
    """Alignment-free loss over `(time, batch, classes)`: one value per sequence."""
    return _ctc(log_probs, reduced(reduction))


def _ctc(log_probs: Tensor, scalar: bool) -> Out:
    shape = log_probs.shape
    return loss(scalar, None if shape is None or len(shape) not in (2, 3) else shape[1:-1])
