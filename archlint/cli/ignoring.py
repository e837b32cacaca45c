"""`archlint check --add-ignore[=REASON]`: a comment at every finding, for rules that are adopted in old code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from archlint.cli.fixing import Fixing, changed_data, show_difference, write_files
from archlint.cli.option_groups import grouped
from archlint.cli.sections import Sectioned
from archlint.cli.terminal import note

if TYPE_CHECKING:
    from archlint.diagnostic import Diagnostic, Report
    from archlint.project import Project

OPTION, REASON = "--add-ignore", "--ignore-reason"


class TakesReason(Sectioned):
    """A command whose `--add-ignore` may be given a reason behind `=`, and only there: what follows it is a path."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read `--add-ignore=REASON` as the flag and the reason."""
        given: list[str] = []
        for place, one in enumerate(args):
            if one == "--":
                given += args[place:]
                break
            given += [OPTION, f"{REASON}={one[len(OPTION) + 1 :]}"] if one.startswith(f"{OPTION}=") else [one]
        return super().parse_args(ctx, given)


@dataclass(frozen=True, slots=True)
class Ignoring:
    """Are comments written, and what they give as the reason."""

    add_ignore: bool
    ignore_reason: str


ignore_comment_options = grouped(
    "ignoring",
    Ignoring,
    click.option(
        OPTION, is_flag=True, help="Write an ignore comment at every finding; --add-ignore=REASON says why in it."
    ),
    click.option(REASON, default="", hidden=True),
)


@dataclass(slots=True)
class Ignored:
    """What came of it: the findings that are left, how many were ignored, the files that change."""

    report: Report
    number: int
    files: list[str]

    def line(self, *, would: bool) -> str:
        """`3 findings ignored in 2 files`."""
        from archlint.report.listing import count

        if not self.number:
            return "nothing to ignore"
        verb = "would be ignored" if would else "ignored"
        return f"{count(self.number, 'finding')} {verb} in {count(len(self.files), 'file')}"


def refuse_ignoring(ignoring: Ignoring, fixing: Fixing, *, part: bool, suppressions: bool) -> None:
    """A usage error for options that do not go together."""
    if not ignoring.add_ignore:
        return
    if "\n" in ignoring.ignore_reason or "\r" in ignoring.ignore_reason:
        raise click.UsageError("the reason of --add-ignore is one line")
    if fixing.fix or fixing.fix_only:
        raise click.UsageError("fix first, and ignore what is left in a run of its own")
    if fixing.whole or part:
        raise click.UsageError(
            "--add-ignore goes neither with standard input nor with --diff-only, --verify or --watch"
        )
    if not suppressions:
        raise click.UsageError("--add-ignore has no effect beside --ignore-suppressions")


def ignore_findings(
    project: Project, report: Report, again: Callable[[Project], Report], ignoring: Ignoring, *, diff: bool
) -> Ignored:
    """Write the comments, except in a file where they would not do.

    again: the report of the project once files hold something else.
    """
    from archlint.fix import edited
    from archlint.ignoring import ignoring as comments

    found = _ignorable(project, report, diff=diff)
    texts, after = {}, {}
    for path, own in found.items():
        source = project.source(path)
        assert source is not None
        texts[path] = source.text
        places = [(one.finding.span, one.code) for one in own]
        edits = comments(source, places, " ".join(ignoring.ignore_reason.split()))
        after[path] = edited({path: source.text}, edits)[path]
    left = report
    while after:
        left = again(project.with_data(_data(project, texts, after)))
        wrong = [path for path in after if _harmed(path, report, left, Counter(d.code for d in found[path]))]
        for path in wrong:
            note(f"note: {path}: comments would not do; nothing in it was ignored")
            del after[path]
        if not wrong:
            break
    if diff:
        show_difference(project, texts, after)
    else:
        write_files(_data(project, texts, after))
    return Ignored(left if after else report, sum(len(found[path]) for path in after), list(after))


def _data(project: Project, texts: Mapping[str, str], after: Mapping[str, str]) -> dict[str, bytes]:
    try:
        return changed_data(project, texts, after)
    except ValueError as error:  # a reason in letters that the file's encoding has not
        raise click.UsageError(f"the comments cannot be written: {error}") from None


def _ignorable(project: Project, report: Report, *, diff: bool) -> Mapping[str, list[Diagnostic]]:
    """By file that may be changed, the findings that a comment is for."""
    from archlint.ignoring import NEVER
    from archlint.rewrite import read_only

    found: dict[str, list[Diagnostic]] = {}
    checked = set(project.checked)
    for one in report.diagnostics:
        if one.path in checked and one.code not in NEVER:
            found.setdefault(one.path, []).append(one)
    for path in [] if diff else list(found):
        if read_only(project.files.absolute(path)):
            note(f"archlint: {path} is read-only; nothing in it was ignored")
            del found[path]
    return found


def _harmed(path: str, before: Report, after: Report, ignored: Counter[str]) -> bool:
    """Is there more in a file than what was not to be ignored?"""
    had, has = (Counter(d.code for d in report.diagnostics if d.path == path) for report in (before, after))
    return bool(has - (had - ignored)) or len(after.internal_errors) > len(before.internal_errors)
