"""What goes into a Keras model and comes out of it as numbers: declared inputs, outputs, weights, generators."""

import contextlib
import importlib
import random
from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence, Tuple

from .probes import NotRun, Output
from .probes_arrays import far


def size_of(weight: Any) -> int:
    product = 1
    for size in weight.shape:
        product *= int(size)
    return product


def declared(model: Any) -> List[List[Any]]:
    """The inputs that a functional or Sequential model declares."""
    found: List[List[Any]] = []
    tables: Dict[str, int] = {}
    for layer in getattr(model, "layers", ()):
        if hasattr(layer, "input_dim") and "Embedding" in type(layer).__name__:
            with contextlib.suppress(AttributeError, ValueError):  # called several times: it has no one input
                tables[name_of(layer.input)] = int(layer.input_dim)
    for tensor in getattr(model, "inputs", None) or ():
        kind = getattr(tensor.dtype, "name", None) or str(tensor.dtype)
        name = name_of(tensor)
        if name in tables:
            kind = "int32"
        found.append([name, [None if s is None else int(s) for s in tensor.shape], kind, tables.get(name)])
    if not found:
        raise NotRun("the shapes of the inputs are not known")
    return found


def name_of(tensor: Any) -> str:
    return str(getattr(tensor, "name", "")).split(":")[0]


def seed_all(seed: int) -> None:
    """The generators of Python, NumPy and the backend."""
    numpy = importlib.import_module("numpy")

    random.seed(seed)
    numpy.random.seed(seed)
    with contextlib.suppress(ImportError, AttributeError):
        importlib.import_module("keras").utils.set_random_seed(seed)


def flattened(value: Any, name: str = "", depth: int = 0) -> Iterator[Output]:
    """The tensors of an output as ("[0].logits", double)."""
    numpy = importlib.import_module("numpy")

    if isinstance(value, dict):
        pairs: List[Tuple[str, Any]] = [((name and ".") + str(key), item) for key, item in value.items()]
    elif isinstance(value, (list, tuple)):
        pairs = [("[{}]".format(key), item) for key, item in enumerate(value)]
    else:
        if hasattr(value, "shape"):
            yield name, numbers(value).astype(numpy.float64)
        return
    for place, item in pairs if depth < 4 else ():
        for found in flattened(item, name + place, depth + 1):
            yield found


def numbers(value: Any) -> Any:
    """A NumPy array of a tensor or variable of any backend."""
    numpy = importlib.import_module("numpy")

    try:
        return importlib.import_module("keras").ops.convert_to_numpy(value)
    except (ImportError, AttributeError):
        return value.numpy() if hasattr(value, "numpy") else numpy.asarray(value)


def open_gates(weights: Sequence[Any]) -> None:
    """Gives weights values that start at zero, or close to it: a branch behind such a factor would not be seen."""
    numpy = importlib.import_module("numpy")

    generator = numpy.random.RandomState(1)
    for weight in weights:
        value = numbers(weight)
        if value.size and value.dtype.kind == "f" and abs(value).max() < 1e-3:
            weight.assign((0.1 * generator.randn(*value.shape)).astype(value.dtype))


def redraws(weights: Sequence[Any]) -> Callable[[Optional[int]], None]:
    """Sets all trainable weights to random values, far enough from zero that only an activation limits a head."""
    numpy = importlib.import_module("numpy")

    first: List[Any] = []

    def redraw(seed: Optional[int]) -> None:
        if not first:
            first.extend(numbers(weight).copy() for weight in weights)
        generator = numpy.random.RandomState(seed or 0)
        for weight, value in zip(weights, first):
            if seed is None:
                weight.assign(value)
                continue
            weight.assign(far(value, generator, seed))

    return redraw
