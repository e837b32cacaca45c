"""What `verify` and `check --verify` share: who runs the models, whether they may run here, what is said meanwhile."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from archlint.cli.option_groups import grouped
from archlint.cli.progress import one_line
from archlint.cli.terminal import note

if TYPE_CHECKING:
    from archlint.configuration import Configuration
    from archlint.diagnostic import Report
    from archlint.options import Options, RunOptions
    from archlint.project import Project
    from archlint.run.verify import Request
    from archlint.verdict import Verification

IN_ENVIRONMENT = ("bin/python", "Scripts/python.exe")
"""Where a virtual environment has its interpreter."""


def _interpreter(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    return None if value is None else _found(value)


def _found(value: str) -> str:
    """The interpreter's absolute path; links are kept, a virtual environment is known by them."""
    from shutil import which

    inside = [os.path.join(value, place) for place in IN_ENVIRONMENT] if os.path.isdir(value) else [value]
    found = next(filter(None, map(which, inside)), None)
    if found is None:
        raise click.BadParameter(f"'{value}' is no interpreter that can be run, and no virtual environment")
    return os.path.abspath(found)


def configured_run(configuration: Configuration, python: str | None) -> tuple[str | None, float]:
    """The interpreter, if the command line names none, and the seconds that one model may take, as configured."""
    here = configuration.at(os.curdir)
    stated = next((one for one in (here.stated("verify", "python"), here.stated("python")) if one.value), None)
    if python is None and stated is not None:
        named = os.sep in stated.value or os.path.isdir(stated.path)
        try:
            python = _found(stated.path if named else stated.value)
        except click.BadParameter as error:
            raise click.ClickException(f"{stated.origin}: python: {error.message}") from None
    return python, float(here.get("verify", "timeout"))


python_option = click.option(
    "--python",
    callback=_interpreter,
    metavar="EXE",
    help="Interpreter or virtual environment that has the framework (default: the one that runs archlint).",
)
unsafe_option = click.option(
    "--unsafe-exec", is_flag=True, help="Run the models even where the system cannot lock them in."
)


@dataclass(frozen=True, slots=True)
class Execution:
    """Whether `check` also runs the models, and with what."""

    executed: bool
    python: str | None
    unsafe_exec: bool


execution_options = grouped(
    "execution",
    Execution,
    click.option("--verify", "executed", is_flag=True, help="Also run the models: see `archlint verify --help`."),
    python_option,
    unsafe_option,
)


def refuse_without_fork() -> None:
    """A usage error on a system where no model could be run; whether it can be locked in is tried by the child."""
    if not hasattr(os, "fork"):
        raise click.UsageError(
            "models run in forked processes, and this system has no fork: use Linux, WSL or a container"
        )


def run_models(project: Project, options: Options | RunOptions, request: Request) -> tuple[Report, Verification]:
    """Check the project and run its models, telling a terminal which one is on."""
    from archlint.configuration import ConfigurationError
    from archlint.run.verify import verify

    try:
        with one_line(sys.stderr) as tell:
            return verify(project, options, request, tell)
    except ConfigurationError as error:
        raise click.UsageError(str(error)) from None


def tell_internal_errors(errors: list[str], most: int) -> None:
    """Say on standard error what archlint itself failed at; the findings are those of everything else."""
    for error in errors[:most]:
        note(f"archlint: internal error in {error}")
    if errors:
        more = f" (and {len(errors) - most} more; -v lists them)" if len(errors) > most else ""
        note(f"archlint: please report {'this' if len(errors) == 1 else 'these'}{more}")
