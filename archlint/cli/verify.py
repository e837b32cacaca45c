"""`archlint verify`."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import click

from archlint.cli.check import MOST_ERRORS
from archlint.cli.configuring import configuration_options, configure
from archlint.cli.inputs import input_option, path_and_model
from archlint.cli.opening import open_project
from archlint.cli.running import (
    configured_run,
    python_option,
    refuse_without_fork,
    run_models,
    tell_internal_errors,
    unsafe_option,
)
from archlint.cli.selectors import Selecting, ignore_option, prepare_rules, select_option
from archlint.cli.terminal import color_option, note, wants_color, write

if TYPE_CHECKING:
    from archlint.diagnostic import Report
    from archlint.dims import Size
    from archlint.project import Project
    from archlint.rule import Severity
    from archlint.verdict import Verification


@click.command(short_help="Run models and hold what was inferred against what happens.")
@click.argument("targets", nargs=-1, required=True, type=click.Path(readable=False), metavar="PATH[::MODEL]...")
@python_option
@click.option(
    "--framework", type=click.Choice(["auto", "torch", "keras", "tf1"]), default="auto", show_default=True,
    help="Framework to run the models with; auto: the one that each is written for.",
)  # fmt: skip
@input_option
@click.option("--args", "arguments", default="", metavar="ARGS", help="Constructor arguments, as '3, num_classes=10'.")
@click.option(
    "--timeout", type=click.FloatRange(min=0, min_open=True), default=None, metavar="S",
    help="Seconds that one model may take (default: as configured, else 60).",
)  # fmt: skip
@click.option("--probe", is_flag=True, help="Also measure how a small instance behaves: batch, time, gradients.")
@unsafe_option
@select_option
@ignore_option
@configuration_options
@click.option("--output-format", type=click.Choice(["full", "concise", "json"]), default="full", show_default=True)
@click.option(
    "--min-severity", type=click.Choice(["info", "warning", "error"]), default="error", show_default=True,
    help="Least severity of a confirmed finding that makes the exit code 1; info never does.",
)  # fmt: skip
@click.option("-e", "--exit-zero", is_flag=True, help="Exit with 0 even if something differs or fails.")
@click.option("-v", "--verbose", is_flag=True, help="Say how each model was built and why values are unknown.")
@color_option
def command(
    targets: tuple[str, ...],
    python: str | None,
    framework: str,
    inputs: dict[str, tuple[Size, ...]],
    arguments: str,
    timeout: float | None,
    probe: bool,
    unsafe_exec: bool,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    output_format: str,
    min_severity: str,
    exit_zero: bool,
    verbose: bool,
    color: str,
) -> int:
    """Run the models in files and directories, and hold every inferred shape and number against the real one.

    Each model is built and called twice, with small inputs of different sizes. A value that differs is ARC007, a model
    that raises ARC008, and every finding says whether execution confirms it.

    This executes the code of the files. Each model runs in a process of its own: without network, without new
    processes, writing in a private directory only, with limits on time and memory. It can read what you can read. The
    last line says what was enforced; where the system cannot lock a model in, nothing runs without --unsafe-exec.

    Exit code: 0 nothing differs, 1 something differs, fails or is confirmed, 2 nothing could be run, or wrong usage.
    """
    from archlint.options import Options
    from archlint.report.listing import DISAGREES, FAILED
    from archlint.report.verification_listing import failed

    configuration = configure(Selecting(select, ignore=ignore).stated())
    whole = Options(inputs=inputs, threshold=cast("Severity", min_severity), always=(DISAGREES, FAILED))
    options = prepare_rules(whole, configuration)
    refuse_without_fork()
    _check_arguments(arguments)
    named = [path_and_model(target) for target in targets]
    project = open_project(tuple(dict.fromkeys(path for path, _ in named)), None, configuration)
    only = _only(named, project)

    from archlint.run.verify import Request

    python, seconds = configured_run(configuration, python)
    request = Request(only, python, framework, arguments, timeout or seconds, probe, unsafe_exec)
    report, verification = run_models(project, options, request)
    show(verification, report, output_format, color, verbose)
    for message in dict.fromkeys([*report.notes, *verification.notes]):
        note(f"note: {message}")
    errors = [*report.internal_errors, *verification.internal_errors]
    tell_internal_errors(errors, len(errors) if verbose else MOST_ERRORS)
    if not verification.ran:
        note(_nothing_ran(verification, [path for path, _ in named]))
        return 2
    return 1 if failed(report, options.whole.threshold) and not exit_zero else 0


def _check_arguments(text: str) -> None:
    from archlint.run.literals import parse_args

    try:
        parse_args(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="'--args'") from None


def _only(named: list[tuple[str, str]], project: Project) -> dict[str, tuple[str, ...]]:
    """The models to run by file, () for all of a file; empty where none is named."""
    if not any(name for _, name in named):
        return {}
    only: dict[str, tuple[str, ...]] = dict.fromkeys(project.checked, ())
    whole = {path for path, name in named if not name}
    for path, name in named:
        if name and os.path.isdir(path):
            raise click.UsageError(f"{path} is a directory; name the file: PATH::{name}")
        if name and path not in whole:
            shown = project.files.display(project.files.absolute(path))
            only[shown] = (*only.get(shown, ()), name)
    return only


def show(verification: Verification, report: Report, output_format: str, color: str, verbose: bool) -> None:
    """Write the outcome to standard output; beside formats for programs, the totals go to standard error."""
    from archlint.report.verification_listing import closing_lines, model_line

    if output_format == "full":
        from archlint.report.verification import render_verification

        colored = wants_color(color, sys.stdout)
        write(render_verification(verification, report, color=colored, verbose=verbose))
        return
    if output_format == "json":
        from archlint.report.verification_records import render_verification_json

        write(render_verification_json(verification, report))
    else:
        from archlint.report.listing import render_concise

        write(render_concise(replace(report, texts={**verification.texts, **report.texts})))
        for model in verification.models:
            note(model_line(model))
    for line in closing_lines(verification, report):
        note(line)


def _nothing_ran(verification: Verification, paths: list[str]) -> str:
    if not verification.models:
        return f"archlint: no models in {', '.join(paths)}"
    missing = any("No module named" in model.reason for model in verification.models)
    hint = "; --python names the interpreter that has the framework" if missing else ""
    return f"archlint: nothing could be run{hint}"
