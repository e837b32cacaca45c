"""What a framework's side is given with a target."""

import ast
import time
from types import ModuleType
from typing import Any, Callable, Dict, List, Optional, Tuple

from . import loading, scripts, standins
from .recorder import Recorder

GIVEN = "__tensor__"
DEFAULT = "__default__"


class Job(object):
    """One target in the forked child.

    files: path -> instrumented text.  tensor: makes an argument of the side out of [name, shape, dtype, high].
    deadline: `time.time()` at which the child is killed.  notes: lines for the user, free to append to.
    """

    def __init__(
        self, header: Dict[str, Any], target: Dict[str, Any], files: Dict[str, str],
        tensor: Optional[Callable[[List[Any]], Any]], timeout: float,
    ) -> None:  # fmt: skip
        self.header, self.target, self.tensor = header, target, tensor
        self.probe = bool(header.get("probe"))
        self.symbolic = bool(header.get("symbolic"))
        self.deadline = time.time() + timeout
        self.files = files
        self.user_files = set(files)
        self.recorder = Recorder()
        self.notes: List[str] = []
        self.finder = loading.install(files, header.get("roots", []))
        self._missing = standins.mock_missing(files)

    @property
    def mocked(self) -> List[str]:
        """Packages that are stood in for so far."""
        return list(self._missing.mocked)

    @property
    def call(self) -> Tuple[Tuple[Any, ...], Dict[str, Any]]:
        """(args, kwargs) of the constructor or function; tensors are made anew each time."""
        args, kwargs = ast.literal_eval(self.target.get("call") or "((), {})")
        return self._filled(args), self._filled(kwargs)

    def load(self, path: str) -> ModuleType:
        """The module of a file.  Raises what the file raises."""
        return loading.load(self.finder, path)

    def run_script(
        self, path: str, retry: Callable[..., bool] = scripts.never
    ) -> Tuple[Dict[str, Any], List[Dict[str, Any]]]:
        """(namespace, failures of skipped statements) of a file run as a script; see `scripts.run_script`."""
        loading.module_name(self.finder, path)  # its folder becomes importable
        text = self.files[path] if path in self.files else loading.source(path)
        return scripts.run_script(text, path, lambda exc: self.failure(exc, "run"), retry)

    def find(self, module: Any, name: str) -> Any:
        """`Outer.Inner` of a module.  Raises AttributeError."""
        return loading.find(module, name)

    def failure(self, exc: BaseException, phase: str, attempt: int = -1) -> Dict[str, Any]:
        """An exception of the user's program as part of the body."""
        return loading.failure(exc, phase, self.user_files, attempt)

    def missing_base(self, cls: Any) -> str:
        """The base class of a package that is not installed (`pytorch_lightning.LightningModule`), else ""."""
        return standins.missing_base(cls)

    def _filled(self, value: Any) -> Any:
        if isinstance(value, dict):
            if list(value) == [GIVEN]:
                if self.tensor is None:
                    raise TypeError("a tensor cannot be given here")
                return self.tensor(value[GIVEN])
            if list(value) == [DEFAULT]:
                path, name = value[DEFAULT]
                return self.find(self.load(path), name)()
            return {key: self._filled(one) for key, one in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)(self._filled(one) for one in value)
        return value
