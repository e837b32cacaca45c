"""Configuration files: where they are, what they state, and the files that they extend."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from archlint import __version__
from archlint.configuration.keys import TABLE
from archlint.configuration.kinds import ConfigurationError, Problem, problems

PYPROJECT = "pyproject.toml"
FILES = (".archlint.toml", "archlint.toml", PYPROJECT)
"""In one directory the first of these counts, a pyproject.toml only with a table [tool.archlint]."""

ORDERS = {
    ">=": lambda a, b: a >= b, "<=": lambda a, b: a <= b, "!=": lambda a, b: a != b, "==": lambda a, b: a == b,
    ">": lambda a, b: a > b, "<": lambda a, b: a < b,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Layer:
    """What one place states.

    origin: the place, for the user: a file, an option.  folder: where relative paths and patterns start (absolute).
    """

    values: Mapping[str, Any]
    origin: str
    folder: str


def stated_in(folder: str) -> str | None:
    """The configuration file of a directory.  Raises ConfigurationError where a pyproject.toml cannot be read."""
    for name in FILES:
        path = os.path.join(folder, name)
        if os.path.isfile(path) and (name != PYPROJECT or _table(path) is not None):
            return path
    return None


def layers_of(path: str, folder: str | None = None) -> tuple[Layer, ...]:
    """What a file and those that it extends state, the farthest first.  Raises ConfigurationError.

    folder: where its relative paths start, if not in its own.
    """
    layers: list[Layer] = []
    chain: list[str] = []
    following: str | None = os.path.abspath(path)
    while following is not None:
        if following in chain:
            names = " -> ".join(map(display, [*chain[chain.index(following) :], following]))
            raise ConfigurationError(f"{display(following)} extends itself: {names}")
        chain.append(following)
        layer = _layer(following, folder if len(chain) == 1 else None)
        layers.insert(0, layer)
        following = _extended(layer, following)
    return tuple(layers)


def _layer(path: str, folder: str | None) -> Layer:
    values = _table(path)
    if values is None:
        raise ConfigurationError(f"{display(path)} has no table [tool.archlint]")
    refuse(values, display(path), prefix(path))
    if "required-version" in values:
        refuse_other_versions(values["required-version"], display(path))
    return Layer(values, display(path), folder or os.path.dirname(path))


def _extended(layer: Layer, path: str) -> str | None:
    wanted = layer.values.get("extend")
    if wanted is None:
        return None
    there = os.path.normpath(os.path.join(os.path.dirname(path), os.path.expanduser(wanted)))
    if not os.path.isfile(there):
        raise ConfigurationError(f'{layer.origin}: extend = "{wanted}": there is no file {display(there)}')
    return there


def refuse(values: Mapping[str, Any], origin: str, before: str = "") -> None:
    """Raise ConfigurationError for keys that do not exist and values of another type."""
    for problem in problems(TABLE, values):
        raise ConfigurationError(f"{origin}: {_placed(problem, before)}")


def _placed(problem: Problem, before: str) -> str:
    """The sentence with its table: `[tool.archlint.verify] 'timeout' is …`, `no such key 'x' in [tool.archlint]`."""
    unknown = problem.said.startswith("no such key")
    header = ".".join([*([before] if before else []), *(problem.way if unknown else problem.way[:-1])])
    if not header:
        return problem.said
    if not unknown:
        return f"[{header}] {problem.said}"
    said, semicolon, hint = problem.said.partition(";")
    return f"{said} in [{header}]{semicolon}{hint}"


def prefix(path: str) -> str:
    """The table that holds the keys in a file of this name."""
    return "tool.archlint" if os.path.basename(path) == PYPROJECT else ""


def _table(path: str) -> Mapping[str, Any] | None:
    """The keys of a file; None for a pyproject.toml that is not about archlint."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise ConfigurationError(f"{display(path)}: {error.strerror or error}") from None
    ours = bool(prefix(path))
    if ours and b"archlint" not in data:
        return None
    try:
        found = parsed(data.decode("utf-8-sig"))
    except ValueError as error:
        raise ConfigurationError(f"{display(path)}: {error}") from None
    except RecursionError:
        raise ConfigurationError(f"{display(path)}: nested too deeply") from None
    for name in ("tool", "archlint") if ours else ():
        inner = found.get(name)
        if inner is None:
            return None
        if not isinstance(inner, Mapping):
            raise ConfigurationError(f"{display(path)}: '{name}' is a table, [tool.archlint]")
        found = inner
    return found


def parsed(text: str) -> Mapping[str, Any]:
    """The tables of a TOML text.  Raises ValueError, and ConfigurationError where nothing can read it."""
    try:
        reader = import_module("tomllib")
    except ImportError:  # Python 3.10
        try:
            reader = import_module("tomli")
        except ImportError:
            raise ConfigurationError("reading TOML takes Python 3.11, or `pip install tomli`") from None
    found = reader.loads(text)
    assert isinstance(found, dict)
    return found


def refuse_other_versions(wanted: str, origin: str) -> None:
    """Raise ConfigurationError unless this version of archlint is one of those that a file is for."""
    for part in wanted.split(","):
        found = re.fullmatch(r"\s*(>=|<=|==|!=|>|<|)\s*(\d+(?:\.\d+)*)\s*", part)
        if found is None:
            raise ConfigurationError(f"{origin}: required-version = \"{wanted}\" is not a version like '>=0.1,<1'")
        if not ORDERS[found[1] or "=="](_numbers(__version__), _numbers(found[2])):
            raise ConfigurationError(f"{origin} is for archlint {wanted}; this is {__version__}")


def _numbers(version: str) -> tuple[int, ...]:
    numbers = [int(number) for number in re.findall(r"\d+", version)[:4]]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def display(path: str) -> str:
    """A path as people read it: relative below the working directory."""
    here = os.getcwd().rstrip(os.sep) + os.sep
    return path.removeprefix(here)
