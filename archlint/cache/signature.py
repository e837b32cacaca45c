"""What makes the outcomes of one run those of another: archlint itself, its rules, the interpreter."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from importlib.util import find_spec

from archlint import __version__
from archlint.questions import digest_of_all

READERS = ("libcst", "networkx")
"""Packages that an outcome may depend on, besides those of the rules."""


def signature_of(packs: list[str]) -> str:
    """A text that changes with the version, the code of archlint, the rule packs and the interpreter.

    packs: names of the packages that hold rules.  Code is known by the time and size of its files, so that a
    development checkout is never answered for by what it was.
    """
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    parts = [__version__, sys.implementation.name, ".".join(map(str, sys.version_info[:3])), here, *_files(here)]
    for pack in packs:
        parts += [pack, *_package(pack)]
    for name in READERS:
        parts += [name, *_origin(name)]
    return digest_of_all(parts)


def _package(name: str) -> Iterator[str]:
    """The files of a package that is not imported for it."""
    top, *rest = name.split(".")
    spec = _found(top)
    for location in (spec.submodule_search_locations or [spec.origin or ""]) if spec is not None else []:
        place = os.path.join(location, *rest)
        yield place
        yield from _files(place) if os.path.isdir(place) else _stamp(place)


def _origin(name: str) -> Iterator[str]:
    spec = _found(name)
    if spec is not None and spec.origin is not None:
        yield spec.origin
        yield from _stamp(spec.origin)


def _found(name: str) -> ModuleSpec | None:
    try:
        return find_spec(name)
    except (ImportError, ValueError):
        return None


def _files(folder: str) -> Iterator[str]:
    """Name, time and size of every file of code below a folder."""
    pending = [folder]
    for here in pending:  # grows while it is walked
        try:
            entries = sorted(os.scandir(here), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            if entry.is_dir():
                if entry.name != "__pycache__":
                    pending.append(entry.path)
            elif entry.name.endswith((".py", ".toml", ".json")):
                found = entry.stat()
                yield f"{entry.path} {found.st_mtime_ns} {found.st_size}"


def _stamp(path: str) -> Iterator[str]:
    try:
        found = os.stat(path)
    except OSError:
        return
    yield f"{found.st_mtime_ns} {found.st_size}"
