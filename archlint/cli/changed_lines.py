"""`--diff-only`: the findings about lines that differ from a revision."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import click

from archlint.cli.changed import Difference, run_git

if TYPE_CHECKING:
    from archlint.diagnostic import Diagnostic, Report
    from archlint.project import Project
    from archlint.text import LineIndex, Span

HUNK = re.compile(rb"^@@ -\S+ \+(\d+)(?:,(\d+))? @@", re.MULTILINE)


def on_changed_lines(report: Report, project: Project, found: Difference) -> list[Diagnostic]:
    """The findings that stand on a changed line, or have their cause on one."""
    known: dict[str, list[range] | None] = {}

    def changed(span: Span) -> bool:
        if span.path not in known:
            known[span.path] = changed_lines(found, os.path.realpath(project.files.absolute(span.path)))
        ranges, index = known[span.path], report.texts.get(span.path)
        if ranges is None or index is None:
            return ranges != []
        first, last = (_line(index, at) for at in (span.start, max(span.end - 1, span.start)))
        return any(lines.start <= last and first < lines.stop for lines in ranges)

    return [
        one
        for one in report.diagnostics
        if any(map(changed, (one.finding.span, *(label.span for label in one.finding.related))))
    ]


def _line(index: LineIndex, offset: int) -> int:
    """The line that git counts: of a notebook, one of its JSON."""
    from archlint.notebook_file import place_in_file

    at = min(offset, len(index.text))
    return index.line_of(at) if index.cells is None else place_in_file(index, at).line


def changed_lines(found: Difference, path: str) -> list[range] | None:
    """The lines of a file that differ; None for all of them."""
    if path in found.new:
        return None
    if path not in found.files:
        return []
    root = max((top for top in found.commits if path.startswith(top + os.sep)), key=len)
    # A repository may call its notebooks binary, so that nobody has to read their differences: `*.ipynb -diff`.
    options = ["--unified=0", "--no-color", "--no-ext-diff", "--no-textconv", "--text"]
    done = run_git(root, "diff", *options, found.commits[root], "--", path)
    if done.returncode:
        raise click.UsageError(f"git diff: {os.fsdecode(done.stderr).strip()}")
    spans = [(int(match[1]), int(match[2] or b"1")) for match in HUNK.finditer(done.stdout)]
    # Where lines were only taken out, what is now around the gap has changed.
    return [range(first, first + number) if number else range(first, first + 2) for first, number in spans]
