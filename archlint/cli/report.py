"""`archlint report`."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import click

from archlint.cli.configuring import configuration_options, configured
from archlint.cli.graph import reached, save
from archlint.cli.inputs import input_option
from archlint.cli.opening import open_project
from archlint.cli.progress import counted
from archlint.cli.running import tell_internal_errors
from archlint.cli.terminal import note

if TYPE_CHECKING:
    from collections.abc import Callable

    from archlint.diagnostic import Report
    from archlint.dims import Size
    from archlint.drawing.codebase import Entry
    from archlint.drawing.picture import Picture
    from archlint.options import RunOptions
    from archlint.project import Project

MARKER = "archlint-report.json"
"""The report as data; a folder that holds it is one of ours."""

MOST_ERRORS = 5
MOST_NAMED = 3
"""Directories and files in the heading."""


@click.command(short_help="Draw every model of a codebase into a folder of pages.")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "-o", "--output", "folder", required=True, type=click.Path(file_okay=False), help="The folder to write to."
)
@click.option("--title", metavar="TEXT", help="Heading of the report (default: the names of what is drawn).")
@input_option
@configuration_options
def command(paths: tuple[str, ...], folder: str, title: str | None, inputs: dict[str, tuple[Size, ...]]) -> int:
    """Write a folder of pages on the models in files and directories (default: here): totals, models, findings.

    index.html lists the models; each has a page with its drawing, its layers and their source.  Findings do not
    change the exit code.
    """
    paths = paths or (os.curdir,)
    before = refuse_foreign(folder)
    title = title or _title(paths)

    from archlint.cli.selectors import prepare_rules
    from archlint.drawing.codebase import assets, data, entry, findings_page, index
    from archlint.drawing.gather import Texts
    from archlint.drawing.html import body, document
    from archlint.options import Options
    from archlint.report.listing import closing_line
    from archlint.report.page import to_json

    configuration = configured()
    options = prepare_rules(Options(inputs=inputs), configuration)
    project = open_project(paths, None, configuration)
    remove_pages(folder, before)
    for name in ("assets", "models"):
        make_folder(os.path.join(folder, name))
    entries: list[Entry] = []
    texts, from_models = Texts(project), reached(project, os.path.join(folder, "models"))
    head = '<link rel="stylesheet" href="../assets/style.css">'
    way_back = '<a href="../index.html">All models</a>'

    def each(picture: Picture) -> None:
        one = entry(picture, len(entries) + 1)
        page = body([picture], texts, from_models, before=way_back) + '<script src="../assets/graph.js"></script>'
        save(document(picture.model, head, page), os.path.join(folder, one.page))
        entries.append(one)

    with counted(sys.stderr, len(project.checked)) as step:
        report = _drawn(project, options, each, step)
    for name, text in assets().items():
        save(text, os.path.join(folder, "assets", name))
    entries.sort(key=lambda one: (one.path, one.line, one.page))
    save(index(title, entries, report), os.path.join(folder, "index.html"))
    save(findings_page(title, entries, report, reached(project, folder)), os.path.join(folder, "findings.html"))
    save(to_json(data(title, entries, report)), os.path.join(folder, MARKER))
    for unread, why in report.errors:
        note(f"archlint: {unread}: {why}")
    tell_internal_errors(report.internal_errors, MOST_ERRORS)
    note(f"{closing_line(report)}\nwrote {os.path.join(folder, 'index.html')}")
    return 1 if report.errors or report.internal_errors else 0


def _title(paths: tuple[str, ...]) -> str:
    """`zoo`, `encoders, decoders`, `a, b, c and 4 more`; the paths as they are given where names are shared."""
    given = list(dict.fromkeys(os.path.normpath(path) for path in paths))
    names = [os.path.basename(os.path.abspath(path)) or path for path in given]
    if len(set(names)) < len(names):
        names = given
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _drawn(
    project: Project, options: RunOptions, each: Callable[[Picture], None], step: Callable[[str], None]
) -> Report:
    """Check all files, in several processes where they are many, and hand over the pictures in order of files."""
    from archlint import workers
    from archlint.drawing.gather import draw, draw_checked, drawn_file

    start = workers.default_start()
    number = workers.number_of_workers(project.checked, None, start)
    if number < 2:
        return draw(project, options, each, step=step)
    for path in project.checked:
        options.of(path)  # what is wrong with the configuration is said before the work begins
    checked = workers.work_in_workers(project, project.checked, options, number, start, drawn_file)
    return draw_checked(project, options, checked, each, step)


def refuse_foreign(folder: str) -> list[str]:
    """The pages of the report that the folder holds already; a usage error if it holds anything else."""
    marker = os.path.join(folder, MARKER)
    if not os.path.isdir(folder) or not os.listdir(folder):
        return []
    try:
        with open(marker, encoding="utf-8") as file:
            held = json.load(file)
        if held["generator"] == "archlint":
            return [str(model["page"]) for model in held["models"]]
    except (OSError, ValueError, LookupError, TypeError):
        pass
    raise click.UsageError(f"{folder} holds files that are no report of archlint; name an empty or a new folder")


def remove_pages(folder: str, pages: list[str]) -> None:
    """Take away the pages of models that may not be there any more."""
    from archlint.drawing.codebase import PAGE

    for page in pages:
        if PAGE.fullmatch(page) and os.path.isfile(os.path.join(folder, page)):
            os.remove(os.path.join(folder, page))


def make_folder(path: str) -> None:
    """Make a folder, or a usage error that says why there cannot be one."""
    try:
        os.makedirs(path, exist_ok=True)
    except OSError as error:
        raise click.UsageError(f"cannot make {path}: {error.strerror}") from None
