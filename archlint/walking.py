"""The files below a directory that git knows nothing of, without what .gitignore files there and above it ignore."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec, RegexPattern

FILE = ".gitignore"


def walk(directory: str, enter: Callable[[str], bool], gitignore: bool, errors: list[tuple[str, str]]) -> Iterator[str]:
    """Names of files, from the directory.  enter: is a directory (absolute path) looked into?  Links are not."""
    start = os.path.abspath(directory)
    specs = dict(_above(start)) if gitignore else {}

    def failed(error: OSError) -> None:
        errors.append((os.path.normpath(str(error.filename)), error.strerror or str(error)))

    for here, directories, names in os.walk(directory, onerror=failed):
        inside = os.path.relpath(here, directory)
        absolute = os.path.normpath(os.path.join(start, inside))
        if gitignore and FILE in names and absolute not in specs:
            if spec := _read(os.path.join(here, FILE)):
                specs[absolute] = spec
        directories[:] = sorted(
            d for d in directories if enter(os.path.join(absolute, d)) and not _ignored(specs, absolute, d + "/")
        )
        for name in names:
            if not _ignored(specs, absolute, name):
                yield os.path.normpath(os.path.join(inside, name))


def _above(start: str) -> Iterator[tuple[str, GitIgnoreSpec]]:
    """The .gitignore files of the directories above, up to a repository's; none that ignores the directory itself."""
    folder = start
    while not os.path.exists(os.path.join(folder, ".git")) and folder != os.path.dirname(folder):
        folder = os.path.dirname(folder)
        spec = _read(os.path.join(folder, FILE))
        if spec is not None and not _decision(spec, os.path.relpath(start, folder).replace(os.sep, "/") + "/"):
            yield folder, spec


def _read(path: str) -> GitIgnoreSpec | None:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            lines = file.read().splitlines()
    except OSError:
        return None
    from pathspec import GitIgnoreSpec

    try:
        return GitIgnoreSpec.from_lines(lines)
    except ValueError:  # a pattern that git would not understand either
        return None


def _ignored(specs: dict[str, GitIgnoreSpec], folder: str, name: str) -> bool:
    """Is a name in a directory ignored?  The .gitignore nearest to it that says something decides."""
    path, at = name, folder
    while specs:
        if at in specs and (decision := _decision(specs[at], path)) is not None:
            return decision
        above, last = os.path.split(at)
        if above == at:
            break
        path, at = f"{last}/{path}", above
    return False


def _decision(spec: GitIgnoreSpec, path: str) -> bool | None:
    """What the last pattern that means the path says of it; a directory is written with a slash behind it.

    Not `spec.check_file`, which takes a file for meant that lies in a directory that is: that one was not entered.
    """
    for pattern in reversed(list(spec.patterns)):
        if pattern.include is not None and _means(pattern, path):
            return pattern.include
    return None


def _means(pattern: RegexPattern, path: str) -> bool:
    """Does a pattern mean the path itself?  Its one group is the slash behind a directory that it means."""
    plain = path.rstrip("/")
    found = pattern.regex.match(plain) if pattern.regex is not None else None
    if found is not None and found.lastindex is None:
        return True
    found = pattern.regex.match(path) if pattern.regex is not None and path != plain else None
    return found is not None and found.lastindex is not None and found.end(found.lastindex) == len(path)
