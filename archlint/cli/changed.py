"""`--changed-only` and `--diff-only`: what differs from a revision, and what that reaches."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from archlint.cli.option_groups import grouped

if TYPE_CHECKING:
    import subprocess

    from archlint.diagnostic import Diagnostic, Report
    from archlint.project import Project
    from archlint.text import Span

HUNK = re.compile(rb"^@@ -\S+ \+(\d+)(?:,(\d+))? @@", re.MULTILINE)
CONFIGURATION = ("pyproject.toml", "archlint.toml", ".archlint.toml")


@dataclass(frozen=True, slots=True)
class Changes:
    """What the user asked for: files that a change reaches, findings on lines that changed, since when."""

    changed_only: bool = False
    diff_only: bool = False
    base: str | None = None

    @property
    def asked(self) -> bool:
        return self.changed_only or self.diff_only


change_options = grouped(
    "changes",
    Changes,
    click.option(
        "--changed-only", is_flag=True, help="Check the files that differ from --base, and those that import them."
    ),
    click.option("--diff-only", is_flag=True, help="Report only what is about lines that differ from --base."),
    click.option(
        "--base", metavar="REF", help="Revision to compare with, from where HEAD left it (default: HEAD itself)."
    ),
)


@dataclass(slots=True)
class Difference:
    """What differs from a commit in one repository.

    root: its directory.  files: absolute path -> does it exist?  new: those that git does not track yet.
    """

    root: str
    commit: str
    files: dict[str, bool]
    new: frozenset[str]


def difference(base: str | None) -> Difference:
    """What differs in the working tree, staged or not, and what is new.  A usage error outside a repository."""
    root = _git(os.curdir, "rev-parse", "--show-toplevel", wrong="--changed-only and --diff-only need a git repository")
    top = os.fsdecode(root).rstrip("\n")
    commit = _commit(top, base)
    changed = _git(top, "diff", "--name-status", "--no-renames", "--no-ext-diff", "--ignore-submodules", "-z", commit)
    parts = os.fsdecode(changed).split("\0")[:-1]
    files = {os.path.join(top, name): status != "D" for status, name in zip(parts[::2], parts[1::2])}
    listed = os.fsdecode(_git(top, "ls-files", "-z", "-o", "--exclude-standard")).split("\0")[:-1]
    new = frozenset(os.path.join(top, name) for name in listed)
    return Difference(top, commit, {**files, **dict.fromkeys(new, True)}, new)


def _commit(top: str, base: str | None) -> str:
    """The commit to compare with: where HEAD and the revision parted, as a request to merge shows it."""
    if base is None:
        wrong = "there is no commit to compare with yet"
    else:
        wrong = f"no such revision: {base}"
    asked = ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{base or 'HEAD'}^{{commit}}"]
    commit = os.fsdecode(_git(top, *asked, wrong=wrong)).strip()
    if base is None:
        return commit
    parted = _run(top, "merge-base", commit, "HEAD")
    return os.fsdecode(parted.stdout).strip() if not parted.returncode else commit


def _git(folder: str, *arguments: str, wrong: str = "") -> bytes:
    """What git prints.  A usage error, `wrong` or git's own words, where it fails."""
    done = _run(folder, *arguments)
    if done.returncode:
        raise click.UsageError(wrong or f"git {arguments[0]}: {os.fsdecode(done.stderr).strip()}")
    return done.stdout


def _run(folder: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    import subprocess

    # A repository may name a program in core.fsmonitor, which git would run.
    command = ["git", "-C", folder, "-c", "core.fsmonitor=false", *arguments]
    try:
        return subprocess.run(command, capture_output=True, check=False)
    except OSError as error:
        raise click.UsageError(f"git cannot be run: {error.strerror}") from None


def wanted_files(project: Project, found: Difference | None) -> list[str]:
    """The files to check: all of a project, or those that a difference reaches."""
    return project.checked if found is None else affected(project, found)


def affected(project: Project, found: Difference) -> list[str]:
    """The checked files that changed, import what changed at any depth, or stand below a changed configuration."""
    from archlint.dependants import dependants
    from archlint.discover import discover
    from archlint.files import Disk
    from archlint.project import Project

    # What was deleted is there once more, empty, so that those who import it are found.
    overlay = {path: b"" for path, exists in found.files.items() if not exists and path.endswith(".py")}
    seen = Project(Disk(overlay), project.checked, [], project.given)
    absolute = {path: os.path.realpath(project.files.absolute(path)) for path in project.checked}
    folders = [os.path.dirname(path) + os.sep for path in found.files if os.path.basename(path) in CONFIGURATION]
    changed = {path for path, place in absolute.items() if place in found.files or place.startswith(tuple(folders))}
    beside = [project.files.display(os.path.join(project.files.absolute(os.curdir), path)) for path in found.files]
    every = [seen.files.display(seen.files.absolute(path)) for path in discover([found.root]).files]
    reached = changed | set(dependants(seen, {*changed, *beside}, {*project.checked, *every}))
    return [path for path in project.checked if path in reached]


def on_changed_lines(report: Report, project: Project, found: Difference) -> list[Diagnostic]:
    """The findings that stand on a changed line, or have their cause on one."""
    known: dict[str, list[range] | None] = {}

    def changed(span: Span) -> bool:
        if span.path not in known:
            known[span.path] = changed_lines(found, os.path.realpath(project.files.absolute(span.path)))
        ranges, index = known[span.path], report.texts.get(span.path)
        if ranges is None or index is None or index.cells is not None:  # git counts the lines of a notebook's JSON
            return ranges != []
        first, last = (index.line_of(min(at, len(index.text))) for at in (span.start, max(span.end - 1, span.start)))
        return any(lines.start <= last and first < lines.stop for lines in ranges)

    return [
        one
        for one in report.diagnostics
        if any(map(changed, (one.finding.span, *(label.span for label in one.finding.related))))
    ]


def changed_lines(found: Difference, path: str) -> list[range] | None:
    """The lines of a file that differ; None for all of them."""
    if path in found.new:
        return None
    if path not in found.files:
        return []
    options = ["--unified=0", "--no-color", "--no-ext-diff", "--no-textconv"]
    text = _git(found.root, "diff", *options, found.commit, "--", path)
    spans = [(int(match[1]), int(match[2] or b"1")) for match in HUNK.finditer(text)]
    # Where lines were only taken out, what is now around the gap has changed.
    return [range(first, first + number) if number else range(first, first + 2) for first, number in spans]
