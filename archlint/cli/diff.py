"""`archlint diff`."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

import click

from archlint.cli.configuring import configuration_options, configured
from archlint.cli.graph import save
from archlint.cli.inputs import input_option
from archlint.cli.opening import open_project
from archlint.cli.progress import counted
from archlint.cli.running import tell_internal_errors
from archlint.cli.terminal import color_option, wants_color, write

if TYPE_CHECKING:
    from archlint.comparison.models import Comparison
    from archlint.comparison.revision import Revision
    from archlint.configuration import Configuration
    from archlint.dims import Size
    from archlint.project import Project

MOST_ERRORS = 5
MOST_DRAWN = 60
"""Boxes of a drawing in Markdown; modules are folded until there are no more."""
WORKING_TREE = "working tree"


@click.command(short_help="Tell what changed in the architecture of models since a revision.")
@click.argument("revision", metavar="REV[..REV]")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "--output-format", type=click.Choice(["text", "markdown", "json"]), default="text", show_default=True,
    help="markdown is for the comment of a pull request.",
)  # fmt: skip
@click.option("-o", "--output-file", type=click.Path(dir_okay=False), help="Write the comparison to a file.")
@click.option("--mermaid", is_flag=True, help="In Markdown, draw each model that changed.")
@click.option("--exit-code", is_flag=True, help="Exit with 1 if a model or a finding changed.")
@input_option
@configuration_options
@color_option
def command(
    revision: str,
    paths: tuple[str, ...],
    output_format: str,
    output_file: str | None,
    mermaid: bool,
    exit_code: bool,
    inputs: dict[str, tuple[Size, ...]],
    color: str,
) -> int:
    """Compare the models of a git revision with those of the working tree, or of another revision (REV..REV).

    Layers that were added, removed or changed, shapes, parameters, findings.  REV...REV starts where the two parted.
    Nothing is checked out.  Of the files at and below PATH (default: here) those are looked at that differ, and those
    that import them.
    """
    if mermaid and output_format != "markdown":
        raise click.UsageError("--mermaid draws in Markdown: --output-format markdown")
    from archlint.comparison.revision import GitError

    try:
        comparison, failed = compared(revision, paths or (os.curdir,), inputs)
    except GitError as error:
        raise click.UsageError(_with_hint(str(error), revision)) from None
    text = rendered(comparison, output_format, mermaid, wants_color(color, sys.stdout) and output_file is None)
    if output_file is None:
        write(text)
    else:
        save(text, output_file)
    tell_internal_errors(failed, MOST_ERRORS)
    return 1 if exit_code and comparison else 0


def _with_hint(message: str, revision: str) -> str:
    if message.startswith("no such revision") and os.path.exists(revision):
        return f"{message}; for a path: archlint diff HEAD {revision}"
    return message


def compared(
    revision: str, paths: tuple[str, ...], inputs: dict[str, tuple[Size, ...]]
) -> tuple[Comparison, list[str]]:
    """The comparison, and what archlint itself failed at.  Raises GitError."""
    from archlint.cli.selectors import prepare_rules
    from archlint.comparison.models import came_and_went, compare
    from archlint.comparison.revision import commit_of, moves, opened, parted, top_of
    from archlint.comparison.states import built, reached_by
    from archlint.options import Options

    root = top_of(os.curdir)
    old, new = _sides(revision)
    before = commit_of(root, old)
    after = None if new is None else commit_of(root, new)
    if "..." in revision:
        before = parted(root, before, after or commit_of(root, "HEAD"))
    configuration = configured()
    options = prepare_rules(Options(inputs=inputs), configuration)
    with ExitStack() as stack:
        here = os.getcwd()
        earlier = stack.enter_context(opened(root, here, before))
        later = None if after is None else stack.enter_context(opened(root, here, after))
        _refuse_unknown(paths, [state for state in (earlier, later) if state is not None], disk=later is None)
        first = _at(earlier, paths, configuration)
        second = _now(paths, configuration) if later is None else _at(later, paths, configuration)
        found = moves(root, before, after)
        checked = reached_by(found, first, second)
        with counted(sys.stderr, len(checked[0]) + len(checked[1])) as step:
            states = built(first, checked[0], options, step), built(second, checked[1], options, step)
        renamed = {first.files.display(a): second.files.display(b) for a, b in found.renamed.items()}
    result = compare(states[0].pictures, states[1].pictures, renamed, (old, new or WORKING_TREE))
    result.found, result.gone = came_and_went(states[0].marks, states[1].marks)
    return result, [*states[0].failed, *states[1].failed]


def _sides(revision: str) -> tuple[str, str | None]:
    """`v1`: that and the working tree; `v1..v2`, `v1...`: the two, HEAD where one is left out."""
    for dots in ("...", ".."):
        old, found, new = revision.partition(dots)
        if found:
            return old or "HEAD", new or "HEAD"
    return revision, None


def _refuse_unknown(paths: tuple[str, ...], states: list[Revision], *, disk: bool) -> None:
    for path in paths:
        there = (state.is_file(state.absolute(path)) or state.is_dir(state.absolute(path)) for state in states)
        if not any(there) and not (disk and os.path.lexists(path)):
            raise click.UsageError(f"no such file or directory, neither now nor then: {path}")


def _at(revision: Revision, paths: tuple[str, ...], configuration: Configuration) -> Project:
    from archlint.comparison.states import project_at
    from archlint.configuration.by_file import roots, wanted

    return project_at(revision, paths, wanted(configuration), roots(configuration))


def _now(paths: tuple[str, ...], configuration: Configuration) -> Project:
    """The working tree; a path that is gone from it has nothing there."""
    there = tuple(path for path in paths if os.path.lexists(path))
    if there:
        return open_project(there, None, configuration)
    from archlint.files import Disk
    from archlint.project import Project

    return Project(Disk(), [])


def rendered(comparison: Comparison, output_format: str, mermaid: bool, color: bool) -> str:
    """The comparison in a format."""
    if output_format == "json":
        from archlint.report.page import to_json

        return to_json(comparison.to_json())
    if output_format == "text":
        from archlint.comparison.terminal import render_text

        return render_text(comparison, color=color)

    from archlint.comparison.markdown import render_markdown

    drawings = {}
    if mermaid:
        from archlint.drawing.folding import deepest, fold
        from archlint.drawing.mermaid import render_mermaid

        for place, picture in comparison.drawn.items():
            drawings[place] = render_mermaid(fold(picture, deepest(picture, MOST_DRAWN)))
    return render_markdown(comparison, drawings)
