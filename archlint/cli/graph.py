"""`archlint graph`."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING
from urllib.parse import quote

import click

from archlint.cli.configuring import configuration_options, configured
from archlint.cli.inputs import input_option, path_and_model
from archlint.cli.opening import open_project
from archlint.cli.running import tell_internal_errors
from archlint.cli.terminal import note, write

if TYPE_CHECKING:
    from archlint.dims import Size
    from archlint.drawing.html import Reached
    from archlint.drawing.picture import Picture
    from archlint.project import Project

FORMATS = {
    "mermaid": (".mmd", ".mermaid"),
    "dot": (".dot", ".gv"),
    "svg": (".svg",),
    "json": (".json",),
    "html": (".html", ".htm"),
}
MOST_NAMES = 20
MOST_ERRORS = 5


@click.command(short_help="Draw the layer graph of a model: Mermaid, DOT, SVG, JSON or a page of HTML.")
@click.argument("target", type=click.Path(), metavar="PATH[::MODEL]")
@click.option(
    "--format", "--output-format", "form", type=click.Choice(list(FORMATS)),
    help="What is written (default: what the name of the output file says, else mermaid).",
)  # fmt: skip
@click.option("-o", "--output-file", type=click.Path(dir_okay=False), help="Write the drawing to a file.")
@click.option(
    "--depth", type=click.IntRange(min=0), metavar="N", help="Draw modules nested deeper than N as one box each."
)
@input_option
@configuration_options
def command(
    target: str, form: str | None, output_file: str | None, depth: int | None, inputs: dict[str, tuple[Size, ...]]
) -> int:
    """Draw the layer graph of the models in a file, with shapes on the edges and the findings marked.

    html is one page that needs nothing else: the drawing beside a table of its layers, to search, zoom and fold,
    with the source of each layer.
    """
    path, name = path_and_model(target)
    if not os.path.exists(path):
        raise click.UsageError(f"no such file or directory: {path}")
    form = form or _form_of(output_file)
    if form == "html" and output_file is None and sys.stdout.isatty():
        raise click.UsageError("a page of HTML goes to a file: -o graph.html")

    pictures, project, errors = gather(path, name, inputs)
    for unread, why in project.errors:
        note(f"archlint: {unread}: {why}")
    tell_internal_errors(errors, MOST_ERRORS)
    if not pictures:
        note(f"archlint: no models in {path}")
        return 2
    if form == "svg" and len(pictures) > 1:
        raise click.UsageError(f"an SVG file holds one model: name one as {path}::MODEL\n{_there(path, pictures)}")
    text = _rendered(pictures, form, project, output_file, depth)
    if output_file is None:
        write(text)
    else:
        save(text, output_file)
        note(f"wrote {output_file}: {', '.join(one.model for one in pictures[:3])}{' …' * (len(pictures) > 3)}")
    return 1 if project.errors or errors else 0


def gather(path: str, name: str, inputs: dict[str, tuple[Size, ...]]) -> tuple[list[Picture], Project, list[str]]:
    """The models of a path, or the one of that name, drawn; and what went wrong on our side."""
    from archlint.cli.selectors import prepare_rules
    from archlint.drawing.gather import draw
    from archlint.options import Options

    configuration = configured()
    options = prepare_rules(Options(inputs=inputs), configuration)
    project = open_project((path,), None, configuration)
    only = {one: [name] for one in project.checked} if name else None
    pictures: list[Picture] = []
    report = draw(project, options, pictures.append, only)
    if name and not pictures:  # a name that only the whole file gives, as `Net#2` of the second one
        every: list[Picture] = []
        report = draw(project, options, every.append)
        pictures = [one for one in every if one.model == name]
        if not pictures:
            from archlint.selection import did_you_mean

            hint = did_you_mean(name, [one.model for one in every])
            raise click.UsageError(f"no model '{name}'{hint}\n{_there(path, every)}")
    return sorted(pictures, key=lambda one: (one.place.path, one.place.line)), project, report.internal_errors


def _form_of(output_file: str | None) -> str:
    ending = os.path.splitext(output_file or "")[1].lower()
    return next((form for form, endings in FORMATS.items() if ending in endings), "mermaid")


def _there(path: str, pictures: list[Picture]) -> str:
    names = list(dict.fromkeys(one.model for one in pictures))
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return f"Models in {path}: {', '.join(names[:MOST_NAMES])}{more}." if names else f"{path} holds no models."


def _rendered(pictures: list[Picture], form: str, project: Project, output_file: str | None, depth: int | None) -> str:
    if form == "html":
        from archlint.drawing.gather import Texts
        from archlint.drawing.html import render_html

        return render_html(pictures, Texts(project), reached(project, os.path.dirname(output_file or "")), depth)
    if form == "json":
        from archlint.drawing.picture import VERSION
        from archlint.report.page import to_json

        return to_json({"version": VERSION, "models": [one.to_json() for one in pictures]})

    from archlint.drawing.folding import fold

    folded = [fold(one, depth) for one in pictures]
    if form == "svg":
        from archlint.drawing.svg import render_svg

        return render_svg(folded[0])
    if form == "dot":
        from archlint.drawing.dot import render_dot

        return "".join(map(render_dot, folded))

    from archlint.drawing.mermaid import render_mermaid, too_large

    for one in folded:
        if warning := too_large(one):
            note(f"archlint: {one.picture.model}: {warning}")
    if len(folded) == 1:
        return render_mermaid(folded[0])
    return "\n".join(f"## {one.picture.model}\n\n```mermaid\n{render_mermaid(one)}```\n" for one in folded)


def reached(project: Project, directory: str) -> Reached:
    """How a page in a directory reaches the files of a project."""
    from archlint.drawing.html import Reached

    absolute = project.files.absolute
    here = absolute(directory or os.curdir)

    def link(path: str) -> str:
        return quote(os.path.relpath(absolute(path), here).replace(os.sep, "/"))

    def editor(path: str) -> str:
        found = quote(absolute(path).replace(os.sep, "/"))
        return found if found.startswith("/") else f"/{found}"

    return Reached(link, editor)


def save(text: str, path: str) -> None:
    """Write a file, or a usage error that says why it cannot be written."""
    try:
        with open(path, "w", encoding="utf-8", errors="surrogateescape", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise click.UsageError(f"cannot write {path}: {error.strerror}") from None
