"""`archlint check --fix`: what is applied, written, shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from archlint.cli.option_groups import grouped
from archlint.cli.terminal import note, write

if TYPE_CHECKING:
    from archlint.diagnostic import Report
    from archlint.fix import Fixed
    from archlint.options import Options
    from archlint.project import Project


@dataclass(frozen=True, slots=True)
class Fixing:
    """What the user asked for.  whole: the project's one text goes to standard output (standard input was read)."""

    fix: bool
    unsafe_fixes: bool
    fix_only: bool
    diff: bool
    show_fixes: bool
    whole: bool = False

    @property
    def asked(self) -> bool:
        return self.fix or self.fix_only or self.diff

    @property
    def silent(self) -> bool:
        """Are the findings not reported?"""
        return self.fix_only or self.diff


fix_options = grouped(
    "fixing",
    Fixing,
    click.option("--fix", is_flag=True, help="Apply the safe fixes, and report what is left."),
    click.option("--unsafe-fixes", is_flag=True, help="Also fixes that change what the model computes."),
    click.option("--fix-only", is_flag=True, help="Apply the fixes and report nothing."),
    click.option("--diff", is_flag=True, help="Print what --fix would change instead of changing it."),
    click.option("--show-fixes", is_flag=True, help="List what was fixed."),
)


def fix_project(project: Project, report: Report, options: Options, fixing: Fixing) -> Fixed:
    """Apply the fixes of a report, and write the files unless only the difference is wanted."""
    from archlint.check import check_project
    from archlint.fix import apply_fixes
    from archlint.rewrite import encoded

    texts = _editable(project, report, fixing)

    def data(changed: Mapping[str, str]) -> dict[str, bytes]:
        return {
            path: encoded(changed[path], project.read(path) or b"") for path in changed if changed[path] != texts[path]
        }

    def recheck(changed: Mapping[str, str]) -> Report:
        return check_project(project.with_data(data(changed)), options)

    fixed = apply_fixes(texts, report, recheck, unsafe=fixing.unsafe_fixes)
    if fixing.diff:
        _show_difference(texts, fixed.texts)
    elif fixing.whole:
        write("".join({**texts, **fixed.texts}.values()))
    else:
        _write(data({**texts, **fixed.texts}))
    for sentence in fixed.refused:
        note(f"note: {sentence}")
    return fixed


def _editable(project: Project, report: Report, fixing: Fixing) -> dict[str, str]:
    """The texts of the files that may be changed: those to check, where a file can be written."""
    from archlint.fix import offered
    from archlint.rewrite import read_only

    wanted = Counter(
        path for d in offered(report, unsafe=fixing.unsafe_fixes) for path in {e.span.path for e in d.finding.edits}
    )
    texts = {}
    for path in project.checked:
        source = project.source(path) if project.may_hold_model(path) or fixing.whole else None
        if source is None:
            continue
        if not fixing.diff and not fixing.whole and read_only(project.files.absolute(path)):
            if wanted[path]:
                note(f"archlint: {path} is read-only; nothing in it was fixed")
            continue
        texts[path] = source.text
    return texts


def _write(files: Mapping[str, bytes]) -> None:
    from archlint.rewrite import write_file

    for path, data in files.items():
        try:
            write_file(path, data)
        except OSError as error:
            raise click.ClickException(f"{path} was not written: {error.strerror or error}") from None


def _show_difference(before: Mapping[str, str], after: Mapping[str, str]) -> None:
    from difflib import unified_diff

    for path, text in after.items():
        for line in unified_diff(before[path].splitlines(True), text.splitlines(True), path, path):
            write(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n")
