"""Modules made of the names of other modules, and what stands for names that are gone.

Importing something that a current TensorFlow lacks is harmless; using it fails and says what to do.
"""

import importlib
import importlib.abc
import importlib.machinery
import types
from typing import Any, Dict, List, Optional, Sequence

OF_SLIM = ("layers", "slim", "framework", "losses", "metrics", "training")
"""Parts of tf.contrib that tf_slim continues."""


class NotAvailable(NotImplementedError):
    """Something of TensorFlow 1 that was used and that the installed TensorFlow has no longer."""


def lacking(path: str) -> str:
    """What to do about a name of TensorFlow 1 that is not there."""
    way = "give an interpreter that has TensorFlow 1 (--python)"
    parts = path.split(".")
    if parts[1:2] == ["contrib"] and parts[2:3] and parts[2] in OF_SLIM and optional("tf_slim") is None:
        way = "install tf_slim, or " + way
    if parts[1:3] == ["contrib", "rnn"] and optional("tf_keras") is None:
        way = "install tf_keras, or " + way
    return "%s is not in this TensorFlow: %s" % (path, way)


class Absent(type):
    """Class of what is absent: can be imported, subclassed and asked for attributes; using it raises NotAvailable."""

    def __getattr__(cls, name: str) -> "Absent":
        if name.startswith("_"):
            raise AttributeError(name)
        return absent("%s.%s" % (cls.__doc__, name))

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        raise NotAvailable(lacking(str(cls.__doc__)))


def not_there(exc: BaseException) -> BaseException:
    """NotAvailable for what only TensorFlow 1 has, or needs tf_keras; any other exception as it is."""
    name = getattr(exc, "name", None) or ""
    if "not available with Keras 3" in str(exc) or (isinstance(exc, ImportError) and name.split(".")[0] == "tf_keras"):
        text = "tf.layers, batch normalization and RNN cells of a current TensorFlow need tf_keras: install it"
        return NotAvailable(text).with_traceback(exc.__traceback__)
    if not (isinstance(exc, ImportError) and name.split(".")[0] == "tensorflow"):
        return exc
    if str(exc).startswith("cannot import name '"):
        name += "." + str(exc).split("'")[1]
    return NotAvailable(lacking(name)).with_traceback(exc.__traceback__)


def absent(path: str) -> Absent:
    """A stand-in for `tf.contrib.seq2seq.TrainingHelper` and whatever else is named."""
    return Absent(path.rsplit(".", 1)[-1], (), {"__doc__": path})


class Names(types.ModuleType):
    """A module made of the names of other modules: the first that has one provides it.

    nested: its sub-modules are found by import, `tensorflow.contrib.layers.python.layers`.
    """

    def __init__(
        self, name: str, sources: Sequence[Any], extra: Optional[Dict[str, Any]] = None, nested: bool = False
    ) -> None:
        super(Names, self).__init__(name)
        self.__path__: List[str] = []
        self._sources, self._nested = list(sources), nested
        self.__dict__.update(extra or {})

    def __getattr__(self, name: str) -> Any:
        if name == "__all__":
            return sorted({each for source in self._sources for each in dir(source) if not each.startswith("_")})
        if name.startswith("__"):
            raise AttributeError(name)
        for source in self._sources:
            value = getattr(source, name, None)
            if value is not None and not isinstance(value, Absent):
                return value
        if name in ("python", "ops") or (self._nested and name.islower()):
            return importlib.import_module("%s.%s" % (self.__name__, name))
        return absent(self.__name__.replace("tensorflow.", "tf.", 1) + "." + name)


class Alias(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """A package under another name: the modules themselves, no copies; the first of several that has it."""

    def __init__(self, name: str, *real: str) -> None:
        self.name, self.real = name, real

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name != self.name and not name.startswith(self.name + "."):
            return None
        for real in self.real:
            try:
                module = importlib.import_module(real + name[len(self.name) :])
            except ImportError:
                continue
            return importlib.machinery.ModuleSpec(name, self, loader_state=(module, module.__spec__))
        return None

    def create_module(self, spec: Any) -> Any:
        return spec.loader_state[0]

    def exec_module(self, module: Any) -> None:
        """It is loaded already: give it back the specification that the import just replaced."""
        module.__spec__ = module.__spec__.loader_state[1]


def optional(name: str) -> Any:
    """A module, or None where it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None
