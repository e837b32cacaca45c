"""What pyproject.toml says of running models: the interpreter, and how models are built and called.

[tool.archlint.verify]
python = ".venv/bin/python"
timeout = 60

[[tool.archlint.model]]
target = "pkg.models:UNet"            # or "pkg/models.py::UNet"
args = [3]
kwargs = { classes = 10 }
inputs = ["(N, 3, H, W)"]             # or { image = "(N, 3, H, W)" }
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from archlint.configuration import FILE, ConfigurationError, nearest
from archlint.dims import Size
from archlint.options import parse_shape

_KEYS = ("target", "args", "kwargs", "inputs")


@dataclass(frozen=True, slots=True)
class ConfiguredModel:
    """How one model is built: `path` of its file (from the folder of the configuration) and `name` in it.

    inputs: shapes in order, or by parameter name; a name is "" where only the order is given.
    """

    path: str
    name: str
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    inputs: tuple[tuple[str, tuple[Size, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Configured:
    """Everything that is configured for running models; empty where nothing is."""

    python: str | None = None
    timeout: float | None = None
    models: tuple[ConfiguredModel, ...] = ()

    def of_file(self, path: str) -> dict[str, ConfiguredModel]:
        """The models of a file (absolute path), by name; a module may lie in `src`, so the end of the path decides."""
        place = path.replace(os.sep, "/")
        if place.endswith("/__init__.py"):
            place = place.removesuffix("/__init__.py") + ".py"
        return {model.name: model for model in self.models if place.endswith("/" + model.path)}


def configured(start: str) -> Configured:
    """What the nearest pyproject.toml at or above a folder says; raises ConfigurationError."""
    table = nearest(start)
    return _read(table.values, table.folder) if table.folder else Configured()


def _read(table: Mapping[str, Any], folder: str) -> Configured:
    verify = table.get("verify", {})
    if not isinstance(verify, Mapping):
        raise ConfigurationError(f"{folder}/{FILE}: [tool.archlint.verify] is a table")
    python, timeout = verify.get("python", table.get("python")), verify.get("timeout")
    if python is not None and not isinstance(python, str):
        raise ConfigurationError(f"{folder}/{FILE}: tool.archlint.verify.python is the path of an interpreter")
    if timeout is not None and (isinstance(timeout, bool) or not isinstance(timeout, (int, float)) or timeout <= 0):
        raise ConfigurationError(f"{folder}/{FILE}: tool.archlint.verify.timeout is a number of seconds")
    models = table.get("model", [])
    if not isinstance(models, list):
        raise ConfigurationError(f"{folder}/{FILE}: models are written [[tool.archlint.model]]")
    interpreter = os.path.join(folder, python) if python and os.sep in python else python
    return Configured(interpreter, timeout, tuple(_model(one, f"{folder}/{FILE}") for one in models))


def _model(one: Any, where: str) -> ConfiguredModel:
    target = one.get("target") if isinstance(one, Mapping) else None
    if not isinstance(target, str) or ":" not in target:
        raise ConfigurationError(f"{where}: a model has target = 'package.module:Net' or 'folder/file.py::Net'")
    unknown = [key for key in one if key not in _KEYS]
    if unknown:
        raise ConfigurationError(f"{where}: {target}: no such key '{unknown[0]}'; there are {', '.join(_KEYS)}")
    args, kwargs, inputs = one.get("args", []), one.get("kwargs", {}), one.get("inputs", [])
    if not isinstance(args, list) or not isinstance(kwargs, Mapping) or not isinstance(inputs, (list, Mapping)):
        raise ConfigurationError(f"{where}: {target}: args is a list, kwargs a table, inputs a list of shapes")
    if isinstance(inputs, list) and len(inputs) > 1:
        raise ConfigurationError(f"{where}: {target}: several inputs need names: inputs = {{ image = '(N, 3, H, W)' }}")
    named = list(inputs.items()) if isinstance(inputs, Mapping) else [("", text) for text in inputs]
    try:
        shapes = tuple((name, parse_shape(text.partition(":")[0])) for name, text in named)
    except (ValueError, AttributeError) as error:
        raise ConfigurationError(f"{where}: {target}: {error}") from None
    path, name = _place(target)
    return ConfiguredModel(path, name, tuple(args), dict(kwargs), shapes)


def _place(target: str) -> tuple[str, str]:
    """`pkg.models:UNet` and `pkg/models.py::UNet` as (path, name)."""
    left, _, name = target.rpartition(":")
    left = left.rstrip(":")
    return (left if left.endswith(".py") else left.replace(".", "/") + ".py"), name
