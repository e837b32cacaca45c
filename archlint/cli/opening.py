"""The files that a command was given: paths, or standard input under a name; which files it looks for."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from archlint.cli.option_groups import grouped

if TYPE_CHECKING:
    from archlint.configuration import Configuration
    from archlint.project import Project

STDIN = "-"


def _patterns(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> list[str]:
    return [pattern.strip() for value in values for pattern in value.split(",") if pattern.strip()]


@dataclass(frozen=True, slots=True)
class Looking:
    """What the command line says of the files to look for; None where it says nothing."""

    exclude: list[str]
    extend_exclude: list[str]
    force_exclude: bool | None
    respect_gitignore: bool | None

    def stated(self) -> dict[str, Any]:
        """By the keys of the configuration, what is given."""
        patterns = {"exclude": self.exclude, "extend-exclude": self.extend_exclude}
        flags = {"force-exclude": self.force_exclude, "respect-gitignore": self.respect_gitignore}
        return {
            **{key: value for key, value in patterns.items() if value},
            **{key: value for key, value in flags.items() if value is not None},
        }


looking_options = grouped(
    "looking",
    Looking,
    click.option("--exclude", multiple=True, callback=_patterns, metavar="PATTERN",
                 help="Files and directories not to look at, instead of the default."),
    click.option("--extend-exclude", multiple=True, callback=_patterns, metavar="PATTERN",
                 help="Files and directories not to look at besides."),
    click.option("--force-exclude/--no-force-exclude", default=None,
                 help="Leave out excluded files even where they are named."),
    click.option("--respect-gitignore/--no-respect-gitignore", default=None, help="Leave out what git ignores."),
)  # fmt: skip


def open_project(
    paths: tuple[str, ...], stdin_filename: str | None, configuration: Configuration | None = None
) -> Project:
    """The files to check, or a usage error for a path that does not exist."""
    from archlint.configuration import Configuration
    from archlint.configuration.by_file import roots, wanted
    from archlint.project import Project

    configuration = configuration or Configuration()
    wants, src = wanted(configuration), roots(configuration)
    if STDIN in paths:
        if len(paths) > 1:
            raise click.UsageError("standard input (-) and paths cannot be checked together")
        if sys.stdin is None:
            raise click.UsageError("standard input is closed")
        name = stdin_filename or STDIN
        return Project.of_paths([name], {name: sys.stdin.buffer.read()}, wants, src)
    for path in paths:
        refuse_missing(path)
    return Project.of_paths(paths, None, wants, src)


def refuse_missing(path: str) -> None:
    """A usage error for a path that is not there, or that lies in a directory which may not be entered."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        raise click.UsageError(f"no such file or directory: {path}") from None
    except OSError as error:
        raise click.UsageError(f"{path}: {error.strerror}") from None
