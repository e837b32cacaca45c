"""How `archlint check` shows what it found: the format, where it goes, the lines that close a run."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import click

from archlint.cli.fixing import Fixing
from archlint.cli.option_groups import grouped
from archlint.cli.terminal import color_option, note, wants_color, write

if TYPE_CHECKING:
    from archlint.diagnostic import Report
    from archlint.fix import Fixed
    from archlint.verdict import Verification

FORMATS = [
    "full", "concise", "grouped", "json", "json-lines", "github", "gitlab", "azure", "junit", "sarif", "rdjson",
    "pylint",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Output:
    """What the user wants to see, and where."""

    output_format: str
    output_file: str | None
    show_models: bool
    verbose: bool
    color: str

    @property
    def listed(self) -> bool:
        """Are the models listed?"""
        return self.show_models or self.verbose


output_options = grouped(
    "output",
    Output,
    click.option(
        "--output-format", type=click.Choice(FORMATS), default="full", show_default=True,
        envvar="ARCHLINT_OUTPUT_FORMAT",
    ),
    click.option("-o", "--output-file", type=click.Path(dir_okay=False), help="Write the findings to a file."),
    click.option("--show-models", is_flag=True, help="List the models and how much of each was understood."),
    click.option("-v", "--verbose", is_flag=True, help="Say why calls were not understood."),
    color_option,
)  # fmt: skip


def show_findings(report: Report, output: Output, fixing: Fixing) -> None:
    """Write the findings: to a file, to standard output, or to standard error where the fixed text goes to that."""
    from archlint.report.formats import render

    if output.output_file is not None:
        save(render(report, output.output_format, unsafe=fixing.unsafe_fixes), output.output_file)
        return
    aside = fixing.asked and fixing.whole
    tell = partial(print, end="", file=sys.stderr) if aside else write
    colored = wants_color(output.color, sys.stderr if aside else sys.stdout)
    tell(render(report, output.output_format, color=colored, unsafe=fixing.unsafe_fixes))


def save(text: str, path: str) -> None:
    """Write a file, or a usage error that says why not."""
    try:
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise click.UsageError(f"cannot write {path}: {error.strerror}") from None


def list_models(report: Report, output: Output) -> None:
    """Beside the findings for people, on standard error where a program reads them."""
    from archlint.report.models import render_models

    listed = render_models(report, reasons=output.verbose)
    if output.output_format == "full":
        write(listed)
    else:
        note(listed.rstrip("\n"))


def close(report: Report, output: Output, fixing: Fixing, fixed: Fixed | None, said: Sequence[str] = ()) -> None:
    """The closing lines: `said`, what was fixed, how much was understood and found."""
    from archlint.report.listing import closing_line

    lines = [*said]
    if fixed is not None:
        from archlint.report.fix_listing import fixed_line, fixed_lines

        lines += fixed_lines(fixed) if fixing.show_fixes else []
        lines += [fixed_line(fixed, would=fixing.diff)]
    if not fixing.silent:
        lines += [closing_line(report)]
        if report.diagnostics:
            from archlint.report.fix_listing import fixable_line

            lines += fixable_line(report, unsafe=fixing.unsafe_fixes, fixed=fixed is not None)
    beside = output.output_format == "full" and not (fixing.asked and (fixing.whole or fixing.diff))
    _tell(lines, beside=beside)


def close_run(verification: Verification, output: Output) -> None:
    """What was run, where the findings' standing comes from; a line for each model that was not, else where listed."""
    from archlint.report.verification_listing import model_line, run_lines

    lines = [model_line(model) for model in verification.models if output.listed or model.status == "not run"]
    _tell([*lines, *run_lines(verification)], beside=output.output_format == "full")


def _tell(lines: list[str], *, beside: bool) -> None:
    for line in lines:
        if beside:
            write(f"{line}\n")
        else:
            note(line)
