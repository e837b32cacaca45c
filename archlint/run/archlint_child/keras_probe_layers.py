"""Layers of a Keras model: which mix steps, which wrap another for nothing, which are never called."""

from typing import Any, Dict, Iterator, List, Tuple

from .keras_probe_values import flattened
from .probes import TRIALS, NotRun, Subject, change, named, result
from .probes_arrays import draw, inputs_of

SIDEWAYS = ("conv", "attention", "pool", "transformer", "permute")


def layers_in(model: Any, depth: int = 0) -> Iterator[Any]:
    """All layers, those of nested models and wrappers too."""
    inner = list(getattr(model, "layers", ())) + [
        layer for layer in (getattr(model, "layer", None), getattr(model, "forward_layer", None)) if layer is not None
    ]
    for layer in inner if depth < 6 else ():
        yield layer
        for found in layers_in(layer, depth + 1):
            yield found


def mixers(model: Any) -> List[Tuple[str, str, bool]]:
    """Layers that mix the steps of a sequence by design: name, class, whether only later steps see earlier ones."""
    found = []
    for layer in layers_in(model):
        kind = type(layer).__name__
        if kind == "Bidirectional" or getattr(layer, "go_backwards", False):
            found.append((layer.name, kind, False))
        elif "RNN" in kind or kind in ("LSTM", "GRU", "CuDNNLSTM", "CuDNNGRU"):
            found.append((layer.name, kind, True))
        elif any(word in kind.lower() for word in SIDEWAYS):
            found.append((layer.name, kind, False))
    return found


def redundant_wrapper(subject: Subject, model: Any) -> Dict[str, Any]:
    """Gives what a TimeDistributed gets to the layer inside alone: another output is what the wrapper is there for.

    `violated`: the same output, the wrapper does nothing.  `paths`: `wrapper.layer` of those; of all, if none is.
    """
    wrappers = [layer for layer in layers_in(model) if type(layer).__name__ == "TimeDistributed"]
    if not wrappers:
        raise NotRun("the model has no TimeDistributed")
    idle = [layer for layer in wrappers if same_inside(subject, layer)]
    paths = ["{}.{}".format(layer.name, layer.layer.name) for layer in idle or wrappers]
    if idle:
        return result("violated", "the layer inside {} gives the same".format(named([w.name for w in idle])), paths)
    return result("holds", "no TimeDistributed does what its layer does alone", paths)


def same_inside(subject: Subject, wrapper: Any) -> bool:
    """Does the layer inside give the same for three random inputs of the wrapper's shape?"""
    shape = [None if s is None else int(s) for s in wrapper.input.shape]
    given = inputs_of([["x", shape, "float32", None]])[0]
    for trial in range(TRIALS):
        x = draw(given, trial, None)
        try:
            (_, alone), (_, wrapped) = next(flattened(wrapper.layer(x))), next(flattened(wrapper(x)))
        except Exception:
            return False
        if alone.shape != wrapped.shape or change(alone, wrapped) > subject.still:
            return False
    return True


def layer_use(subject: Subject, model: Any) -> Dict[str, Any]:
    """Calls the model and looks which layers in its attributes are still without weights: nothing has called them.

    `paths`: the attributes that hold such layers only; if there are none, all that hold layers.
    """
    subject.trial(0)
    places = dict(attributes_of(model))
    idle = [path for path, layers in places.items() if not any(used(layer) for layer in layers)]
    idle = [path for path in idle if not any(path.startswith(other + ".") for other in idle)]
    if idle:
        return result("violated", "never called: " + named(idle), idle)
    if not places:
        raise NotRun("no attribute of the model holds a layer")
    return result("holds", "every layer in an attribute is called", list(places))


def used(layer: Any) -> bool:
    """Was the layer called, or given its weights by a `build` that does so for its children?"""
    return bool(getattr(layer, "_called", False) or getattr(layer, "built", True))


def attributes_of(model: Any, path: str = "", depth: int = 0) -> Iterator[Tuple[str, List[Any]]]:
    """Layers by the attribute that holds them: `encoder.dense`; a list of layers is one attribute.

    With torch as its backend a model keeps them in `_modules`.
    """
    own = dict(getattr(model, "_modules", {}), **vars(model))
    for name, value in sorted(own.items(), key=lambda pair: pair[0]):
        members = list(value) if isinstance(value, (list, tuple)) else [value]
        members = list(value.values()) if isinstance(value, dict) else members
        layers = [m for m in members if hasattr(m, "count_params") and hasattr(m, "built")]
        if name.startswith("_") or not layers or len(layers) != len(members):
            continue
        yield path + name, layers
        for layer in layers if len(layers) == 1 and depth < 4 else ():
            for found in attributes_of(layer, path + name + ".", depth + 1):
                yield found
