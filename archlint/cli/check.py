"""`archlint check`."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING, cast

import click

from archlint.cli.baselining import (
    Baselining,
    baseline_options,
    hold_checked,
    hold_report,
    open_baseline,
    refuse_baseline,
)
from archlint.cli.changed import Changes, change_options, difference, wanted_files
from archlint.cli.changed_lines import on_changed_lines
from archlint.cli.checking import Checked, Effort, check_files, effort_options, share_of, tell_timings
from archlint.cli.configuring import FromConfiguration, configuration_options, configure, is_configured
from archlint.cli.depending import add_dependants, dependants_option
from archlint.cli.fixing import Fixing, fix_options, fix_project
from archlint.cli.ignoring import Ignoring, TakesReason, ignore_comment_options, ignore_findings, refuse_ignoring
from archlint.cli.inputs import input_option
from archlint.cli.opening import STDIN, Looking, looking_options, open_project
from archlint.cli.output import Output, close, close_run, list_models, output_options, show_findings
from archlint.cli.running import (
    Execution,
    configured_run,
    execution_options,
    refuse_without_fork,
    run_models,
    tell_internal_errors,
)
from archlint.cli.selectors import Selecting, load_and_refuse, selecting_options
from archlint.cli.showing import Showing, list_files, show_settings, show_statistics, showing_options
from archlint.cli.terminal import note
from archlint.cli.watching import watch_files, watch_option

if TYPE_CHECKING:
    from archlint.configuration import Configuration
    from archlint.diagnostic import Report
    from archlint.dims import Size
    from archlint.options import Options, RunOptions
    from archlint.project import Project
    from archlint.rule import Severity
    from archlint.verdict import Verification

MOST_ERRORS = 5
CONFIGURED = FromConfiguration("output_format", "min_severity", "fix", "unsafe_fixes", "baseline", "cache_dir")


@click.command(
    cls=TakesReason,
    short_help="Report defects of the models in files and directories.",
    context_settings={"default_map": CONFIGURED},
)
@click.argument("paths", nargs=-1, type=click.Path(readable=False), metavar="[PATH|-]...")
@selecting_options
@click.option(
    "--min-severity", type=click.Choice(["info", "warning", "error"]), default="warning", show_default=True,
    help="Least severity that makes the exit code 1; info never does.",
)  # fmt: skip
@click.option("-e", "--exit-zero", is_flag=True, help="Exit with 0 even if there are findings.")
@dependants_option
@fix_options
@ignore_comment_options
@baseline_options
@input_option
@looking_options
@click.option("--stdin-filename", metavar="PATH", help="Name of the file given on standard input.")
@change_options
@watch_option
@effort_options
@configuration_options
@showing_options
@output_options
@execution_options
def command(
    paths: tuple[str, ...],
    selecting: Selecting,
    min_severity: str,
    exit_zero: bool,
    with_dependants: bool,
    fixing: Fixing,
    ignoring: Ignoring,
    baselining: Baselining,
    inputs: dict[str, tuple[Size, ...]],
    looking: Looking,
    stdin_filename: str | None,
    changes: Changes,
    watch: bool,
    effort: Effort,
    showing: Showing,
    output: Output,
    execution: Execution,
) -> int:
    """Report defects of the models in files and directories (default: here); - reads standard input.

    Exit code: 0 no findings, 1 findings, 2 wrong usage, an internal error, or (--verify) nothing could be run.
    """
    from archlint.options import Options

    whole = Options(
        inputs=inputs, threshold=cast("Severity", min_severity), suppressions=not selecting.ignore_suppressions
    )
    alone = watch or execution.executed or ignoring.add_ignore or baselining.written or changes.diff_only
    wanted = fixing.fix and not (alone and is_configured("fix"))  # what is asked for here goes before `fix = true`
    fixing = replace(fixing, fix=wanted, whole=STDIN in paths)
    asked = Asked(
        paths or (os.curdir,), selecting, whole, exit_zero, with_dependants, fixing, looking, stdin_filename, changes,
        effort, output, execution, ignoring, baselining, showing,
    )  # fmt: skip
    refuse_together(asked, watch=watch)
    if watch:
        return watch_files(lambda: once(asked)[1], asked.paths)
    return once(asked)[0]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says.  whole: what it says of every file, besides the keys of the configuration."""

    paths: tuple[str, ...]
    selecting: Selecting
    whole: Options
    exit_zero: bool
    with_dependants: bool
    fixing: Fixing
    looking: Looking
    stdin_filename: str | None
    changes: Changes
    effort: Effort
    output: Output
    execution: Execution
    ignoring: Ignoring
    baselining: Baselining
    showing: Showing


