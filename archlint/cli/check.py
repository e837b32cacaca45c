"""`archlint check`."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, cast

import click

from archlint.cli.inputs import input_option
from archlint.cli.running import python_option, refuse_without_fork, run_models, tell_internal_errors, unsafe_option
from archlint.cli.selectors import ignore_option, prepare_rules, select_option
from archlint.cli.terminal import color_option, note, wants_color, write

if TYPE_CHECKING:
    from archlint.diagnostic import Report
    from archlint.dims import Size
    from archlint.project import Project
    from archlint.rule import Severity
    from archlint.verdict import Verification

STDIN = "-"
MOST_ERRORS = 5


@click.command(short_help="Report defects of the models in files and directories.")
@click.argument("paths", nargs=-1, metavar="[PATH|-]...")
@select_option
@ignore_option
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
@click.option("--verify", "executed", is_flag=True, help="Also run the models: see `archlint verify --help`.")
@python_option
@unsafe_option
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
    executed: bool,
    python: str | None,
    unsafe_exec: bool,
    color: str,
) -> int:
    """Report defects of the models in files and directories (default: here); - reads standard input.

    Exit code: 0 no findings, 1 findings, 2 wrong usage, an internal error, or (--verify) nothing could be run.
    """
    from archlint.options import Options

    options = Options(select, ignore, inputs, cast("Severity", min_severity))
    prepare_rules(options)
    if executed:
        if STDIN in paths:
            raise click.UsageError("--verify runs files, not standard input")
        refuse_without_fork()
    elif python is not None or unsafe_exec:
        raise click.UsageError("--python and --unsafe-exec are for --verify")
    project = open_project(paths or (os.curdir,), stdin_filename)

    from archlint.report.listing import failed

    verification = None
    if executed:
        from archlint.run.verify import Request

        report, verification = run_models(project, options, Request(python=python, unsafe=unsafe_exec))
        report.internal_errors += verification.internal_errors
        report.notes += verification.notes
    else:
        from archlint.check import check_project

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
    if verification is not None:
        finish_run(verification, output_format, listed=show_models or verbose)
    if failed(report, options.threshold) and not exit_zero:
        return 1
    return 2 if verification is not None and verification.models and not verification.ran else 0


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


def finish(report: Report, output_format: str) -> None:
    """The closing line: beside the findings for people, on standard error where a program reads them."""
    from archlint.report.listing import closing_line

    if output_format == "full":
        write(closing_line(report) + "\n")
    else:
        note(closing_line(report))


def finish_run(verification: Verification, output_format: str, *, listed: bool) -> None:
    """What was run, where the findings' standing comes from; with `listed`, a line for each model."""
    from archlint.report.verification_listing import model_line, run_lines

    lines = [model_line(model) for model in verification.models] if listed else []
    for line in [*lines, *run_lines(verification)]:
        if output_format == "full":
            write(f"{line}\n")
        else:
            note(line)
