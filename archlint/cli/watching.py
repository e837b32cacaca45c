"""`archlint check --watch`: check again whenever a file changes that matters."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias

import click

from archlint.cli.terminal import note

if TYPE_CHECKING:
    from archlint.cli.checking import Checked

Snapshot: TypeAlias = dict[str, tuple[int, int]]

SUFFIXES = (".py", ".ipynb", ".toml", ".gitignore")
POLL = 0.5
"""Seconds between two looks at the files, without watchfiles."""

REST = 0.05
"""Seconds without a change after which what was written is complete."""

CLEAR = "\x1b[2J\x1b[3J\x1b[H"

watch_option = click.option("-w", "--watch", is_flag=True, help="Check again whenever a file changes; Ctrl-C ends it.")


@dataclass(slots=True)
class Watched:
    """Where changes matter: directories with all below them, and single files."""

    folders: set[str] = field(default_factory=set)
    files: set[str] = field(default_factory=set)

    def matters(self, path: str) -> bool:
        """Is it a file that a check may read, or one beside it that an import may find?"""
        from archlint.discover import NEVER

        if not path.endswith(SUFFIXES):
            return False
        if path in self.files:
            return True
        for folder in self.folders:
            if path.startswith(folder.rstrip(os.sep) + os.sep):
                parts = path[len(folder) :].strip(os.sep).split(os.sep)
                return not any(part in NEVER or part.endswith("_cache") for part in parts[:-1])
        return False


def watch_files(run: Callable[[], Checked | None], given: Sequence[str]) -> int:
    """Run at once and after every change, until Ctrl-C.  run: shows what it finds; None where it could not begin."""
    watched = Watched()
    _add_given(watched, given)
    try:
        while True:
            before = snapshot(watched)
            if sys.stdout.isatty():
                sys.stdout.write(CLEAR)
            checked = _once(run)
            if checked is not None:
                _add_read(watched, checked, before)
            note("archlint: watching for changes; Ctrl-C ends it")
            changed = wait_for_change(watched, before)
            note(f"archlint: {listed(changed)} changed")
    except KeyboardInterrupt:
        return 0


def listed(paths: Sequence[str]) -> str:
    """The first of some files, and how many more there are."""
    first = os.path.relpath(paths[0]) if paths else "a file"
    return first if len(paths) < 2 else f"{first} and {len(paths) - 1} more"


def _once(run: Callable[[], Checked | None]) -> Checked | None:
    """A file may be half written and a configuration wrong: that is said, and the next change awaited."""
    from archlint.cli.configuring import FOUND
    from archlint.configuration import ConfigurationError
    from archlint.selection import UnknownRuleError

    click.get_current_context().meta.pop(FOUND, None)  # the configuration is read again
    try:
        return run()
    except click.ClickException as error:
        error.show()
    except (ConfigurationError, UnknownRuleError) as error:
        click.UsageError(str(error)).show()
    return None


def _add_given(watched: Watched, given: Sequence[str]) -> None:
    """Watch what the user named, and the configuration above it."""
    for path in given:
        place = os.path.abspath(path)
        watched.folders.add(place if os.path.isdir(place) else os.path.dirname(place))
        _add_configuration(watched, place)


def _add_read(watched: Watched, checked: Checked, before: Snapshot) -> None:
    """Watch what a run read elsewhere."""
    for path in map(checked.project.files.absolute, checked.read()):
        if path not in before:
            watched.files.add(path)
            _add(before, path)


def _add_configuration(watched: Watched, place: str) -> None:
    while place != os.path.dirname(place):
        place = os.path.dirname(place)
        watched.files |= {os.path.join(place, name) for name in ("pyproject.toml", "archlint.toml", ".archlint.toml")}


def snapshot(watched: Watched) -> Snapshot:
    """Time and size of every file that matters."""
    found: Snapshot = {}
    for path in watched.files:
        _add(found, path)
    for folder in watched.folders:
        for here, folders, names in os.walk(folder):
            folders[:] = [name for name in folders if watched.matters(os.path.join(here, name, "_.py"))]
            for name in names:
                if name.endswith(SUFFIXES):
                    _add(found, os.path.join(here, name))
    return found


def _add(found: Snapshot, path: str) -> None:
    try:
        state = os.stat(path)
    except OSError:
        return
    found[path] = state.st_mtime_ns, state.st_size


def wait_for_change(watched: Watched, before: Snapshot) -> list[str]:
    """The files that differ from before, as soon as there are some."""
    for _ in chain([None], _moments(watched)):
        if snapshot(watched) != before:
            now = _at_rest(watched)
            return sorted(path for path in {*before, *now} if before.get(path) != now.get(path))
    raise AssertionError("moments do not end")


def _at_rest(watched: Watched) -> Snapshot:
    """The files once nothing changes for a moment: a file that is saved is empty first, a checkout is many files."""
    while True:
        now = snapshot(watched)
        time.sleep(REST)
        if snapshot(watched) == now:
            return now


def _moments(watched: Watched) -> Iterator[object]:
    """When to look again: as soon as watchfiles tells of a change, and now and then."""
    try:
        from watchfiles import watch as events

        yield from events(
            *watched.folders, watch_filter=lambda _, path: watched.matters(path), debounce=200, step=50,
            rust_timeout=2000, yield_on_timeout=True,
        )  # fmt: skip
    except (ImportError, OSError, RuntimeError):  # not installed, or the system watches no more files
        pass
    while True:
        time.sleep(POLL)
        yield None
