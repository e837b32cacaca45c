"""How single models are built and called.

[tool.archlint.models."pkg.models:UNet"]      # or "pkg/models.py::UNet"
inputs = { image = ["N", 3, "H", "W"] }       # or "(N, 3, H, W)" for the first input
args = { classes = 10 }

[[tool.archlint.model]]                       # the same
target = "pkg.models:UNet"
args = [3]
kwargs = { classes = 10 }
inputs = ["(N, 3, H, W)"]
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from archlint.configuration.kinds import ConfigurationError, toml
from archlint.configuration.settings import Settings, Stated
from archlint.options import ModelSetup, parse_shape

if TYPE_CHECKING:
    from archlint.dims import Size


@dataclass(frozen=True, slots=True)
class ConfiguredModel:
    """A model by the path of its file (as far as it is stated) and its name there."""

    path: str
    name: str
    setup: ModelSetup


def models_of(settings: Settings) -> tuple[ConfiguredModel, ...]:
    """Every model that the configuration speaks of.  Raises ConfigurationError."""
    return tuple(_model(target, one) for target, one in _stated(settings))


def setups(models: tuple[ConfiguredModel, ...], path: str) -> dict[str, ModelSetup]:
    """The models of a file (absolute path), by name; a package may lie in `src`, so the end of the path decides."""
    place = path.replace(os.sep, "/")
    if place.endswith("/__init__.py"):
        place = place.removesuffix("/__init__.py") + ".py"
    return {model.name: model.setup for model in models if place.endswith("/" + model.path)}


def _stated(settings: Settings) -> Iterator[tuple[str, Stated]]:
    for array in settings.everywhere("model"):
        for one in array.value:
            target = one.get("target")
            if target is None:
                raise ConfigurationError(f'{array.origin}: [[model]] has no target = "package.module:Net"')
            yield target, Stated(one, array.origin, array.folder)
    yield from settings.table("models").items()


def _model(target: str, stated: Stated) -> ConfiguredModel:
    one: Mapping[str, Any] = stated.value
    where = f"{stated.origin}: {target}"
    if ":" not in target.strip(":"):
        raise ConfigurationError(f"{where}: a model is written 'package.module:Net' or 'folder/file.py::Net'")
    args, kwargs = one.get("args", []), dict(one.get("kwargs", {}))
    if isinstance(args, Mapping):
        twice = sorted(args.keys() & kwargs.keys())
        if twice:
            raise ConfigurationError(f"{where}: '{twice[0]}' is given by args and by kwargs")
        kwargs.update(args)
        args = []
    try:
        inputs = tuple(_inputs(one.get("inputs", {})))
    except ValueError as error:
        raise ConfigurationError(f"{where}: {error}") from None
    return ConfiguredModel(*_place(target), ModelSetup(tuple(args), kwargs, inputs))


def _inputs(value: Any) -> Iterator[tuple[str, tuple[Size, ...]]]:
    """Shapes by name; "" is the first input."""
    if isinstance(value, Mapping):
        yield from ((name, _shape(shape)) for name, shape in value.items())
    elif isinstance(value, list) and any(isinstance(one, list) or _is_shape(one) for one in value):
        if len(value) > 1:
            raise ValueError("several inputs need names: inputs = { image = '(N, 3, H, W)' }")
        yield "", _shape(value[0])
    elif value != []:
        yield "", _shape(value)


def _is_shape(value: Any) -> bool:
    return isinstance(value, str) and value.lstrip().startswith(("(", "["))


def _shape(value: Any) -> tuple[Size, ...]:
    """`"(N, 3, H, W)"`, also with a type behind it (`:float32`), or `["N", 3, "H", "W"]`."""
    if isinstance(value, str):
        return parse_shape(value.partition(":")[0])
    if not isinstance(value, list) or any(isinstance(s, bool) or not isinstance(s, (int, str)) for s in value):
        raise ValueError(f'{toml(value)} is not a shape like ["N", 3, 32, 32]')
    return parse_shape("(" + "".join(f"{size}," for size in value) + ")")


def _place(target: str) -> tuple[str, str]:
    """`pkg.models:UNet` and `pkg/models.py::UNet` as (path, name)."""
    left, _, name = target.rpartition(":")
    left = left.rstrip(":")
    return (left if left.endswith(".py") else left.replace(".", "/") + ".py").removeprefix("./"), name
