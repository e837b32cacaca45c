"""Which files a run looks at: git's view of a directory where there is one, else a walk."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

NEVER = frozenset({".git", ".venv", "venv", "node_modules", "site-packages", "__pycache__"})
"""Directories that hold other people's code, tracked or not."""

UNTRACKED = NEVER | {
    ".hg",
    ".svn",
    ".tox",
    ".nox",
    ".eggs",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    "build",
    "dist",
}
"""Directories that hold products; a tracked `build/` is source."""


@dataclass(slots=True)
class Found:
    """Files in the order of the paths given, sorted within each; what could not be looked at."""

    files: list[str] = field(default_factory=list)
    errors: list[tuple[str, str]] = field(default_factory=list)


def discover(paths: Sequence[str], known: Collection[str] = ()) -> Found:
    """Python files at and below the paths.  A file that is named is taken whatever it is called.

    `known`: absolute paths that need not exist on disk.
    """
    found = Found()
    for path in paths:
        if os.path.isdir(path):
            found.files += sorted(_below(path, found.errors))
        elif path.endswith(".ipynb"):
            found.errors.append((path, "notebooks cannot be read yet"))
        elif os.path.exists(path) or os.path.abspath(path) in known:
            found.files.append(path)
        else:
            found.errors.append((path, "No such file or directory"))
    return found


def _below(directory: str, errors: list[tuple[str, str]]) -> Iterator[str]:
    listed = _git(directory)
    if listed is None:
        yield from _walk(directory, errors)
        return
    for tracked, name in listed:
        path = os.path.join(directory, name) if directory != os.curdir else name
        parts = name.rstrip("/").split("/")
        if _skipped(parts[:-1], NEVER if tracked else UNTRACKED):
            continue
        if os.path.isdir(path):  # a submodule, or a repository inside this one
            if not os.path.islink(path) and not _skipped(parts, UNTRACKED):
                yield from _below(path.rstrip("/"), errors)
        elif name.endswith(".py") and os.path.isfile(path):
            yield path


def _git(directory: str) -> list[tuple[bool, str]] | None:
    """(tracked, name) of every file git would list; None outside a repository or in an ignored directory."""
    # A repository may name a program in core.fsmonitor, which git would run.
    git = ["git", "-C", directory, "-c", "core.fsmonitor=false"]
    try:
        run = subprocess.run(
            [*git, "ls-files", "-z", "-t", "-co", "--exclude-standard", "--", "."], capture_output=True, timeout=60
        )
        if run.returncode:
            return None
        if not run.stdout and subprocess.run([*git, "check-ignore", "-q", "."], capture_output=True).returncode == 0:
            return None
    except (OSError, subprocess.SubprocessError):
        return None
    entries = dict.fromkeys(os.fsdecode(entry) for entry in run.stdout.split(b"\0") if entry)
    return [(entry[0] != "?", entry[2:]) for entry in entries]


def _walk(directory: str, errors: list[tuple[str, str]]) -> Iterator[str]:
    def failed(error: OSError) -> None:
        errors.append((str(error.filename), error.strerror or str(error)))

    for here, directories, names in os.walk(directory, onerror=failed):
        directories[:] = sorted(d for d in directories if not _skipped([d], UNTRACKED))
        for name in names:
            if name.endswith(".py"):
                path = os.path.join(here, name)
                yield os.path.normpath(path)


def _skipped(parts: Sequence[str], names: Collection[str]) -> bool:
    return any(part in names or part.endswith(".egg-info") for part in parts)
