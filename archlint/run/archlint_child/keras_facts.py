"""What a built Keras model is made of: layers by name, own parameters, output shapes."""

from typing import Any, Dict, Iterator, List, Optional, Tuple

from . import descriptors
from .keras_passes import Passes, known

DEEPEST = 8


def built_model(name: str, model: Any, passes: Passes, files: Any) -> Dict[str, Any]:
    """The `models` entry of a result: total parameters, None while the model has no shapes."""
    modules = []
    for path, layer in layers_of(model, files):
        children = {id(inner): inner for _, inner in layers_of(layer, files)} if _is_open(layer, files) else {}
        modules.append(
            {
                "path": path,
                "cls": type(layer).__name__,
                "params": _own_parameters(layer, list(children.values())),
                "output": output_of(layer, passes),
            }
        )
    return {"name": name, "cls": type(model).__name__, "params": parameters(model), "modules": modules}


def layers_of(model: Any, files: Any, prefix: str = "", depth: int = 0) -> Iterator[Tuple[str, Any]]:
    """(path, layer) of a model; also inside models and the user's own layers, as `outer/inner`."""
    if depth > DEEPEST or not (depth == 0 or _is_open(model, files)):
        return
    for layer in _direct(model):
        path = prefix + str(getattr(layer, "name", type(layer).__name__))
        yield path, layer
        yield from layers_of(layer, files, path + "/", depth + 1)


def owners_of(model: Any, files: Any) -> Dict[int, str]:
    """id -> path; the model itself is "".  A layer at two places has the first path."""
    owners = {id(model): ""}
    for path, layer in layers_of(model, files):
        owners.setdefault(id(layer), path)
    return owners


def _direct(model: Any) -> List[Any]:
    try:
        layers = model.layers if _is_model(model) else _inner_layers(model)
        return list(layers)
    except Exception:  # never finished: an attribute of its constructor is missing
        return []


def _inner_layers(layer: Any) -> List[Any]:
    flatten = getattr(layer, "_flatten_layers", None)
    if flatten is not None:
        return list(flatten(include_self=False, recursive=False))
    return list(getattr(layer, "_layers", None) or [])


def _is_model(layer: Any) -> bool:
    return any(cls.__name__ in ("Model", "Network", "Container") for cls in type(layer).__mro__)


def _is_open(layer: Any, files: Any) -> bool:
    """Wrappers of Keras (Bidirectional) are one layer to the reader, models and the user's layers are not."""
    if _is_model(layer):
        return True
    return any(_file_of(cls) in files for cls in type(layer).__mro__)


def _file_of(cls: Any) -> str:
    for function in vars(cls).values():
        code = getattr(function, "__code__", None)
        if code is not None and getattr(function, "__module__", None) == cls.__module__:
            return str(code.co_filename)
    return ""


def parameters(layer: Any) -> Optional[int]:
    """All parameters, trainable or not; None while they do not exist."""
    if not getattr(layer, "built", True):
        return None
    try:
        return int(layer.count_params())
    except Exception:  # a layer inside was never called
        return None


def _own_parameters(layer: Any, inside: List[Any]) -> Optional[int]:
    """Those that none of the listed layers inside has."""
    if not inside:
        return parameters(layer)
    if not getattr(layer, "built", True):
        return None
    try:
        theirs = {id(weight) for inner in inside for weight in inner.weights}
        return sum(size_of(weight) for weight in layer.weights if id(weight) not in theirs)
    except Exception:
        return None


def size_of(weight: Any) -> int:
    """Numbers in one weight."""
    total = 1
    for size in weight.shape:
        total *= int(size)
    return total


def output_of(layer: Any, passes: Passes) -> Any:
    """Descriptor of what it gives in its graph; where it is in none, what it gave when it was last called."""
    for node in reversed(getattr(layer, "_inbound_nodes", None) or []):
        for name in ("outputs", "output_shapes", "output_tensors"):
            found = getattr(node, name, None)
            if found is not None:
                one = found[0] if isinstance(found, (list, tuple)) and len(found) == 1 else found
                return known(passes.recorder.describe(one)) if name != "output_shapes" else _shape(one)
    return passes.output(layer)


def size_or_none(size: Any) -> Optional[int]:
    """A size as plain number: `Flatten` of Keras 2 has one of NumPy."""
    plain = descriptors.size_of(size)
    return plain if isinstance(plain, int) else None


def _shape(shape: Any) -> Any:
    """Keras 2 keeps the shapes alone."""
    if isinstance(shape, list):
        return {"l": [_shape(one) for one in shape]}
    return {"s": [size_or_none(size) for size in shape], "d": ""}
