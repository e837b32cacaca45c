"""The files that a command was given: paths, or standard input under a name."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from archlint.project import Project

STDIN = "-"


def open_project(paths: tuple[str, ...], stdin_filename: str | None) -> Project:
    """The files to check, or a usage error for a path that does not exist."""
    from archlint.project import Project

    if STDIN in paths:
        if len(paths) > 1:
            raise click.UsageError("standard input (-) and paths cannot be checked together")
        name = stdin_filename or STDIN
        return Project.of_paths([name], {name: sys.stdin.buffer.read()})
    for path in paths:
        if not os.path.lexists(path):
            raise click.UsageError(f"no such file or directory: {path}")
    return Project.of_paths(paths)
