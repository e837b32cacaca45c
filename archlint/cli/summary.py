"""`archlint summary`."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from archlint.cli.configuring import configuration_options, configured
from archlint.cli.inputs import input_option, path_and_model
from archlint.cli.opening import open_project
from archlint.cli.terminal import color_option, note, wants_color, write

if TYPE_CHECKING:
    from archlint.dims import Size
    from archlint.model import Model

MOST_NAMES = 20


@click.command(short_help="Print the layers of models: shapes, parameters, receptive fields, memory.")
@click.argument("target", type=click.Path(), metavar="PATH[::MODEL]")
@input_option
@click.option("--batch", type=click.IntRange(min=1), metavar="N", help="Samples in a batch, for the memory totals.")
@click.option("--depth", type=click.IntRange(min=1), metavar="N", help="One row for what is deeper than N modules.")
@click.option("--output-format", type=click.Choice(["table", "json"]), default="table", show_default=True)
@configuration_options
@color_option
def command(
    target: str,
    inputs: dict[str, tuple[Size, ...]],
    batch: int | None,
    depth: int | None,
    output_format: str,
    color: str,
) -> int:
    """Print the layers of the models in a file: shapes, parameters, neurons, receptive fields, memory."""
    if depth is not None and output_format == "json":
        raise click.UsageError("--depth folds rows of the table; JSON holds every row")
    path, name = path_and_model(target)
    if not os.path.exists(path):
        raise click.UsageError(f"no such file or directory: {path}")

    from archlint.check import analyze_project
    from archlint.configuration.by_file import options_without_rules
    from archlint.facts.summary import summarize
    from archlint.options import Options

    configuration = configured()
    options = options_without_rules(configuration, Options(inputs=inputs))
    project = open_project((path,), None, configuration)
    found = analyze_project(project, options, name)
    if name and all(model.name != name for model in found):
        found = analyze_project(project, options)
    models = _named(found, name, path)
    for unread, why in project.errors:
        note(f"archlint: {unread}: {why}")
    summaries = [summarize(model, batch) for model in models]
    if output_format == "json":
        from archlint.report.page import to_json

        write(to_json([summary.to_json() for summary in summaries]))
    else:
        from archlint.report.summary_table import render_summary

        with_color = wants_color(color, sys.stdout)
        write("\n".join(render_summary(summary, color=with_color, depth=depth) for summary in summaries))
    if not models:
        note(f"archlint: no models in {path}")
    return 1 if project.errors else 0


def _named(models: list[Model], name: str, path: str) -> list[Model]:
    """The models of that name in source order; all where none is named."""
    found = [model for model in models if name in ("", model.name)]
    if name and not found:
        from archlint.selection import did_you_mean

        names = list(dict.fromkeys(model.name for model in models))
        more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
        there = f"Models in {path}: {', '.join(names[:MOST_NAMES])}{more}." if names else f"{path} holds no models."
        raise click.UsageError(f"no model '{name}'{did_you_mean(name, names)}\n{there}")
    return sorted(found, key=lambda model: model.span)
