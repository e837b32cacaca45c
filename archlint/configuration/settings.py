"""What holds in a directory: the layers of configuration that apply there, the last of them first.

configuration = Configuration()                 # of the files; `overrides` are what the command line says
settings = configuration.at("src/models")
settings.get("output-format")                   # "full"
settings.stated("output-format").origin         # "archlint.toml"
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from archlint.configuration.keys import KEYS
from archlint.configuration.kinds import Key
from archlint.configuration.reading import Layer, layers_of, stated_in


@dataclass(frozen=True, slots=True)
class Stated:
    """A value, where it is stated, and where its relative paths start."""

    value: Any
    origin: str = "default"
    folder: str = ""

    @property
    def path(self) -> str:
        """The value as an absolute path."""
        return os.path.normpath(os.path.join(self.folder or os.getcwd(), os.path.expanduser(self.value)))


@dataclass(frozen=True, slots=True)
class Settings:
    """The layers that hold in a directory, farthest first.

    file: the configuration file nearest to it, or "".  folder: where the default patterns start.
    """

    layers: tuple[Layer, ...] = ()
    file: str = ""
    folder: str = ""

    def get(self, *way: str) -> Any:
        """The value of a key, `get("verify", "timeout")` in a table, or its default."""
        return self.stated(*way).value

    def stated(self, *way: str) -> Stated:
        """The value of a key where it is stated last, or its default."""
        for layer in reversed(self.layers):
            value = _held(layer.values, way)
            if value is not None:
                return Stated(value, layer.origin, layer.folder)
        key = declared(*way)
        return Stated(None if key is None else key.default, folder=self.folder)

    def everywhere(self, *way: str) -> list[Stated]:
        """Each statement of a key, farthest first."""
        found = [(layer, _held(layer.values, way)) for layer in self.layers]
        return [Stated(value, layer.origin, layer.folder) for layer, value in found if value is not None]

    def table(self, *way: str) -> dict[str, Stated]:
        """The keys of a table, each where it is stated last."""
        return {
            key: Stated(value, one.origin, one.folder)
            for one in self.everywhere(*way)
            for key, value in one.value.items()
        }


def _held(values: Mapping[str, Any], way: tuple[str, ...]) -> Any:
    found: Any = values
    for name in way:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def declared(*way: str) -> Key | None:
    """The declaration of a key."""
    keys: tuple[Key, ...] = KEYS
    found: Key | None = None
    for name in way:
        found = next((key for key in keys if key.name == name), None)
        keys = found.kind.keys if found is not None else ()
    return found


@dataclass(slots=True)
class Configuration:
    """The settings of directories: of the nearest file at or above each, below what the command line says.

    over: layers of the command line and the environment, which go before files.
    only: layers that hold everywhere instead of files (`--config FILE`, `--isolated`); None: files are looked for.
    """

    over: tuple[Layer, ...] = ()
    only: tuple[Layer, ...] | None = None
    only_file: str = ""
    _known: dict[str, Settings] = field(default_factory=dict, repr=False)
    _read: dict[str, tuple[str, tuple[Layer, ...]] | None] = field(default_factory=dict, repr=False)

    def under(self, layer: Layer) -> Configuration:
        """The same with one more layer over all."""
        return Configuration((*self.over, layer), self.only, self.only_file, _read=self._read)

    @classmethod
    def of_file(cls, path: str, over: tuple[Layer, ...] = (), folder: str = "") -> Configuration:
        """One file for all directories; its relative paths start in `folder`, the working directory, as Ruff has it."""
        return cls(over, layers_of(path, folder or os.getcwd()), os.path.abspath(path))

    def at(self, folder: str) -> Settings:
        """What holds in a directory.  Raises ConfigurationError for a file that cannot be used."""
        folder = os.path.abspath(folder)
        if folder not in self._known:
            self._known[folder] = self._at(folder)
        return self._known[folder]

    def _at(self, folder: str) -> Settings:
        if self.only is not None:
            return Settings((*self.only, *self.over), self.only_file, os.getcwd())
        if folder not in self._read:
            path = stated_in(folder)
            self._read[folder] = None if path is None else (path, layers_of(path))
        found = self._read[folder]
        if found is not None:
            return Settings((*found[1], *self.over), found[0], folder)
        above = os.path.dirname(folder)
        return Settings(self.over, folder=os.getcwd()) if above == folder else self.at(above)

    def files(self) -> list[str]:
        """The configuration files that were found to hold somewhere."""
        return sorted({settings.file for settings in self._known.values() if settings.file})
