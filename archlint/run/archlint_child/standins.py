"""Stand-ins for packages that are not installed: `import wandb` must not keep a model from being built."""

import ast
import importlib.machinery
import os
import sys
from types import FrameType, ModuleType
from typing import Any, Dict, Iterator, List, Optional, Tuple

from . import descriptors

NEVER = frozenset(["torch", "torchvision", "keras", "tensorflow", "tf_keras", "tf_slim", "jax", "jaxlib", "numpy"])
CATCHES_IMPORT_ERROR = frozenset(["ImportError", "ModuleNotFoundError", "Exception", "BaseException"])
MISSING = "__archlint_missing__"


class StandIn(object):
    """Anything of a package that is not installed.

    Inert while a file is imported and when it decorates (`@registry.register()`); a call with a tensor, whose
    result the model would go on with, raises ModuleNotFoundError.
    """

    def __init__(self, name: str) -> None:
        self.__dict__["_name"] = name

    def __repr__(self) -> str:
        return "<%s, which is not installed>" % self._name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return StandIn("%s.%s" % (self._name, name))

    def __setattr__(self, name: str, value: Any) -> None:
        pass

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        given = list(args) + list(kwargs.values())
        if any(descriptors.is_tensor(value) for value in given):
            raise ModuleNotFoundError("%s was called, but %s is not installed" % (self._name, package(self._name)))
        if len(given) == 1 == len(args) and (isinstance(args[0], type) or hasattr(args[0], "__code__")):
            return args[0]  # a decorator
        return StandIn(self._name + "()")

    def __mro_entries__(self, bases: Tuple[Any, ...]) -> Tuple[type, ...]:
        return (type(self._name.rpartition(".")[2], (object,), {MISSING: self._name}),)

    def __getitem__(self, key: Any) -> Any:
        return StandIn(self._name + "[]")

    def __setitem__(self, key: Any, value: Any) -> None:
        pass

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *raised: Any) -> None:
        pass


class StandInModule(ModuleType):
    """A package that is not installed, or a module of it."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return StandIn("%s.%s" % (self.__name__, name))


class Finder(object):
    """Last of `sys.meta_path`: what nobody found, asked for by a file of the user, is stood in for."""

    def __init__(self, files: Dict[str, str]) -> None:
        self.files = files
        self.mocked: List[str] = []

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """The spec of a stand-in, or None."""
        top = package(name)
        if top in NEVER or not (name == top or isinstance(sys.modules.get(top), StandInModule)):
            return None
        if name == top:
            asking = asking_frame(sys._getframe(1))
            if asking is None or asking.f_code.co_filename not in self.files:
                return None  # a framework's own optional import
            if is_guarded(self.files[asking.f_code.co_filename], asking.f_lineno):
                return None  # `try: import apex … except ImportError:` knows what to do
            self.mocked.append(name)
        loader: Any = self
        return importlib.machinery.ModuleSpec(name, loader, is_package=True)

    def create_module(self, spec: Any) -> ModuleType:
        """The stand-in."""
        return StandInModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing runs."""

    def invalidate_caches(self) -> None:
        """Nothing is cached."""


def mock_missing(files: Dict[str, str]) -> Finder:
    """From now on imports that nobody finds are stood in for; `.mocked` names them."""
    finder = Finder(files)
    sys.meta_path.append(finder)
    return finder


def missing_base(cls: Any) -> str:
    """`pytorch_lightning.LightningModule` for a class that inherits from a stand-in, else ""."""
    if isinstance(cls, StandIn):  # Python 3.6: the class statement itself made a stand-in
        return str(cls._name)
    name = getattr(cls, MISSING, "")
    return name if isinstance(name, str) else ""


def package(name: str) -> str:
    """`a` of `a.b.c`."""
    return name.partition(".")[0]


def asking_frame(frame: Optional[FrameType]) -> Optional[FrameType]:
    """The frame of the import statement; None when `importlib.util.find_spec` asks, which wants the truth."""
    while frame is not None:
        file, name = frame.f_code.co_filename, frame.f_code.co_name
        if name == "find_spec" and "importlib" in file and "util" in file:
            return None
        if not (file.startswith("<frozen") or os.path.basename(os.path.dirname(file)) == "importlib"):
            return frame
        frame = frame.f_back
    return None


def is_guarded(text: str, line: int) -> bool:
    """Does the program itself handle that the import of this line fails?"""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    for node in ast.walk(tree):
        if isinstance(node, ast.Try) and any(catches_import_error(handler) for handler in node.handlers):
            lines = [n.lineno for part in node.body for n in ast.walk(part) if hasattr(n, "lineno")]
            if lines and min(lines) <= line <= max(lines):
                return True
    return False


def catches_import_error(handler: ast.ExceptHandler) -> bool:
    """`except:`, `except ImportError`, `except (ImportError, OSError)`."""
    if handler.type is None:
        return True
    return any(isinstance(node, ast.Name) and node.id in CATCHES_IMPORT_ERROR for node in ast.walk(handler.type))
