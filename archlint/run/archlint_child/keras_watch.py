"""Watches a Keras while a program builds models: which models, what each layer gave, what failed first."""

import contextlib
import importlib
import sys
from typing import Any, Callable, Dict, Iterator, List, Tuple

from .keras_passes import Passes
from .keras_signatures import replace


class Watch:
    """models: in the order they were made.  by_framework: ids of those that Keras itself made (VGG16's block).
    errors: exceptions that left the outermost layer call or `add`, once per model."""

    def __init__(self) -> None:
        self.files: Any = frozenset()
        self.models: List[Any] = []
        self.by_framework: Any = set()
        self.errors: List[BaseException] = []
        self.hidden = 0
        self.broken: Any = set()
        self.passes: Any = None

    def begin(self, recorder: Any, files: Any) -> Passes:
        """For a new target, or a new instance of it."""
        recorder.reset()
        self.files = files
        self.models, self.errors = [], []
        self.by_framework, self.broken = set(), set()
        self.passes = passes = Passes(recorder)
        return passes

    @contextlib.contextmanager
    def unseen(self) -> Iterator[None]:
        """Inside, nothing is noted: it is not the user's program that acts."""
        passes, self.passes = self.passes, None
        self.hidden += 1
        try:
            yield
        finally:
            self.passes = passes
            self.hidden -= 1

    def made(self, model: Any) -> None:
        if self.hidden or any(model is one for one in self.models):
            return
        self.models.append(model)
        if not _asked_by_user(sys._getframe(2), self.files):
            self.by_framework.add(id(model))

    def failed(self, exc: BaseException) -> None:
        if isinstance(exc, Exception) and not any(exc is one for one in self.errors):
            self.errors.append(exc)


def _asked_by_user(frame: Any, files: Any) -> bool:
    """Is the first frame that is not of Keras' model classes one of the user's?"""
    while frame is not None:
        path = frame.f_code.co_filename.replace("\\", "/")
        inside = any(
            part in path for part in ("/models/", "/engine/", "traceback_utils", "archlint_child", "/trackable/")
        )
        if path in files or frame.f_code.co_filename in files:
            return True
        if not inside and not path.startswith("<"):
            return False
        frame = frame.f_back
    return False


def install(keras: Any, watch: Watch) -> None:
    """Hooks a Keras of any version; of Keras 3 also its shape inference."""
    classes = [keras.models.Sequential, keras.models.Model]
    if _major(keras) >= 3:
        classes.insert(0, importlib.import_module("keras.src.models.functional").Functional)
        backend: Any = importlib.import_module("keras.src.backend")
        infer = backend.compute_output_spec
        tree = keras.tree

        def compute_output_spec(fn: Any, *args: Any, **kwargs: Any) -> Any:
            if watch.passes is None:
                return infer(fn, *args, **kwargs)
            return watch.passes.traced(infer, tree.flatten)(fn, *args, **kwargs)

        backend.compute_output_spec = compute_output_spec
    for cls in classes:
        _watch_making(cls, watch)
    _watch_sequential(keras.models.Sequential, watch)
    _watch_calls(keras.layers.Layer, watch)


def _major(keras: Any) -> int:
    version = str(getattr(keras, "__version__", "2"))
    return int(version.split(".")[0]) if version.split(".")[0].isdigit() else 2


def _watch_making(cls: Any, watch: Watch) -> None:
    init = cls.__init__

    def made(self: Any, *args: Any, **kwargs: Any) -> None:
        watch.made(self)
        init(self, *args, **kwargs)

    replace(cls, "__init__", made)


def _watch_sequential(cls: Any, watch: Watch) -> None:
    """Building one makes a hidden functional model; after a failing `add` every further one would fail alike."""
    build, add = cls.build, cls.add

    def quiet_build(self: Any, *args: Any, **kwargs: Any) -> Any:
        watch.hidden += 1
        try:
            if watch.passes is None:
                return build(self, *args, **kwargs)
            with watch.passes.one_build(self):
                return build(self, *args, **kwargs)
        finally:
            watch.hidden -= 1

    def first_failure(self: Any, layer: Any, *args: Any, **kwargs: Any) -> Any:
        if id(self) in watch.broken:
            return None
        try:
            _batch_of_input(self, layer, add)
            return add(self, layer, *args, **kwargs)
        except Exception as exc:
            watch.broken.add(id(self))
            watch.failed(exc)
            raise

    replace(cls, "build", quiet_build)
    replace(cls, "add", first_failure)


def _batch_of_input(model: Any, layer: Any, add: Callable[..., Any]) -> None:
    """`LSTM(8, stateful=True, batch_input_shape=(32, 10, 16))` first: Keras 3 has no word for the batch there."""
    shape = getattr(layer, "_batch_shape_of_input", None)
    if shape is not None and not model._layers:
        add(model, importlib.import_module("keras.layers").InputLayer(batch_shape=shape))


def _watch_calls(cls: Any, watch: Watch) -> None:
    call = cls.__call__

    def watched(self: Any, *args: Any, **kwargs: Any) -> Any:
        passes = watch.passes
        if passes is None:
            return call(self, *args, **kwargs)
        outermost = passes.depth == 0
        try:
            with passes.one_call():
                result = with_sizes(call(self, *args, **kwargs))
                passes.note_output(self, result)
                return result
        except Exception as exc:
            if outermost:
                watch.failed(exc)
            raise

    replace(cls, "__call__", watched)


def with_sizes(result: Any) -> Any:
    """Keras 2 knows sizes that TensorFlow does not (`Flatten`): they are written into the tensor."""
    for tensor in result if isinstance(result, list) else [result]:
        shape = getattr(tensor, "_keras_shape", None)
        if shape is not None and hasattr(tensor, "set_shape"):
            with contextlib.suppress(ValueError):
                tensor.set_shape(shape)
    return result


def outermost_models(watch: Watch) -> List[Any]:
    """The models of a program: those it made itself, and those of Keras that are no part of another."""
    inner = {id(layer) for model in watch.models for layer in _inside(model)}
    return [model for model in watch.models if id(model) not in watch.by_framework or id(model) not in inner]


def _inside(model: Any) -> List[Any]:
    try:
        return list(model.layers)
    except Exception:  # its own constructor failed
        return []


def named_in(namespace: Dict[str, Any], models: List[Any]) -> List[Tuple[str, Any]]:
    """Models with the name of the variable that holds them at the end, else their own."""
    names: Dict[int, str] = {}
    for name, value in namespace.items():
        names.setdefault(id(value), name)
    return [(names.get(id(model)) or str(getattr(model, "name", "")), model) for model in models]
