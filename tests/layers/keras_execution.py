"""Runs one case in Keras 3 with symbolic tensors, and on real numbers where the symbolic run may be too kind."""

from __future__ import annotations

import os
import warnings
from dataclasses import replace
from math import prod
from typing import Any

from differential import Case, Real, Shape, abstract_inputs, declared, outs, substitute

os.environ.setdefault("KERAS_BACKEND", "torch")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
warnings.filterwarnings("ignore")


def resolve(name: str) -> Any:
    """The object of a dotted name: `keras.layers.Dense`."""
    import keras

    found: Any = keras
    for part in name.split(".")[1:]:
        found = getattr(found, part)
    return found


def _tensors(case: Case) -> list[Any]:
    import keras

    dtypes = [*case.dtypes, *["float32"] * len(case.inputs)]
    return [keras.KerasTensor(tuple(s), dtype=d) for s, d in zip(case.inputs, dtypes, strict=False)]


def _arrays(case: Case) -> list[Any]:
    import numpy

    dtypes = [*case.dtypes, *["float32"] * len(case.inputs)]
    fixed = [tuple(2 if s is None and not axis else 3 if s is None else s for axis, s in enumerate(shape))
             for shape in case.inputs]  # fmt: skip
    return [numpy.ones(shape, dtype=d) for shape, d in zip(fixed, dtypes, strict=False)]


def _flat(value: Any) -> list[Any]:
    if isinstance(value, dict):
        value = list(value.values())
    return [t for part in value for t in _flat(part)] if isinstance(value, (tuple, list)) else [value]


def _call(case: Case, tensors: list[Any]) -> tuple[Any, Any]:
    target = resolve(case.name)
    args, kwargs = substitute(case.args, tensors), substitute(case.kwargs, tensors)
    if not isinstance(target, type):
        return None, target(*args, **kwargs)
    layer = target(*args, **kwargs)
    return layer, layer(*substitute(case.call, tensors), **substitute(case.call_kwargs, tensors))


def execute(case: Case) -> Real:
    """What Keras answers.  An error of the run on numbers counts when the declaration claims one, and only then."""
    try:
        layer, result = _call(case, _tensors(case))
    except Exception as error:
        return Real(error=f"{type(error).__name__}: {str(error)[:60]}")
    real = _answer(layer, result)
    if _claims_fault(case):
        try:
            _call(case, _arrays(case))
        except Exception as error:
            return Real(error=f"on numbers: {type(error).__name__}: {str(error)[:60]}")
    return real


def _claims_fault(case: Case) -> bool:
    try:
        return any(out.faults for out in outs(declared(case, abstract_inputs(case))))
    except Exception:
        return False


def _answer(layer: Any, result: Any) -> Real:
    flat = _flat(result)
    if not all(hasattr(t, "shape") for t in flat):
        return Real(value=result)
    shapes: list[Shape] = [tuple(t.shape) for t in flat]
    real = Real(shapes=shapes, dtypes=[str(t.dtype).removeprefix("torch.") for t in flat])
    if layer is None:
        return real
    trained = sum(prod(w.shape) for w in layer.trainable_weights)
    return replace(real, params=trained, state=sum(prod(w.shape) for w in layer.non_trainable_weights))
