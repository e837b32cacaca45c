"""Which files a run looks at: git's view of a directory where there is one, else a walk that reads .gitignore files."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field

from archlint.patterns import Pattern, covers

INCLUDE = ("*.py", "*.ipynb")

NEVER = frozenset(
    {".git", ".ipynb_checkpoints", ".venv", "venv", "node_modules", "site-packages", "__pycache__", "*.egg-info"}
)
"""Directories that hold other people's code, tracked or not."""

UNTRACKED = frozenset(
    {".hg", ".svn", ".tox", ".nox", ".eggs", ".mypy_cache", ".ruff_cache", ".pytest_cache", "build", "dist"}
)
"""Directories that hold products; a tracked `build/` is source."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which files of a directory are looked at.

    include: what is looked for.  exclude: what is not looked at, nor what is below it.  never: names of directories
    that are not looked at either, below `folder` (absolute).
    force: are files that are named left out as well?  gitignore: is what git ignores left out?
    """

    include: tuple[Pattern, ...] | None = None
    exclude: tuple[Pattern, ...] = ()
    never: frozenset[str] = NEVER
    force: bool = False
    gitignore: bool = True
    folder: str = ""

    def includes(self, path: str) -> bool:
        """Is a file (absolute path) looked for?"""
        return path.endswith((".py", ".ipynb")) if self.include is None else covers(self.include, path)

    def never_in(self, path: str) -> bool:
        """Is the file or directory in one of the directories that are not looked at?"""
        folder = self.folder or os.getcwd()
        inside = path.startswith(folder.rstrip(os.sep) + os.sep)
        return _skipped(path[len(folder) :].split(os.sep) if inside else [os.path.basename(path)], self.never)


def everywhere(folder: str) -> Wanted:
    """Python files and notebooks."""
    return Wanted()


@dataclass(slots=True)
class Found:
    """Files in the order of the paths given, sorted within each; what could not be looked at."""

    files: list[str] = field(default_factory=list)
    errors: list[tuple[str, str]] = field(default_factory=list)


def discover(paths: Sequence[str], known: Collection[str] = (), wanted: Callable[[str], Wanted] = everywhere) -> Found:
    """Python files and notebooks at and below the paths.  A file that is named is taken whatever it is called.

    known: absolute paths that need not exist on disk.  wanted: what is looked at in a directory, by its absolute path.
    """
    found = Found()
    for path in paths:
        absolute = os.path.abspath(path)
        if os.path.isdir(path):
            found.files += sorted(_below(path, wanted, found.errors))
        elif not os.path.exists(path) and absolute not in known:
            found.errors.append((path, "No such file or directory"))
        elif not forced_out(wanted(os.path.dirname(absolute)), absolute):
            found.files.append(path)
    return found


def forced_out(wanted: Wanted, path: str) -> bool:
    """Is a file (absolute path) left out although it is named?"""
    return wanted.force and (covers(wanted.exclude, path) or wanted.never_in(path))


def _below(directory: str, wanted: Callable[[str], Wanted], errors: list[tuple[str, str]]) -> Iterator[str]:
    start = os.path.abspath(directory)
    of_start = wanted(start)
    if forced_out(of_start, start):
        return
    for tracked, name in _listed(directory, of_start, errors):
        path = os.path.join(directory, name) if directory != os.curdir else name
        absolute = os.path.join(start, name.rstrip("/"))
        parts = name.rstrip("/").split("/")
        if _out(of_start, parts, tracked, absolute, start):  # before a configuration in there is read
            continue
        there = wanted(os.path.dirname(absolute))
        if there is not of_start and _out(there, parts, tracked, absolute, start):
            continue
        if os.path.isdir(path):  # a submodule, or a repository inside this one
            if not os.path.islink(path) and not _skipped(parts, there.never | UNTRACKED):
                yield from _below(path.rstrip("/"), wanted, errors)
        elif there.includes(absolute) and os.path.isfile(path):
            yield path


def _out(wanted: Wanted, parts: Sequence[str], tracked: bool, path: str, start: str) -> bool:
    """Is a file not looked at, by the names of its directories or by a pattern?"""
    return _skipped(parts[:-1], wanted.never if tracked else wanted.never | UNTRACKED) or _excluded(wanted, path, start)


def _excluded(wanted: Wanted, path: str, start: str) -> bool:
    """Does a pattern exclude the path?  One that means the directory that the user named does not."""
    if not wanted.exclude or not covers(wanted.exclude, path):
        return False
    meant = tuple(pattern for pattern in wanted.exclude if wanted.force or not covers((pattern,), start))
    return covers(meant, path)


def _listed(directory: str, wanted: Wanted, errors: list[tuple[str, str]]) -> Iterator[tuple[bool, str]]:
    """(tracked, name) of the files below a directory."""
    listed = _git(directory, wanted.gitignore)
    if listed is not None:
        yield from listed
        return
    from archlint.walking import walk

    start = os.path.abspath(directory)

    def enter(path: str) -> bool:
        return not _skipped([os.path.basename(path)], wanted.never | UNTRACKED) and not _excluded(wanted, path, start)

    yield from ((False, name) for name in walk(directory, enter, wanted.gitignore, errors))


def _git(directory: str, gitignore: bool) -> list[tuple[bool, str]] | None:
    """(tracked, name) of every file git would list; None outside a repository or in an ignored directory."""
    import subprocess

    # A repository may name a program in core.fsmonitor, which git would run.
    git = ["git", "-C", directory, "-c", "core.fsmonitor=false"]
    ignoring = ["--exclude-standard"] if gitignore else []
    try:
        run = subprocess.run(
            [*git, "ls-files", "-z", "-t", "-co", *ignoring, "--", "."], capture_output=True, timeout=60
        )
        if run.returncode:
            return None
        if not run.stdout and subprocess.run([*git, "check-ignore", "-q", "."], capture_output=True).returncode == 0:
            return None
    except (OSError, subprocess.SubprocessError):
        return None
    entries = dict.fromkeys(os.fsdecode(entry) for entry in run.stdout.split(b"\0") if entry)
    return [(entry[0] != "?", entry[2:]) for entry in entries]


def _skipped(parts: Sequence[str], names: Collection[str]) -> bool:
    return any(part in names or (part.endswith(".egg-info") and "*.egg-info" in names) for part in parts)
