"""`--changed-only` and `--diff-only`: which files differ from a revision, and what that reaches."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from archlint.cli.option_groups import grouped

if TYPE_CHECKING:
    import subprocess

    from archlint.project import Project

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
    """What differs from a commit in a repository and its submodules.

    root: its directory.  commits: the commit to compare with, by the directory of each repository; submodules that are
    new have none.  files: absolute path -> does it exist?  new: those that the commit does not hold.
    """

    root: str
    commits: dict[str, str] = field(default_factory=dict)
    files: dict[str, bool] = field(default_factory=dict)
    new: set[str] = field(default_factory=set)


def difference(base: str | None) -> Difference:
    """What differs in the working tree, staged or not, and what is new.  A usage error outside a repository."""
    top = _top()
    found = Difference(top)
    _compare(found, top, _commit(top, base))
    return found


def _top() -> str:
    done = run_git(os.curdir, "rev-parse", "--show-toplevel")
    if not done.returncode:
        return os.fsdecode(done.stdout).rstrip("\n")
    said = os.fsdecode(done.stderr).strip()
    if "not a git repository" in said:
        raise click.UsageError("--changed-only and --diff-only need a git repository")
    if "must be run in a work tree" in said:  # a bare repository
        raise click.UsageError("--changed-only and --diff-only need the working tree of a git repository")
    raise click.UsageError(f"git: {said}")


def _compare(found: Difference, top: str, commit: str) -> None:
    """Add what differs from a commit in one repository, and in its submodules from what that commit holds of them."""
    found.commits[top] = commit
    changed = _git(top, "diff", "--name-status", "--no-renames", "--no-ext-diff", "--ignore-submodules", "-z", commit)
    parts = os.fsdecode(changed).split("\0")[:-1]
    found.files |= {os.path.join(top, name): status != "D" for status, name in zip(parts[::2], parts[1::2])}
    _add_new(found, top, "-o")
    for inner, held in _submodules(top, commit):
        if held is None:
            _add_new(found, inner, "-co")
        else:
            _compare(found, inner, held)


def _add_new(found: Difference, top: str, which: str) -> None:
    listed = _git(top, "ls-files", "-z", which, "--exclude-standard")
    new = {os.path.join(top, name) for name in os.fsdecode(listed).split("\0")[:-1]}
    found.new |= new
    found.files |= dict.fromkeys(new, True)


def _submodules(top: str, commit: str) -> Iterator[tuple[str, str | None]]:
    """The submodules that are checked out, and the commit of each that the commit holds, if it is there."""
    if not os.path.isfile(os.path.join(top, ".gitmodules")):
        return
    for line in os.fsdecode(_git(top, "ls-files", "-z", "-s")).split("\0"):
        head, _, name = line.partition("\t")
        inner = os.path.join(top, name)
        if head.startswith("160000") and os.path.lexists(os.path.join(inner, ".git")):
            held = run_git(top, "rev-parse", "--verify", "--quiet", f"{commit}:{name}")
            at = os.fsdecode(held.stdout).strip()
            there = not held.returncode and not run_git(inner, "cat-file", "-e", f"{at}^{{commit}}").returncode
            yield inner, at if there else None


def _commit(top: str, base: str | None) -> str:
    """The commit to compare with: where HEAD and the revision parted, as a request to merge shows it."""
    from archlint.comparison.revision import GitError, commit_of

    try:
        commit = commit_of(top, base or "HEAD")
    except GitError as error:
        raise click.UsageError("there is no commit to compare with yet" if base is None else str(error)) from None
    if base is None:
        return commit
    parted = run_git(top, "merge-base", commit, "HEAD")
    return os.fsdecode(parted.stdout).strip() if not parted.returncode else commit


def _git(folder: str, *arguments: str) -> bytes:
    """What git prints.  A usage error, git's own words, where it fails."""
    done = run_git(folder, *arguments)
    if done.returncode:
        raise click.UsageError(f"git {arguments[0]}: {os.fsdecode(done.stderr).strip()}")
    return done.stdout


def run_git(folder: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """A run of git in a folder, in English.  A usage error where there is no git."""
    import subprocess

    # A repository may name a program in core.fsmonitor, which git would run.
    command = ["git", "-C", folder, "-c", "core.fsmonitor=false", *arguments]
    try:
        return subprocess.run(command, capture_output=True, check=False, env={**os.environ, "LC_ALL": "C"})
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
