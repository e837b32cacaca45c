"""`archlint check --baseline FILE`: the findings that were there before are not reported."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

import click

from archlint.cli.option_groups import grouped
from archlint.cli.terminal import note

if TYPE_CHECKING:
    from archlint.baseline import Baseline, Entries, Held
    from archlint.cli.checking import Checked
    from archlint.diagnostic import Report
    from archlint.options import RunOptions
    from archlint.project import Project


FILE = "archlint-baseline.json"


@dataclass(frozen=True, slots=True)
class Baselining:
    """The file, and what becomes of it."""

    baseline: str | None
    no_baseline: bool
    update_baseline: bool
    prune_baseline: bool

    @property
    def file(self) -> str:
        """The baseline that holds; "" for none."""
        return "" if self.no_baseline else self.baseline or ""

    @property
    def written(self) -> bool:
        return self.update_baseline or self.prune_baseline


baseline_options = grouped(
    "baselining",
    Baselining,
    click.option("--baseline", metavar="FILE", help="Report only findings that are not in this file."),
    click.option("--no-baseline", is_flag=True, help="Report them all, whatever the configuration says."),
    click.option("--update-baseline", is_flag=True, help="Write the findings of this run to the baseline."),
    click.option("--prune-baseline", is_flag=True, help="Take out of the baseline what is no longer found."),
)


def refuse_baseline(baselining: Baselining, *, fixing: bool, whole: bool, part: bool) -> None:
    """A usage error for options that do not go together, and for a baseline that is not there."""
    if baselining.written:
        option = "--update-baseline" if baselining.update_baseline else "--prune-baseline"
        if not baselining.file:
            raise click.UsageError(f"{option} needs a file: --baseline {FILE}, or `baseline` in the configuration")
        if baselining.update_baseline and baselining.prune_baseline:
            raise click.UsageError("--update-baseline also takes out what is no longer found")
        if fixing:
            raise click.UsageError(f"change the files first; {option} is for a run of its own")
        if whole or part:
            raise click.UsageError(
                f"{option} goes neither with standard input nor with --diff-only, --verify or --watch"
            )
    if baselining.file and os.path.isdir(baselining.file):
        raise click.UsageError(f"{baselining.file} is a directory, and no baseline")
    if baselining.file and not baselining.update_baseline and not os.path.isfile(baselining.file):
        raise click.UsageError(f"there is no baseline {baselining.file}; --update-baseline writes it")


def open_baseline(baselining: Baselining) -> Baseline | None:
    """The baseline that a run is held against; None where there is none."""
    if not baselining.file:
        return None
    from archlint.baseline import Baseline, BaselineError, read_baseline

    if baselining.update_baseline and not os.path.exists(baselining.file):
        return Baseline(os.path.dirname(os.path.abspath(baselining.file)))
    try:
        return read_baseline(baselining.file)
    except BaselineError as error:
        raise click.UsageError(str(error)) from None


def hold_report(
    project: Project,
    report: Report,
    baseline: Baseline,
    paths: Collection[str],
    options: RunOptions,
    prepare: Callable[[], object],
) -> Held:
    """The report without what is in the baseline.  paths: the files looked at.  prepare: loads the rules."""
    from archlint.baseline import hold

    @cache
    def ran(path: str) -> Collection[str]:
        from archlint.rule import rules
        from archlint.selection import active

        prepare()
        return active(rules(), options.of(path))

    return hold(report, baseline, project.files, paths, ran)


def hold_checked(
    checked: Checked, baselining: Baselining, baseline: Baseline, paths: Collection[str], prepare: Callable[[], object]
) -> tuple[Callable[[Project], Report], list[str]]:
    """Take what is in the baseline out of a report, write the baseline if that is asked for.

    Gives the same report once files hold something else, and what there is to say.
    """
    options = checked.options
    held = hold_report(checked.project, checked.report, baseline, paths, options, prepare)
    checked.report = held.report
    said = []
    if baselining.written:
        said.append(_write(baseline, held, baselining))
    else:
        _tell_stale(held)
    if baselining.update_baseline:
        every = [*(held.report.accepted or ()), *held.report.diagnostics]
        checked.report = replace(held.report, diagnostics=[], accepted=every)

    def again(project: Project) -> Report:
        return hold_report(project, checked.again(project), baseline, paths, options, prepare).report

    return again, said


def _tell_stale(held: Held) -> None:
    number = _total(held.stale)
    if number:
        are = "finding of the baseline is" if number == 1 else "findings of the baseline are"
        note(f"note: {number:,} {are} no longer there; --prune-baseline takes {'it' if number == 1 else 'them'} out")


def _write(baseline: Baseline, held: Held, baselining: Baselining) -> str:
    """Write the file as it is after the run, and say what changed in it."""
    from archlint.baseline import pruned, updated, written

    after = updated(baseline, held) if baselining.update_baseline else pruned(baseline, held.stale)
    data = written(after).encode("utf-8")
    _save(baselining.file, data)
    added, removed = _total(_more(after, baseline.files)), _total(_more(baseline.files, after))
    number = _total({name: +counted for name, counted in after.items()})
    changes = [f"{count:,} {word}" for count, word in ((added, "added"), (removed, "removed")) if count]
    findings = "finding" if number == 1 else "findings"
    return f"{number:,} {findings} in {baselining.file} ({', '.join(changes) or 'unchanged'})"


def _more(these: Entries, than: Entries) -> Entries:
    return {name: counted - than[name] if name in than else counted for name, counted in these.items()}


def _total(entries: Entries) -> int:
    return sum(counted.total() for counted in entries.values())


def _save(path: str, data: bytes) -> None:
    from archlint.rewrite import write_file

    try:
        if os.path.exists(path):
            with open(path, "rb") as file:
                if file.read() == data:
                    return
            write_file(path, data)
            return
        with open(path, "xb") as file:
            file.write(data)
    except OSError as error:
        raise click.UsageError(f"cannot write {path}: {error.strerror or error}") from None
