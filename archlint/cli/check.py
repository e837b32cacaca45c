"""`archlint check`."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import click

from archlint.cli.fixing import Fixing, fix_options, fix_project
from archlint.cli.inputs import input_option
from archlint.cli.opening import STDIN, open_project
from archlint.cli.output import Output, close, close_run, list_models, output_options, show_findings
from archlint.cli.running import (
    Execution,
    execution_options,
    refuse_without_fork,
    run_models,
    tell_internal_errors,
)
from archlint.cli.selectors import ignore_option, prepare_rules, select_option
from archlint.cli.terminal import note

if TYPE_CHECKING:
    from archlint.diagnostic import Report
    from archlint.dims import Size
    from archlint.options import Options
    from archlint.project import Project
    from archlint.rule import Severity
    from archlint.verdict import Verification

MOST_ERRORS = 5


@click.command(short_help="Report defects of the models in files and directories.")
@click.argument("paths", nargs=-1, metavar="[PATH|-]...")
@select_option
@ignore_option
@click.option(
    "--min-severity", type=click.Choice(["info", "warning", "error"]), default="warning", show_default=True,
    help="Least severity that makes the exit code 1; info never does.",
)  # fmt: skip
@click.option("-e", "--exit-zero", is_flag=True, help="Exit with 0 even if there are findings.")
@fix_options
@input_option
@click.option("--stdin-filename", metavar="PATH", help="Name of the file given on standard input.")
@output_options
@execution_options
def command(
    paths: tuple[str, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    min_severity: str,
    exit_zero: bool,
    fixing: Fixing,
    inputs: dict[str, tuple[Size, ...]],
    stdin_filename: str | None,
    output: Output,
    execution: Execution,
) -> int:
    """Report defects of the models in files and directories (default: here); - reads standard input.

    Exit code: 0 no findings, 1 findings, 2 wrong usage, an internal error, or (--verify) nothing could be run.
    """
    from archlint.options import Options

    options = prepare_rules(Options(select, ignore, inputs, threshold=cast("Severity", min_severity)))
    fixing = replace(fixing, whole=STDIN in paths)
    refuse_together(execution, fixing)
    project = open_project(paths or (os.curdir,), stdin_filename)

    from archlint.report.listing import failed

    report, verification = check(project, options, execution)
    fixed = fix_project(project, report, options, fixing) if fixing.asked else None
    if fixed is not None:
        report = fixed.report
    if fixed is None or not fixing.silent:
        show_findings(report, output, fixing)
    if output.listed:
        list_models(report, output)
    for message in report.notes:
        note(f"note: {message}")
    tell_internal_errors(report.internal_errors, MOST_ERRORS if not output.verbose else len(report.internal_errors))
    close(report, output, fixing, fixed)
    if verification is not None:
        close_run(verification, output)
    if fixed is not None and fixing.silent:
        return 1 if fixing.diff and fixed.texts else 0
    if failed(report, options.threshold) and not exit_zero:
        return 1
    return 2 if verification is not None and verification.models and not verification.ran else 0


def check(project: Project, options: Options, execution: Execution) -> tuple[Report, Verification | None]:
    """The findings, and what running the models gave if that was asked for."""
    if not execution.executed:
        from archlint.check import check_project

        return check_project(project, options), None
    from archlint.run.verify import Request

    request = Request(python=execution.python, unsafe=execution.unsafe_exec)
    report, verification = run_models(project, options, request)
    report.internal_errors += verification.internal_errors
    report.notes += verification.notes
    return report, verification


def refuse_together(execution: Execution, fixing: Fixing) -> None:
    """A usage error for options that do not go together."""
    if execution.executed:
        if fixing.whole:
            raise click.UsageError("--verify runs files, not standard input")
        if fixing.asked:
            raise click.UsageError("--verify runs the files as they are; fix them first, in a run of its own")
        refuse_without_fork()
    elif execution.python is not None or execution.unsafe_exec:
        raise click.UsageError("--python and --unsafe-exec are for --verify")
