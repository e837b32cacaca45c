"""Module names that Keras had (`keras.layers.core`, `keras.engine.topology`, `tensorflow.python.keras`) as Keras 3."""

import importlib
import importlib.machinery
import sys
from types import ModuleType
from typing import Any, Dict, Optional

from .standins import StandInModule

PREFIXES = ("tensorflow.keras", "tensorflow.python.keras", "tensorflow.contrib.keras", "tensorflow.compat.v2.keras",
            "tensorflow.compat.v1.keras", "tf_keras")  # fmt: skip
LAYERS = frozenset([
    "core", "convolutional", "recurrent", "pooling", "normalization", "embeddings", "merge", "advanced_activations",
    "wrappers", "noise", "local", "convolutional_recurrent", "cudnn_recurrent", "dense_attention", "recurrent_v2",
    "normalization_v2", "merging", "regularization", "reshaping", "rnn", "attention",
])  # fmt: skip
UTILS = frozenset([
    "np_utils", "vis_utils", "visualize_util", "generic_utils", "layer_utils", "data_utils", "training_utils",
    "conv_utils", "io_utils",
])  # fmt: skip
OF_ENGINE = ("Layer", "Input", "InputSpec", "InputLayer", "Model", "Sequential")
MOVED = {"objectives": "losses", "optimizers": "optimizers", "models": "models", "backend": "backend"}


class Finder:
    """Of `sys.meta_path`: makes the old names of modules lead to the modules of Keras 3."""

    def __init__(self, keras: Any) -> None:
        self.keras = keras

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """The spec of an old name, or None."""
        module = self._module(name)
        if module is None:
            return None
        return importlib.machinery.ModuleSpec(name, Loader(module), is_package=True)  # type: ignore[arg-type]

    def invalidate_caches(self) -> None:
        """Nothing is cached."""

    def _module(self, name: str) -> Optional[Any]:
        if name.startswith("keras."):
            return self._of_keras(name)
        for prefix in PREFIXES:
            if name == prefix or name.startswith(prefix + "."):
                try:
                    return importlib.import_module("keras" + name[len(prefix) :])
                except ImportError:
                    return None
        return None

    def _of_keras(self, name: str) -> Optional[Any]:
        """Only names that Keras 3 has not: `keras.layers` itself is found as always."""
        parts = name.split(".")[1:]
        if parts[0] in ("src", "_tf_keras", "_legacy"):
            return None
        if parts[0] == "layers" and len(parts) == 2 and parts[1] in LAYERS:
            return self.keras.layers
        if parts[0] in ("engine", "legacy") and parts != ["legacy"]:
            return _engine(name, self.keras)
        if parts[0] == "utils" and len(parts) == 2 and parts[1] in UTILS:
            return _utils(name, self.keras)
        if parts[0] in MOVED and (len(parts) > 1 or parts[0] == "objectives"):
            return getattr(self.keras, MOVED[parts[0]])
        if parts[:1] == ["preprocessing"] and len(parts) == 2:
            return _preprocessing(name, parts[1])
        return StandInModule(name) if parts[0] == "wrappers" and len(parts) > 1 else None


class Loader:
    """Gives a module that exists under another name, whose own `__spec__` stays what it is."""

    def __init__(self, module: Any) -> None:
        self.module = module

    def create_module(self, spec: Any) -> Any:
        """The existing module; the import system then overwrites what says where it comes from."""
        self.kept = {
            name: getattr(self.module, name, None) for name in ("__spec__", "__loader__", "__path__", "__package__")
        }
        return self.module

    def exec_module(self, module: Any) -> None:
        """It has run; its own names are put back."""
        for name, value in self.kept.items():
            if value is not None:
                setattr(module, name, value)


def _copy(name: str, source: Any) -> ModuleType:
    module = ModuleType(name)
    module.__dict__.update({key: value for key, value in vars(source).items() if not key.startswith("__")})
    return module


def _engine(name: str, keras: Any) -> ModuleType:
    """`keras.engine.topology`: where layers and models were defined."""
    module = ModuleType(name)
    module.__path__ = []
    found: Dict[str, Any] = {key: getattr(keras, key, None) or getattr(keras.layers, key) for key in OF_ENGINE}
    module.__dict__.update(
        found, Network=keras.Model, Container=keras.Model, Functional=keras.Model, merge=keras.layers.merge
    )
    return module


def _utils(name: str, keras: Any) -> ModuleType:
    module = _copy(name, keras.utils)
    nothing = ("plot", "plot_model", "model_to_dot", "convert_all_kernels_in_model", "print_summary")
    for key in nothing:
        setattr(module, key, lambda *args, **kwargs: None)
    module.__dict__.update(multi_gpu_model=lambda model, *args, **kwargs: model)
    return module


def _preprocessing(name: str, part: str) -> Optional[ModuleType]:
    """`ImageDataGenerator`, `Tokenizer`: Keras 3 keeps them for tf.keras alone."""
    try:
        return importlib.import_module("keras.src.legacy.preprocessing." + part)
    except ImportError:
        return None


def install(keras: Any) -> None:
    """From now on the old names can be imported; `keras.preprocessing` gets back what it lost."""
    sys.meta_path.insert(0, Finder(keras))
    for part in ("image", "sequence", "text"):
        module = _preprocessing("", part)
        if module is not None:
            there = getattr(keras.preprocessing, part, None)
            if there is not None:
                for key, value in vars(there).items():
                    setattr(module, key, value) if not key.startswith("__") else None
            setattr(keras.preprocessing, part, module)
            sys.modules["keras.preprocessing." + part] = module
