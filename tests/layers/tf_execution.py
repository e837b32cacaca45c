"""Runs one case in a TensorFlow 1 graph: static shapes, and on zeros where the graph leaves a size open.

Besides `"$0"` for tensors, arguments may say `"@tensorflow.identity"` for an object of the framework.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import os
import sys
from dataclasses import replace
from math import prod
from typing import Any

from differential import Case, Real, Shape, abstract_inputs, declared, outs

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")


class _Moved(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """`tf_keras.legacy_tf_layers`, which tf_slim's batch_norm needs, lives under `tf_keras.src` since 2.15."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name == "tf_keras.legacy_tf_layers" or name.startswith("tf_keras.legacy_tf_layers."):
            return importlib.machinery.ModuleSpec(name, self)
        return None

    def create_module(self, spec: Any) -> Any:
        return importlib.import_module(spec.name.replace("tf_keras.", "tf_keras.src.", 1))

    def exec_module(self, module: Any) -> None:
        return None


def framework() -> Any:
    """`tensorflow.compat.v1` in graph mode."""
    if not any(isinstance(f, _Moved) for f in sys.meta_path):
        sys.meta_path.insert(0, _Moved())
    import tensorflow.compat.v1 as v1

    _restore_old_names()
    v1.disable_v2_behavior()
    v1.logging.set_verbosity(v1.logging.ERROR)
    return v1


def _restore_old_names() -> None:
    """What tf_slim 1.1 still uses and TensorFlow 2.21 has moved."""
    tensor = importlib.import_module("tensorflow.python.framework.tensor")
    arrays = importlib.import_module("tensorflow.python.ops.array_ops_stack")
    graph = importlib.import_module("tensorflow.python.framework.ops")
    array_ops = importlib.import_module("tensorflow.python.ops.array_ops")
    for module, source, names in ((graph, tensor, ("Tensor",)), (array_ops, arrays, ("stack", "unstack"))):
        for name in names:
            if not hasattr(module, name):
                setattr(module, name, getattr(source, name))


def resolve(name: str) -> Any:
    """The object of a dotted name, as TensorFlow 1 has it or else TensorFlow 2; `tf_slim._x` is a private layer."""
    v1 = framework()
    import tensorflow
    import tf_slim

    if name.startswith("tf_slim._"):
        return getattr(importlib.import_module("tf_slim.layers.layers"), name.removeprefix("tf_slim."))
    roots = (tf_slim,) if name.startswith("tf_slim.") else (v1, tensorflow)
    for root in roots:
        found = root
        for part in name.split(".")[1:]:
            found = getattr(found, part, None)
        if found is not None:
            return found
    raise LookupError(name)


def _filled(value: Any, tensors: list[Any]) -> Any:
    if isinstance(value, str) and value[:1] == "$":
        return tensors[int(value[1:])]
    if isinstance(value, str) and value[:1] == "@":
        return resolve(value[1:])
    if isinstance(value, (tuple, list)):
        return [_filled(v, tensors) for v in value]
    if isinstance(value, dict):
        return {k: _filled(v, tensors) for k, v in value.items()}
    return value


def execute(case: Case) -> Real | None:
    """What TensorFlow answers; None if not even the number of axes is known to it."""
    v1 = framework()
    with v1.Graph().as_default():
        dtypes = [*case.dtypes, *["float32"] * len(case.inputs)]
        tensors = [v1.placeholder(d, list(s)) for s, d in zip(case.inputs, dtypes)]
        try:
            result = _call(case, tensors)
        except Exception as error:
            return Real(error=f"{type(error).__name__}: {str(error)[:60]}")
        flat = _flat(result)
        if not all(hasattr(t, "get_shape") and hasattr(t, "dtype") for t in flat):
            return Real(value=_value(result))
        shapes = _shapes(v1, case, tensors, flat)
        if isinstance(shapes, str):
            return Real(error=shapes)
        if shapes is None:
            return None
        if case.inputs and any(0 in s for s in shapes) and not any(0 in s for s in case.inputs):
            return Real(error="nothing is left")
        refused = _refused(v1, case, tensors, flat)
        if refused:
            return Real(error=refused)
        trained = v1.trainable_variables()
        rest = [v for v in v1.global_variables() if not any(v is t for t in trained)]
        dtype = [t.dtype.base_dtype.name for t in flat]
        return Real(shapes=shapes, dtypes=dtype, params=_count(trained), state=_count(rest))


def _refused(v1: Any, case: Case, tensors: list[Any], flat: list[Any]) -> str:
    """Where the declaration claims a fault: what TensorFlow says with numbers for open sizes, and in a run on ones."""
    if not claims_fault(case):
        return ""
    fixed = [_closed(shape) for shape in case.inputs]
    if fixed != case.inputs:
        real = execute(replace(case, inputs=fixed))
        return "" if real is None else real.error
    found = _run(v1, case, tensors, flat)
    if isinstance(found, str):
        return found
    return "nothing is left" if found and any(0 in s for s in found) else ""


def claims_fault(case: Case) -> bool:
    """Does the declaration say that this call is broken?  Then a graph that can be built is run as well."""
    try:
        return any(out.faults for out in outs(declared(case, abstract_inputs(case))))
    except Exception:
        return False


def _call(case: Case, tensors: list[Any]) -> Any:
    target = resolve(case.name)
    args, kwargs = _filled(case.args, tensors), _filled(case.kwargs, tensors)
    if isinstance(target, type) and not case.name.endswith(("Variable", "TensorShape")):
        return target(*args, **kwargs)(*_filled(case.call, tensors), **_filled(case.call_kwargs, tensors))
    return target(*args, **kwargs)


def _flat(value: Any) -> list[Any]:
    if isinstance(value, dict):
        value = list(value.values())
    return [t for part in value for t in _flat(part)] if isinstance(value, (tuple, list)) else [value]


def _value(result: Any) -> Any:
    return result.as_list() if hasattr(result, "as_list") else result


def _shapes(v1: Any, case: Case, tensors: list[Any], flat: list[Any]) -> list[Shape] | str | None:
    """Static shapes; where one is open though the inputs are not, the graph is run on ones."""
    static = [None if t.get_shape().ndims is None else tuple(t.get_shape().as_list()) for t in flat]
    open_somewhere = any(s is None or None in s for s in static)
    if not open_somewhere or any(None in s for s in case.inputs):
        return None if None in static else [s for s in static if s is not None]
    found = _run(v1, case, tensors, flat)
    if found is None:
        return None if None in static else [s for s in static if s is not None]
    return found


def _run(v1: Any, case: Case, tensors: list[Any], flat: list[Any]) -> list[Shape] | str | None:
    """Shapes, or the error, of a run on ones; None if this machine cannot run it."""
    with v1.Session() as session:
        feed = {t: _ones(t, s) for t, s in zip(tensors, case.inputs)}
        try:
            session.run(v1.global_variables_initializer())
            return [tuple(a.shape) for a in session.run(flat, feed)]
        except Exception as error:
            if any(word in str(error) for word in ("CPU", "not support", "No OpKernel", "NHWC")):
                return None
            return f"on numbers: {type(error).__name__}: {str(error)[:60]}"


def _ones(tensor: Any, shape: Shape) -> Any:
    import numpy

    return numpy.ones(_closed(shape), tensor.dtype.as_numpy_dtype)


def _closed(shape: Shape) -> Shape:
    """The shape with numbers for open sizes."""
    return tuple((3 if axis else 2) if size is None else size for axis, size in enumerate(shape))


def _count(variables: list[Any]) -> int:
    return sum(prod(v.get_shape().as_list()) for v in variables)
