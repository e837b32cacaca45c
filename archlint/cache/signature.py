"""What makes the outcomes of one run those of another: archlint itself, its rules, the interpreter."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from importlib.util import find_spec

from archlint import __version__
from archlint.questions import digest_of, digest_of_all

READERS = ("libcst", "networkx")
"""Packages that an outcome may depend on, besides those of the rules."""

SLACK = 2_000_000_000
"""Nanoseconds that an installation may take."""


def signature_of(packs: list[str]) -> str:
    """A text that changes with the version, the code of archlint, the rule packs and the interpreter.

    packs: names of the packages that hold rules.  What was installed is known by the list of its files, the same on
    every machine; a development checkout, or a file that was edited later, by the times and sizes of files.
    """
    own = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    parts = [__version__, sys.implementation.name, ".".join(map(str, sys.version_info[:3])), *_state(own)]
    for name in packs:
        parts += [name, *_package(name)]
    for name in READERS:
        parts += [name, *_package(name, whole=False)]
    return digest_of_all(parts)


def _package(name: str, *, whole: bool = True) -> Iterator[str]:
    """The state of a package that is not imported for it."""
    top, *rest = name.split(".")
    try:
        spec = find_spec(top)
    except (ImportError, ValueError):
        return
    for location in (spec.submodule_search_locations or [spec.origin or ""]) if spec is not None else []:
        place = os.path.join(location, *rest)
        yield from _state(place, whole=whole) if os.path.isdir(place) else _stamp(place)


def _state(folder: str, *, whole: bool = True) -> Iterator[str]:
    """What a folder of code holds.  whole: are files looked at one by one, too?"""
    listed, installed = _records(folder)
    yield from listed
    if whole or not listed:
        for name, state in _files(folder):
            if not listed or state.st_mtime_ns > installed + SLACK:
                yield f"{name} {state.st_mtime_ns} {state.st_size}"


def _records(folder: str) -> tuple[list[str], int]:
    """Digests of the lists of files by which a package was installed, and when that was; none in a checkout."""
    beside, name = os.path.split(folder)
    found, newest = [], 0
    try:
        infos = sorted(one for one in os.listdir(beside) if one.endswith(".dist-info"))
    except OSError:
        return [], 0
    for info in infos:
        if info.partition("-")[0].lower().replace("-", "_") not in (name.lower(), name.lower().partition("_")[0]):
            continue
        record = os.path.join(beside, info, "RECORD")
        try:
            with open(record, "rb") as file:
                data = file.read()
            when = os.stat(record).st_mtime_ns
        except OSError:
            continue
        if f"{name}/__init__.py,".encode() in data:
            found.append(digest_of(data))
            newest = max(newest, when)
    return found, newest


def _files(folder: str) -> Iterator[tuple[str, os.stat_result]]:
    """Every file of code below a folder, by its name from there."""
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
                yield os.path.relpath(entry.path, folder), entry.stat()


def _stamp(path: str) -> Iterator[str]:
    try:
        found = os.stat(path)
    except OSError:
        return
    yield f"{found.st_mtime_ns} {found.st_size}"
