"""What `archlint check` tells besides findings: the files it would check, the settings of one, counts by rule."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from archlint.cli.option_groups import grouped
from archlint.cli.output import Output, save
from archlint.cli.terminal import write

if TYPE_CHECKING:
    from archlint.configuration import Configuration
    from archlint.diagnostic import Report
    from archlint.options import RunOptions
    from archlint.project import Project


@dataclass(frozen=True, slots=True)
class Showing:
    """What the user wants to know instead of findings."""

    statistics: bool = False
    show_files: bool = False
    show_settings: bool = False


showing_options = grouped(
    "showing",
    Showing,
    click.option("--statistics", is_flag=True, help="Count the findings by rule instead of listing them."),
    click.option("--show-files", is_flag=True, help="List the files that would be checked, and check none."),
    click.option("--show-settings", is_flag=True, help="Say what applies to a file and where that is stated."),
)


def list_files(project: Project, paths: Sequence[str]) -> int:
    """The files that would be checked, one a line: the exit status."""
    write("".join(f"{path}\n" for path in paths))
    for path, why in project.errors:
        click.echo(f"archlint: {path}: {why}", err=True)
    return 1 if project.errors else 0


def show_settings(configuration: Configuration, options: RunOptions, paths: Sequence[str]) -> int:
    """What applies to the first path; to a Python file in it, if it is a directory: the exit status."""
    from archlint.configuration.shown import settings_text
    from archlint.rule import rules
    from archlint.selection import active

    path = paths[0]
    place = os.path.join(path, "_.py") if os.path.isdir(path) else path
    running = active(rules(), options.of(place))
    settings = given_options(configuration).at(os.path.dirname(os.path.abspath(place)))
    write(settings_text(settings, path, running, list(rules())))
    return 0


def given_options(configuration: Configuration) -> Configuration:
    """The configuration with the options that stand on the command line by themselves: `--output-format json`."""
    from click.core import ParameterSource

    from archlint.configuration.keys import KEYS
    from archlint.configuration.reading import Layer

    ctx = click.get_current_context()
    values: dict[str, Any] = {
        key.name: ctx.params[name]
        for key in KEYS
        if (name := key.name.replace("-", "_")) in ctx.params
        and key.kind.type in ("string", "boolean")
        and ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE
        and ctx.params[name] is not None
    }
    return configuration.under(Layer(values, "command line", os.getcwd())) if values else configuration


def show_statistics(report: Report, output: Output, *, unsafe: bool) -> None:
    """Counts by rule, as JSON where that is the format of the findings."""
    import json

    from archlint.report.statistics import statistics, statistics_table

    if output.output_format in ("json", "json-lines"):
        text = json.dumps(statistics(report, unsafe=unsafe), indent=2) + "\n"
    else:
        text = statistics_table(report, unsafe=unsafe)
    if output.output_file is not None:
        save(text, output.output_file)
    else:
        write(text)
