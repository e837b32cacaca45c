"""Imports the Keras that the interpreter has, on the backend that is there, and gets it ready for many programs."""

import gc
import importlib
import importlib.util
import inspect
import os
import sys
import warnings
from typing import Any, Dict, List, Sequence, Set

from . import keras_deferral, keras_stubs, keras_watch

BACKENDS = (("jax", "jaxlib"), ("tensorflow", "tensorflow"), ("torch", "torch"))
"""In the order of what their start costs: name, package that must be there."""


class Started:
    """kerases: `keras`, and `tf.keras` where that is another one.  modern: Keras 3.  notes: of the calls converted.
    spellings: also modules that give the same classes once more (`keras` 2.15 beside `tf.keras`)."""

    def __init__(self, kerases: List[Any], text: str, modern: bool, spellings: Sequence[Any] = ()) -> None:
        self.spellings = [*kerases, *spellings]
        self.kerases, self.text, self.modern = kerases, text, modern
        self.keras = kerases[0]
        self.watch = keras_watch.Watch()
        self.notes: Set[str] = set()


def start(header: Dict[str, Any]) -> Started:
    """Raises ImportError with what is missing."""
    if is_there("keras") and is_modern():
        started = start_modern(header)
    else:
        started = start_native()
    for keras in started.spellings:
        keras_stubs.install(keras)
    for keras in started.kerases:
        keras_watch.install(keras, started.watch)
    warm_up(started)
    return started


def is_there(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except (ImportError, ValueError):
        return False


def is_modern() -> bool:
    """Keras 3, whose backends are a package; Keras 2 had a file."""
    spec = importlib.util.find_spec("keras")
    folders = list(spec.submodule_search_locations or []) if spec is not None else []
    return any(os.path.isdir(os.path.join(folder, "src", "backend")) for folder in folders)


def choose_backend(header: Dict[str, Any]) -> str:
    """The one asked for; TensorFlow for programs that use it by name; else the one that starts fastest."""
    asked = header.get("backend") or os.environ.get("KERAS_BACKEND")
    if asked:
        return str(asked)
    there = [name for name, package in BACKENDS if is_there(package)]
    if "tensorflow" in header.get("preload", []) and "tensorflow" in there:
        return "tensorflow"
    if not there:
        raise ImportError("keras is installed, but none of its backends is: jax, tensorflow or torch")
    return there[0]


def start_modern(header: Dict[str, Any]) -> Started:
    """Keras 3, which then also understands programs for Keras 1, Keras 2 and tf.keras."""
    from . import keras_arguments, keras_backend_functions, keras_names, keras_shapes

    backend = os.environ["KERAS_BACKEND"] = choose_backend(header)
    try:
        keras = importlib.import_module("keras")
    except ImportError as exc:
        raise ImportError("keras cannot be imported on its %s backend: %s" % (backend, exc)) from exc
    keras.config.disable_interactive_logging()
    warnings.filterwarnings("ignore", module="keras")  # `input_shape` in a layer: advice on style
    started = Started([keras], "keras %s (%s)" % (keras.__version__, backend), True)
    keras_deferral.install(keras)
    keras_arguments.install(keras, started.notes)
    keras_backend_functions.install(keras)
    keras_names.install(keras)
    keras_shapes.install(keras, started.watch, started.notes)
    if backend == "tensorflow":
        tensorflow: Any = importlib.import_module("tensorflow")
        tensorflow.keras = keras
    else:
        forget_tensorflow()
    return started


def forget_tensorflow() -> None:
    """Keras asks whether TensorFlow is there by importing it: it must not find what stands for it."""
    module_utils = importlib.import_module("keras.src.utils.module_utils")

    def missing() -> None:
        raise ImportError("This requires the tensorflow module. You can install it via `pip install tensorflow`")

    module_utils.tensorflow._available = False
    module_utils.tensorflow.initialize = missing


def start_native() -> Started:
    """Keras 1 or 2, and `tf.keras` of TensorFlow 1 or 2, as they are."""
    if not (is_there("keras") or is_there("tensorflow")):
        raise ImportError("No module named 'keras' (nor 'tensorflow', which has one) in %s" % sys.executable)
    kerases: List[Any] = []
    spellings: List[Any] = []
    text = ""
    if is_there("tensorflow"):
        tensorflow = importlib.import_module("tensorflow")
        text = "tensorflow %s" % tensorflow.__version__
        if hasattr(getattr(tensorflow, "debugging", None), "disable_traceback_filtering"):
            tensorflow.debugging.disable_traceback_filtering()  # messages and frames as they are
        bundled = getattr(tensorflow, "keras", None)
        if bundled is not None and hasattr(bundled, "models"):
            kerases.append(bundled)
    if is_there("keras"):
        os.environ.setdefault("KERAS_BACKEND", "tensorflow")
        keras = importlib.import_module("keras")
        if any(one.layers.Layer is keras.layers.Layer for one in kerases):
            spellings.append(keras)
        else:
            kerases.insert(0, keras)
        text = "keras %s%s" % (keras.__version__, text and " (%s)" % text)
    if not kerases:
        raise ImportError("%s has no Keras" % text)
    without_autograph()
    return Started(kerases, text, False, spellings)


def without_autograph() -> None:
    """It would translate `call` from the source on disk, whose expressions do not report."""
    for name, module in list(sys.modules.items()):
        if "autograph" in name and name.startswith("tensorflow") and callable(vars(module).get("tf_convert")):
            module.tf_convert = _as_it_is  # type: ignore[attr-defined]


def _as_it_is(function: Any, *args: Any, **kwargs: Any) -> Any:
    return function


def warm_up(started: Started) -> None:
    """What Keras imports and traces only at the first use, paid once; no tensor is computed, so no thread starts."""
    if started.modern:
        layers = started.keras.layers
        image = [layers.Conv2D(2, 3), layers.BatchNormalization(), layers.MaxPooling2D(), layers.Flatten()]
        started.keras.Sequential([started.keras.Input((8, 8, 3)), *image, layers.Dense(2)])
    begin(started)
    if hasattr(gc, "freeze"):
        gc.freeze()


def begin(started: Started) -> None:
    """For a new program: names count from the start again."""
    if started.modern:
        clear = started.keras.utils.clear_session
        # in a forked child a garbage collection would copy all pages of the parent
        clear(**{"free_memory": False} if "free_memory" in inspect.signature(clear).parameters else {})
        started.keras.config.disable_traceback_filtering()  # messages and frames as they are
    else:
        for keras in started.kerases:
            keras.backend.clear_session()
    started.notes.clear()
