"""Builds a class or calls a function of the user once, and calls what came of it with inputs."""

from typing import Any, Dict, List, Tuple

from . import keras_facts, keras_inputs, keras_start, keras_watch
from .keras_passes import Passes, known
from .keras_start import Started


class Built:
    """models: (name, model).  passes: what was recorded.  output: of the call, None before it.
    callable: the one model that has no inputs of its own and so is to be called."""

    def __init__(self, models: List[Tuple[str, Any]], passes: Passes) -> None:
        self.models, self.passes = models, passes
        self.output: Any = None
        waiting = [model for _, model in models if not has_inputs(model)]
        self.callable: Any = waiting[0] if len(waiting) == 1 == len(models) else None


def build(started: Started, made: Any, job: Any, given: List[Any]) -> Built:
    """A fresh instance.  given: the symbolic inputs that the arguments contain, filled by `job.call`."""
    keras_start.begin(started)
    passes = started.watch.begin(job.recorder, job.user_files)
    del given[:]
    args, kwargs = job.call
    value = made(*args, **kwargs)
    return Built(models_in(started, value, given, job.target["name"]), passes)


def models_in(started: Started, value: Any, given: List[Any], name: str) -> List[Tuple[str, Any]]:
    """Models of what a function or class gave: itself, its items, those it made on the way, or one around tensors."""
    layer = tuple(keras.layers.Layer for keras in started.kerases)
    if isinstance(value, layer):
        return [(name, value)]
    items = list(value.items()) if isinstance(value, dict) else []
    if isinstance(value, (list, tuple)):
        items = [(str(index), one) for index, one in enumerate(value)]
    found = [("%s[%s]" % (name, key), one) for key, one in items if isinstance(one, layer)]
    if found:
        return found
    on_the_way = keras_watch.outermost_models(started.watch)
    if on_the_way:
        return [(name if len(on_the_way) == 1 else str(getattr(m, "name", name)), m) for m in on_the_way]
    tensors = [one for _, one in items] if items else [value]
    if given and all(hasattr(one, "shape") for one in tensors):
        with started.watch.unseen():
            return [(name, started.keras.models.Model(list(given), tensors if len(tensors) > 1 else tensors[0]))]
    return []


def has_inputs(model: Any) -> bool:
    """Is it a graph of layers already?"""
    try:
        return bool(getattr(model, "inputs", None)) and bool(getattr(model, "outputs", None))
    except Exception:  # Keras 2: a property that raises before the model was called
        return False


def call(started: Started, built: Built, specs: List[List[Any]]) -> None:
    """Calls the model on symbolic inputs of known sizes."""
    model = built.callable
    keras = next((one for one in started.kerases if isinstance(model, one.layers.Layer)), started.keras)
    inputs = [keras_inputs.symbolic(keras, spec) for spec in specs]
    args, kwargs = keras_inputs.arranged(model, [spec[0] for spec in specs], inputs)
    if keras.__name__ == "keras" and keras.__version__[:3] in ("2.2", "2.3") and hasattr(model, "_set_inputs"):
        model._set_inputs(args[0] if len(args) == 1 else args)  # it cannot call a subclass on an Input
        built.output = model.outputs[0] if len(model.outputs) == 1 else model.outputs
    else:
        built.output = model(*args, **kwargs)


def call_on_numbers(built: Built, specs: List[List[Any]]) -> None:
    """Calls the model on arrays; the first time builds it, so only the second counts."""
    arrays = [keras_inputs.concrete(spec) for spec in specs]
    args, kwargs = keras_inputs.arranged(built.callable, [spec[0] for spec in specs], arrays)
    mark = built.passes.position()
    built.callable(*args, **kwargs)
    built.passes.rewind(mark)
    built.output = built.callable(*args, **kwargs)


def weight(built: Built) -> int:
    """Parameters that exist so far."""
    return sum(keras_facts.size_of(one) for _, model in built.models for one in getattr(model, "weights", []))


def shapes_of(models: List[Tuple[str, Any]]) -> List[Any]:
    """Shapes of the inputs of functional models, one after the other."""
    shapes = []
    for _, model in models:
        if has_inputs(model):
            for one in model.inputs:
                shapes.append([keras_facts.size_or_none(size) for size in one.shape])
    return shapes


def taken(built: Built, files: Any) -> Dict[str, Any]:
    """Visits, values and owners."""
    owners: Dict[int, str] = {}
    for _, model in built.models:
        for key, path in keras_facts.owners_of(model, files).items():
            owners.setdefault(key, path)
    return built.passes.clean(built.passes.recorder.take(owners))


def facts(built: Built, files: Any) -> List[Dict[str, Any]]:
    """The `models` of a result."""
    return [keras_facts.built_model(name, model, built.passes, files) for name, model in built.models]


def one_run(built: Built, files: Any, attempt: int, strategy: str, shapes: List[Any]) -> Dict[str, Any]:
    """One entry of `runs`."""
    body = dict(taken(built, files), attempt=attempt, strategy=strategy, shapes=shapes, guards=[])
    output = built.output
    if output is None and len(built.models) == 1 and has_inputs(built.models[0][1]):
        outputs = list(built.models[0][1].outputs or [])
        output = outputs[0] if len(outputs) == 1 else outputs
    body["output"] = known(built.passes.recorder.describe(output))
    return body
