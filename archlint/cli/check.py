"""`archlint check`."""

from __future__ import annotations

import os
import sys
from functools import partial
from typing import TYPE_CHECKING, cast

import click

from archlint.cli.fixing import Fixing, fix_options, fix_project
from archlint.cli.inputs import input_option
from archlint.cli.running import python_option, refuse_without_fork, run_models, tell_internal_errors, unsafe_option
from archlint.cli.selectors import ignore_option, prepare_rules, select_option
from archlint.cli.terminal import color_option, note, wants_color, write

if TYPE_CHECKING:
    from archlint.diagnostic import Report
    from archlint.dims import Size
    from archlint.fix import Fixed
    from archlint.project import Project
    from archlint.rule import Severity
    from archlint.verdict import Verification

STDIN = "-"
FORMATS = [
    "full", "concise", "grouped", "json", "json-lines", "github", "gitlab", "azure", "junit", "sarif", "rdjson",
    "pylint",
]  # fmt: skip
MOST_ERRORS = 5


@click.command(short_help="Report defects of the models in files and directories.")
@click.argument("paths", nargs=-1, metavar="[PATH|-]...")
@select_option
@ignore_option
@click.option(
    "--output-format", type=click.Choice(FORMATS), default="full", show_default=True, envvar="ARCHLINT_OUTPUT_FORMAT"
)
@click.option("-o", "--output-file", type=click.Path(dir_okay=False), help="Write the findings to a file.")
@click.option(
    "--min-severity", type=click.Choice(["info", "warning", "error"]), default="warning", show_default=True,
    help="Least severity that makes the exit code 1; info never does.",
)  # fmt: skip
@click.option("-e", "--exit-zero", is_flag=True, help="Exit with 0 even if there are findings.")
@fix_options
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
    output_file: str | None,
    min_severity: str,
    exit_zero: bool,
    fix: bool,
    unsafe_fixes: bool,
    fix_only: bool,
    diff: bool,
    show_fixes: bool,
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

    options = prepare_rules(Options(select, ignore, inputs, threshold=cast("Severity", min_severity)))
    fixing = Fixing(fix, unsafe_fixes, fix_only, diff, show_fixes, STDIN in paths)
    if executed:
        if STDIN in paths:
            raise click.UsageError("--verify runs files, not standard input")
        if fixing.asked:
            raise click.UsageError("--verify runs the files as they are; fix them first, in a run of its own")
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
    fixed = fix_project(project, report, options, fixing) if fixing.asked else None
    if fixed is not None:
        report = fixed.report
    if fixed is None or not fixing.silent:
        if output_file is not None:
            save(report, output_format, output_file, unsafe=fixing.unsafe)
        else:
            show(report, output_format, color, unsafe=fixing.unsafe, aside=fixing.asked and fixing.whole)
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
    finish(report, output_format, fixing, fixed)
    if verification is not None:
        finish_run(verification, output_format, listed=show_models or verbose)
    if fixed is not None and fixing.silent:
        return 1 if fixing.diff and fixed.texts else 0
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


def show(report: Report, output_format: str, color: str, *, unsafe: bool, aside: bool) -> None:
    """Write the findings to standard output; `aside`: to standard error, as the fixed text goes to the other."""
    from archlint.report.formats import render

    tell = partial(print, end="", file=sys.stderr) if aside else write
    colored = wants_color(color, sys.stderr if aside else sys.stdout)
    tell(render(report, output_format, color=colored, unsafe=unsafe))


def save(report: Report, output_format: str, path: str, *, unsafe: bool) -> None:
    """Write the findings to a file."""
    from archlint.report.formats import render

    try:
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            file.write(render(report, output_format, unsafe=unsafe))
    except OSError as error:
        raise click.UsageError(f"cannot write {path}: {error.strerror}") from None


def finish(report: Report, output_format: str, fixing: Fixing, fixed: Fixed | None) -> None:
    """The closing lines: beside the findings for people, on standard error where a program reads them."""
    from archlint.report.fix_listing import fixable_line, fixed_line, fixed_lines
    from archlint.report.listing import closing_line

    lines = []
    if fixed is not None:
        lines += fixed_lines(fixed) if fixing.show_fixes else []
        lines += [fixed_line(fixed, would=fixing.diff)]
    if fixed is None or not fixing.silent:
        lines += [closing_line(report), *fixable_line(report, unsafe=fixing.unsafe, fixed=fixed is not None)]
    for line in lines:
        if output_format == "full" and not (fixing.asked and (fixing.whole or fixing.diff)):
            write(line + "\n")
        else:
            note(line)


def finish_run(verification: Verification, output_format: str, *, listed: bool) -> None:
    """What was run, where the findings' standing comes from; with `listed`, a line for each model."""
    from archlint.report.verification_listing import model_line, run_lines

    lines = [model_line(model) for model in verification.models] if listed else []
    for line in [*lines, *run_lines(verification)]:
        if output_format == "full":
            write(f"{line}\n")
        else:
            note(line)
