"""`--with-dependants`: the files that import the named ones are checked too, as a change reaches them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from archlint.configuration import Configuration
    from archlint.project import Project

dependants_option = click.option(
    "--with-dependants", is_flag=True,
    help="Also check the project's files that import the named ones, at any depth.",
)  # fmt: skip


def add_dependants(project: Project, configuration: Configuration) -> None:
    """Add to the files that are checked those of the same projects that import them; no excluded ones."""
    from archlint.configuration.by_file import wanted
    from archlint.dependants import dependants
    from archlint.discover import discover

    roots = dict.fromkeys(map(project.root_of, project.checked))
    shown = project.files.display
    beside = [shown(project.files.absolute(path)) for path in discover(list(roots), wanted=wanted(configuration)).files]
    project.checked += dependants(project, project.checked, beside)
