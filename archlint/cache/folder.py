"""The directory of the cache: where it is, that nobody takes it for something to keep, what is thrown away."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Sequence

from archlint import __version__
from archlint.cache.rows import ODD

NAME = ".archlint_cache"
TAG = "CACHEDIR.TAG"
SIGNATURE = "Signature: 8a477f597d28d172789f06886806bc55"
"""Of https://bford.info/cachedir/: backup programs leave such a directory out."""

MARKS = ("pyproject.toml", "archlint.toml", ".archlint.toml", ".git")
"""What stands at the root of a project."""

KEPT = 30 * 24 * 3600
"""Seconds after which what nobody asked for is thrown away."""

PACKS = "packs.json"


def default_folder(start: str) -> str:
    """The directory of the cache for a run in `start`: beside the nearest configuration or repository above it."""
    start = folder = os.path.abspath(start)
    while not any(os.path.exists(os.path.join(folder, mark)) for mark in MARKS):
        if os.path.dirname(folder) == folder:
            return os.path.join(start, NAME)
        folder = os.path.dirname(folder)
    return os.path.join(folder, NAME)


def prepare(folder: str) -> None:
    """Make the directory with its marks.  Raises OSError."""
    os.makedirs(os.path.join(folder, __version__), exist_ok=True)
    for name, text in ((TAG, f"{SIGNATURE}\n# This is the cache of archlint.\n"), (".gitignore", "*\n")):
        path = os.path.join(folder, name)
        if not os.path.exists(path):
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)


def index_file(folder: str, scope: str) -> str:
    """The index of one kind of run."""
    return os.path.join(folder, __version__, f"{scope}.json")


def throw_away_old(folder: str, now: float | None = None) -> None:
    """Remove the indexes that no run has written for long, and what other versions left."""
    limit = (time.time() if now is None else now) - KEPT
    for entry in os.scandir(folder):
        inside = list(os.scandir(entry.path)) if entry.is_dir(follow_symlinks=False) else []
        for file in inside:
            if file.is_file(follow_symlinks=False) and file.stat().st_mtime < limit:
                os.unlink(file.path)
        if inside and not any(os.scandir(entry.path)):
            os.rmdir(entry.path)


def is_cache(folder: str) -> bool:
    """Is it a directory that archlint made?"""
    try:
        with open(os.path.join(folder, TAG), encoding="utf-8") as file:
            return file.read(len(SIGNATURE)) == SIGNATURE and not os.path.islink(folder)
    except (OSError, ValueError):
        return False


def remove(folder: str) -> None:
    """Remove the directory with all in it.  Raises OSError."""
    import shutil

    shutil.rmtree(folder)


def remembered_packs(folder: str) -> list[str] | None:
    """The rule packs that were installed when it was last looked for them; None if that may have changed."""
    try:
        with open(os.path.join(folder, __version__, PACKS), encoding="utf-8") as file:
            found = json.load(file)
        if [place for place, _, _ in found["path"]] != sys.path or not all(_stands(*one) for one in found["path"]):
            return None
        packs = [str(name) for name in found["packs"]]
    except (OSError, *ODD):
        return None
    return packs


def remember_packs(folder: str, packs: Sequence[str]) -> None:
    """Raises OSError."""
    path = os.path.join(folder, __version__, PACKS)
    seen = [[place, _written(place), _installed(place)] for place in sys.path]
    text = json.dumps({"path": seen, "packs": list(packs)})
    with open(f"{path}.{os.getpid()}", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(file.name, path)


def _stands(place: str, written: int, installed: list[list[str | int]]) -> bool:
    """Is what is installed in a directory that packages are imported from what was installed there?

    `python -m archlint` imports from the project, too, in which files come and go.
    """
    return _written(place) == written or _installed(place) == installed


def _written(place: str) -> int:
    try:
        return os.stat(place or os.curdir).st_mtime_ns
    except OSError:
        return 0


def _installed(place: str) -> list[list[str | int]]:
    """The records of what was installed in a directory, and when each was written."""
    try:
        with os.scandir(place or os.curdir) as entries:
            found = [one for one in entries if one.name.endswith((".dist-info", ".egg-info", ".egg"))]
        return [[one.name, one.stat().st_mtime_ns] for one in sorted(found, key=lambda one: one.name)]
    except OSError:
        return []
