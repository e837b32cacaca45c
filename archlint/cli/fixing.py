"""`archlint check --fix`: what is applied, written, shown."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from archlint.cli.option_groups import grouped
from archlint.cli.terminal import note, write

if TYPE_CHECKING:
    from archlint.diagnostic import Report
    from archlint.fix import Fixed
    from archlint.project import Project


@dataclass(frozen=True, slots=True)
class Fixing:
    """What the user asked for.  whole: the project's one text goes to standard output (standard input was read)."""

    fix: bool
    unsafe_fixes: bool
    fix_only: bool
    diff: bool
    show_fixes: bool
    exit_non_zero_on_fix: bool = False
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
    click.option("--fix/--no-fix", default=False, help="Apply the safe fixes, and report what is left."),
    click.option("--unsafe-fixes", is_flag=True, help="Also fixes that change what the model computes."),
    click.option("--fix-only", is_flag=True, help="Apply the fixes and report nothing."),
    click.option("--diff", is_flag=True, help="Print what --fix would change instead of changing it."),
    click.option("--show-fixes", is_flag=True, help="List what was fixed."),
    click.option("--exit-non-zero-on-fix", is_flag=True, help="Exit with 1 if something was fixed."),
)


def fix_project(project: Project, report: Report, again: Callable[[Project], Report], fixing: Fixing) -> Fixed:
    """Apply the fixes of a report, and write the files unless only the difference is wanted.

    again: the report of the project once files hold something else.
    """
    from archlint.fix import apply_fixes

    texts = _editable(project, report, fixing)

    def recheck(changed: Mapping[str, str]) -> Report:
        return again(project.with_data(changed_data(project, texts, changed)))

    fixed = apply_fixes(texts, report, recheck, unsafe=fixing.unsafe_fixes)
    if fixing.diff:
        show_difference(project, texts, fixed.texts)
    elif fixing.whole:
        write("".join(_whole(project, path, fixed.texts.get(path, text)) for path, text in texts.items()))
        _pass_on(project, texts)
    else:
        write_files(changed_data(project, texts, fixed.texts))
    for sentence in fixed.refused:
        note(f"note: {sentence}")
    return fixed


def _pass_on(project: Project, texts: Mapping[str, str]) -> None:
    """Give back standard input as it came where it is excluded or cannot be read: an editor replaces its file by it."""
    from archlint.files import Disk

    assert isinstance(project.files, Disk)
    for path, data in project.files.overlay.items():
        if project.files.display(path) not in texts:
            sys.stdout.flush()
            sys.stdout.buffer.write(data)


def changed_data(project: Project, before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, bytes]:
    """The new bytes of each file whose text changes.  Raises ValueError for what its encoding cannot say."""
    from archlint.rewrite import encoded

    differing = [path for path, text in after.items() if text != before[path]]
    return {path: encoded(path, after[path], project.read(path) or b"") for path in differing}


def _editable(project: Project, report: Report, fixing: Fixing) -> dict[str, str]:
    """The texts of the files that may be changed: those to check, where a file can be written."""
    from archlint.fix import offered
    from archlint.rewrite import read_only

    wanted = Counter(
        path for d in offered(report, unsafe=fixing.unsafe_fixes) for path in {e.span.path for e in d.finding.edits}
    )
    texts = {}
    for path in project.checked:
        lines = project.lines(path) if project.may_hold_model(path) or fixing.whole else None
        if lines is None:
            continue
        if not fixing.diff and not fixing.whole and read_only(project.files.absolute(path)):
            if wanted[path]:
                note(f"archlint: {path} is read-only; nothing in it was fixed")
            continue
        texts[path] = lines.text
    return texts


def write_files(files: Mapping[str, bytes]) -> None:
    """Write each file in one step; what fails is a clear error."""
    from archlint.rewrite import write_file

    for path, data in files.items():
        try:
            write_file(path, data)
        except OSError as error:
            raise click.ClickException(f"{path} was not written: {error.strerror or error}") from None


def _whole(project: Project, path: str, text: str) -> str:
    """The text of a file; of a notebook all of it, not its code alone."""
    from archlint.files import is_notebook
    from archlint.rewrite import encoded

    if not is_notebook(path):
        return text
    return encoded(path, text, project.read(path) or b"").decode("utf-8")


def show_difference(project: Project, before: Mapping[str, str], after: Mapping[str, str]) -> None:
    """What changes, as `diff -u` writes it; in a notebook by cell."""
    from difflib import unified_diff

    for path, text in after.items():
        for name, old, new in _parts(project, path, before[path], text):
            for line in unified_diff(_lines(old), _lines(new), name, name):
                write(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n")


def _parts(project: Project, path: str, before: str, after: str) -> Iterator[tuple[str, str, str]]:
    """(name, text before, text after) of what changes: a file, or cells of a notebook, which end without a line end."""
    lines = project.lines(path)
    if lines is None or lines.cells is None:
        yield path, before, after
        return
    from archlint.source.notebook import cells_of

    for number, old, new in zip(lines.cells.numbers, cells_of(before), cells_of(after)):
        if old != new:
            yield f"{path}:cell {number}", f"{old}\n", f"{new}\n"


def _lines(text: str) -> list[str]:
    """The lines as an editor counts them: a form feed ends none."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)
