"""`archlint check`."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, cast

import click

from archlint.cli.inputs import input_option
from archlint.cli.terminal import color_option, note, wants_color, write

if TYPE_CHECKING:
    from archlint.diagnostic import Report
    from archlint.dims import Size
    from archlint.options import Options
    from archlint.project import Project
    from archlint.rule import Severity

STDIN = "-"
MOST_ERRORS = 5


def _listed(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """`--select ARC1,ARC204 --select names` as one tuple."""
    return tuple(code.strip() for value in values for code in value.split(",") if code.strip())


@click.command(short_help="Report defects of the models in files and directories.")
@click.argument("paths", nargs=-1, metavar="[PATH|-]...")
@click.option(
    "--select",
    multiple=True,
    callback=_listed,
    metavar="RULES",
    help="Rules to run: codes, prefixes (ARC1), names, ALL.",
)
@click.option("--ignore", multiple=True, callback=_listed, metavar="RULES", help="Rules not to run.")
@click.option("--output-format", type=click.Choice(["full", "concise", "json"]), default="full", show_default=True)
@click.option(
    "--min-severity", type=click.Choice(["info", "warning", "error"]), default="warning", show_default=True,
    help="Least severity that makes the exit code 1; info never does.",
)  # fmt: skip
@click.option("-e", "--exit-zero", is_flag=True, help="Exit with 0 even if there are findings.")
@input_option
@click.option("--stdin-filename", metavar="PATH", help="Name of the file given on standard input.")
@click.option("--show-models", is_flag=True, help="List the models and how much of each was understood.")
@click.option("-v", "--verbose", is_flag=True, help="Say why calls were not understood.")
@color_option
def command(
    paths: tuple[str, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    output_format: str,
    min_severity: str,
    exit_zero: bool,
    inputs: dict[str, tuple[Size, ...]],
    stdin_filename: str | None,
    show_models: bool,
    verbose: bool,
    color: str,
) -> int:
    """Report defects of the models in files and directories (default: here); - reads standard input.

    Exit code: 0 no findings, 1 findings, 2 wrong usage or an internal error.
    """
    from archlint.options import Options

    options = Options(select, ignore, inputs, cast("Severity", min_severity))
    prepare_rules(options)
    project = open_project(paths or (os.curdir,), stdin_filename)

    from archlint.check import check_project
    from archlint.report.listing import failed

    report = check_project(project, options)
    show(report, output_format, color)
    if show_models or verbose:
        from archlint.report.models import render_models

        listed = render_models(report, reasons=verbose)
        if output_format == "full":
            write(listed)
        else:
            note(listed.rstrip("\n"))
    for message in report.notes:
        note(f"note: {message}")
    tell_internal_errors(report.internal_errors, MOST_ERRORS if not verbose else len(report.internal_errors))
    finish(report, output_format)
    return 1 if failed(report, options.threshold) and not exit_zero else 0


def prepare_rules(options: Options) -> None:
    """Load the rule packs and refuse selectors that mean nothing."""
    from archlint.plugins import NoRulesError, load_rules
    from archlint.rule import rules
    from archlint.selection import UnknownRuleError, enabled

    try:
        load_rules()
        enabled(rules(), options.select, options.ignore)
    except (NoRulesError, UnknownRuleError) as error:
        raise click.UsageError(str(error)) from None


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


def show(report: Report, output_format: str, color: str) -> None:
    """Write the findings to standard output."""
    if output_format == "json":
        from archlint.report.records import render_json

        write(render_json(report))
    elif output_format == "concise":
        from archlint.report.listing import render_concise

        write(render_concise(report))
    else:
        from archlint.report.terminal import render

        write(render(report, color=wants_color(color, sys.stdout)))


def tell_internal_errors(errors: list[str], most: int) -> None:
    """Say on standard error what archlint itself failed at; the findings are those of everything else."""
    for error in errors[:most]:
        note(f"archlint: internal error in {error}")
    if errors:
        more = f" (and {len(errors) - most} more; -v lists them)" if len(errors) > most else ""
        note(f"archlint: please report {'this' if len(errors) == 1 else 'these'}{more}")


def finish(report: Report, output_format: str) -> None:
    """The closing line: beside the findings for people, on standard error where a program reads them."""
    from archlint.report.listing import closing_line

    if output_format == "full":
        write(closing_line(report) + "\n")
    else:
        note(closing_line(report))
