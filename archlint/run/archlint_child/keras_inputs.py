"""Inputs of a Keras model out of [name, shape, dtype, high], and how `call` wants them."""

import importlib
import inspect
from typing import Any, Dict, List, Tuple

NOT_TENSORS = frozenset(["self", "training", "mask", "args", "kwargs"])


def symbolic(keras: Any, spec: List[Any]) -> Any:
    """`keras.Input` with the batch size given: then every size is a number in every backend."""
    _, shape, dtype, _ = spec
    return keras.layers.Input(batch_shape=tuple(shape), dtype=dtype)


def concrete(spec: List[Any]) -> Any:
    """An array: ones, or for integers alternately 0 and 1 as far as `high` allows."""
    np = importlib.import_module("numpy")
    _, shape, dtype, high = spec
    sizes = tuple(2 if size is None else size for size in shape)
    if dtype.startswith("float"):
        return np.ones(sizes, dtype)
    count = int(np.prod(sizes))
    return (np.arange(count) % max(1, min(2, high or 2))).reshape(sizes).astype(dtype)


def elements(specs: List[List[Any]]) -> int:
    """Numbers in all inputs together."""
    total = 0
    for _, shape, _, _ in specs:
        count = 1
        for size in shape:
            count *= size or 2
        total += count
    return total


def arranged(model: Any, names: List[str], tensors: List[Any]) -> Tuple[List[Any], Dict[str, Any]]:
    """Arguments of the call: one tensor as it is; several by the parameters of `call`, else as a list."""
    if len(tensors) == 1:
        return tensors, {}
    parameters = _parameters(model)
    if set(names) <= set(parameters):
        first = [tensor for name, tensor in zip(names, tensors) if name == parameters[0]]
        return first, {name: tensor for name, tensor in zip(names, tensors) if name != parameters[0] or not first}
    if len(parameters) >= len(tensors):
        return list(tensors), {}
    return [list(tensors)], {}


def _parameters(model: Any) -> List[str]:
    try:
        signature = inspect.signature(model.call)
    except (TypeError, ValueError, AttributeError):
        return []
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return [p.name for p in signature.parameters.values() if p.kind in kinds and p.name not in NOT_TENSORS]