def once(asked: Asked) -> tuple[int, Checked | None]:
    """Check and show what is found: the exit status, and what was checked if no model was run."""
    from archlint.configuration.by_file import run_options

    configuration = configure(asked.selecting.stated(), asked.looking.stated())
    baseline = open_baseline(asked.baselining)
    options = run_options(configuration, asked.whole)
    prepare = cache(partial(load_and_refuse, configuration))
    if asked.showing.show_settings:
        prepare()
        return show_settings(configuration, options, asked.paths), None
    project = open_project(asked.paths, asked.stdin_filename, configuration)
    if asked.with_dependants:
        add_dependants(project, configuration)
    found = difference(asked.changes.base) if asked.changes.asked else None
    paths = share_of(wanted_files(project, found), asked.effort.shard)
    if asked.showing.show_files:
        return list_files(project, paths), None
    if asked.execution.executed:
        prepare()
        project.checked = paths
        report, verification = executed(project, options, asked.execution, configuration)
        if baseline is not None:
            report = hold_report(project, report, baseline, paths, options, prepare).report
        return show(asked, project, report, verification, None), None
    checked = check_files(project, options, paths, asked.effort, prepare)
    again: Callable[[Project], Report] = checked.again
    said: list[str] = []
    if baseline is not None:
        again, said = hold_checked(checked, asked.baselining, baseline, paths, prepare)
    if asked.changes.diff_only and found is not None:
        checked.report.diagnostics = on_changed_lines(checked.report, project, found)
    changing = asked.fixing.asked or asked.ignoring.add_ignore
    if changing or asked.output.output_format == "sarif":  # files are checked again; rules are described
        prepare()
    status = show(asked, project, checked.report, None, again, said)
    if asked.output.verbose and checked.failure:
        note(f"note: no cache: {checked.failure}")
    if asked.effort.timings:
        tell_timings(checked)
    return status, checked


def show(
    asked: Asked,
    project: Project,
    report: Report,
    verification: Verification | None,
    again: Callable[[Project], Report] | None,
    said: Sequence[str] = (),
) -> int:
    """Fix what is to be fixed, show what is left: the exit status.

    again: the report once files hold something else.  said: what is told before the closing lines.
    """
    from archlint.report.listing import failed

    fixing, output = asked.fixing, asked.output
    ignored = fixed = None
    if asked.ignoring.add_ignore and again is not None:
        ignored = ignore_findings(project, report, again, asked.ignoring, diff=fixing.diff)
        report, said = ignored.report, [*said, ignored.line(would=fixing.diff)]
    elif fixing.asked and again is not None:
        fixed = fix_project(project, report, again, fixing)
        report = fixed.report
    if not fixing.silent:
        if asked.showing.statistics:
            show_statistics(report, output, unsafe=fixing.unsafe_fixes)
        else:
            show_findings(report, output, fixing)
    if output.listed:
        list_models(report, output)
    for message in report.notes:
        note(f"note: {message}")
    tell_internal_errors(report.internal_errors, MOST_ERRORS if not output.verbose else len(report.internal_errors))
    close(report, output, fixing, fixed, said)
    if verification is not None:
        close_run(verification, output)
    if fixed is not None and fixed.texts and fixing.exit_non_zero_on_fix:
        return 1
    if fixing.silent:
        changed = fixed.texts if fixed is not None else ignored.files if ignored is not None else ()
        return 1 if fixing.diff and changed else 0
    if failed(report, asked.whole.threshold) and not asked.exit_zero:
        return 1
    return 2 if verification is not None and verification.models and not verification.ran else 0


def executed(
    project: Project, options: RunOptions, execution: Execution, configuration: Configuration
) -> tuple[Report, Verification]:
    """The findings, and what running the models gave."""
    from archlint.run.verify import Request

    python, seconds = configured_run(configuration, execution.python)
    request = Request(python=python, timeout=seconds, unsafe=execution.unsafe_exec)
    report, verification = run_models(project, options, request)
    report.internal_errors += verification.internal_errors
    report.notes += verification.notes
    return report, verification


def refuse_together(asked: Asked, *, watch: bool) -> None:
    """A usage error for options that do not go together."""
    fixing, execution, changes = asked.fixing, asked.execution, asked.changes
    part = changes.diff_only or execution.executed or watch
    refuse_ignoring(asked.ignoring, fixing, part=part, suppressions=asked.whole.suppressions)
    refuse_baseline(asked.baselining, fixing=fixing.asked or asked.ignoring.add_ignore, whole=fixing.whole, part=part)
    if execution.executed:
        if fixing.whole:
            raise click.UsageError("--verify runs files, not standard input")
        if fixing.asked:
            raise click.UsageError("--verify runs the files as they are; fix them first, in a run of its own")
        refuse_without_fork()
    elif execution.python is not None or execution.unsafe_exec:
        raise click.UsageError("--python and --unsafe-exec are for --verify")
    if watch and (fixing.asked or fixing.whole or execution.executed):
        raise click.UsageError("--watch goes neither with fixes nor with --verify nor with standard input")
    if changes.base is not None and not changes.asked:
        raise click.UsageError("--base is for --changed-only and --diff-only")
    if fixing.whole and (changes.asked or asked.effort.shard):
        raise click.UsageError("standard input is one file: --changed-only, --diff-only and --shard choose among files")
    if changes.diff_only and fixing.asked:
        raise click.UsageError("--diff-only chooses what is reported; fix with --changed-only")
