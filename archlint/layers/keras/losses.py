"""Keras losses: what labels fit which output.  A compiled loss, or one that is an object, first evens out a last 1.

model.compile(loss="sparse_categorical_crossentropy")     labels (N,) or (N, 1), output (N, classes)
model.compile(loss="categorical_crossentropy")            labels (N, classes), output (N, classes)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archlint.dims import proven_different, proven_equal, show, show_shape
from archlint.layers.arguments import known, tensor
from archlint.layers.families.elementwise import broadcast_shapes
from archlint.layers.spec import Fault, Out, function, layer
from archlint.values import External, Layer, Shape, Tensor

SAME = frozenset(["categorical_crossentropy", "binary_crossentropy", "binary_focal_crossentropy"])
FOCAL = "categorical_focal_crossentropy"
SPARSE = "sparse_categorical_crossentropy"
PAIRWISE = (
    "mean_squared_error", "mean_absolute_error", "mean_absolute_percentage_error", "mean_squared_logarithmic_error",
    "hinge", "squared_hinge", "huber", "log_cosh", "poisson", "kl_divergence",
)  # fmt: skip
_CLASSES = {
    "categorical_crossentropy": "CategoricalCrossentropy", SPARSE: "SparseCategoricalCrossentropy",
    "categorical_focal_crossentropy": "CategoricalFocalCrossentropy", "binary_crossentropy": "BinaryCrossentropy",
    "binary_focal_crossentropy": "BinaryFocalCrossentropy", "mean_squared_error": "MeanSquaredError",
    "mean_absolute_error": "MeanAbsoluteError", "mean_absolute_percentage_error": "MeanAbsolutePercentageError",
    "mean_squared_logarithmic_error": "MeanSquaredLogarithmicError", "hinge": "Hinge", "squared_hinge": "SquaredHinge",
    "huber": "Huber", "log_cosh": "LogCosh", "poisson": "Poisson", "kl_divergence": "KLDivergence",
}  # fmt: skip
_SHORT = {
    "mse": "mean_squared_error", "mae": "mean_absolute_error", "mape": "mean_absolute_percentage_error",
    "msle": "mean_squared_logarithmic_error", "kld": "kl_divergence", "logcosh": "log_cosh",
    "kullback_leibler_divergence": "kl_divergence", "bce": "binary_crossentropy", "huber_loss": "huber",
}  # fmt: skip
_SNAKE = {kind: name for name, kind in _CLASSES.items()}


def named(loss: Any) -> str | None:
    """The function that `compile(loss=…)` means: by its name, as a function, or an object; None if it is another."""
    if isinstance(loss, Layer):
        return _SNAKE.get(loss.spec.name.rpartition(".")[2]) if loss.args.get("axis", -1) == -1 else None
    if isinstance(loss, External):
        top, _, loss = loss.name.rpartition(".")
        if not top.endswith(("losses", "metrics", "objectives")):
            return None
    if not isinstance(loss, str):
        return None
    name = _SNAKE.get(loss, _SHORT.get(loss.lower(), loss))
    return name if name in _CLASSES else None


def evened(target: Shape, output: Shape) -> tuple[Shape, Shape]:
    """A last axis of 1 that one side has more is dropped, or added to a vector; else both stay as they are."""
    if target is None or output is None:
        return target, output
    if len(target) == len(output) + 1 and proven_equal(target[-1], 1):
        return (target, (*output, 1)) if len(output) == 1 else (target[:-1], output)
    if len(output) == len(target) + 1 and proven_equal(output[-1], 1):
        return ((*target, 1), output) if len(target) == 1 else (target, output[:-1])
    return target, output


def fault(name: str, target: Shape, output: Shape) -> Fault | None:
    """Why labels of one shape cannot be held against an output of another; None if they can, or may."""
    if target is None or output is None:
        return None
    if name == SPARSE:
        return _sparse(target, output)
    if name in SAME:
        return _same(target, output)
    faults = broadcast_shapes([target, output])[1]
    return Fault("merge", "y_true", faults[0].text, output, target) if faults else None


def _same(target: tuple[Any, ...], output: tuple[Any, ...]) -> Fault | None:
    if len(target) != len(output):
        text = f"labels have {len(target)} axes, the output {len(output)}"
        return Fault("rank", "y_true", text, output, target)
    for axis, (a, b) in enumerate(zip(target, output)):
        if proven_different(a, b):
            return Fault("merge", "y_true", f"axis {axis} is {show(a)} and {show(b)}", output, target, axis)
    return None


def _sparse(target: tuple[Any, ...], output: tuple[Any, ...]) -> Fault | None:
    if not output:
        return None
    if len(target) == len(output) and not proven_different(target[-1], 1):
        target = target[:-1]
    if len(target) != len(output) - 1:
        text = f"labels of {len(target)} axes, {show_shape(target)}, where {len(output) - 1} are needed"
        return Fault("rank", "y_true", text, output, target)
    for axis, (a, b) in enumerate(zip(target, output[:-1])):
        if proven_different(a, b):
            return Fault("merge", "y_true", f"axis {axis} is {show(a)} and {show(b)}", output, target, axis)
    return None


def _declare_function(name: str) -> None:
    @function(f"keras.losses.{name}", family="loss")
    def compared(y_true: Any, y_pred: Any, *others: Any, **options: Any) -> Out:
        """One value per sample."""
        target, output = tensor(y_true).shape, tensor(y_pred).shape
        if known(options.get("axis", -1)) != -1 or others:
            return Out(dtype="")
        if name in PAIRWISE:
            target, output = evened(target, output)
        found = fault(name, target, output)
        if found is not None:
            return Out(dtype="", faults=(found,))
        if output is None or target is None or not output:
            return Out(dtype="")
        wide = broadcast_shapes([target, output])[0] if name in PAIRWISE or name == FOCAL else output
        return Out(None if wide is None else wide[:-1], dtype="")


def _declare_layer(name: str) -> None:
    @layer(f"keras.losses.{_CLASSES[name]}", family="loss", call=("y_true", "y_pred", "sample_weight"))
    def loss(x: Mapping[str, Any], *given: Any, **options: Any) -> Out:
        """One number for the batch."""
        target, output = (_shape(x.get(key)) for key in ("y_true", "y_pred"))
        scalar = options.get("reduction", "sum_over_batch_size") in ("sum_over_batch_size", "sum", "mean", "auto")
        scalar = scalar and not given
        if given or known(options.get("axis", -1)) != -1:
            return Out(() if scalar else None, dtype="")
        found = fault(name, *evened(target, output))
        if found is not None:
            return Out(dtype="", faults=(found,))
        return Out(() if scalar else None, dtype="")


def _shape(value: Any) -> Shape:
    return value.shape if isinstance(value, Tensor) else None


for _name in _CLASSES:
    _declare_function(_name)
    _declare_layer(_name)
