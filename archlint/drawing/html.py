"""A page of one file: the drawing, a table of its layers, their facts and findings, and the source around them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib import resources
from typing import Any

from archlint.drawing.captions import marks_of, subtitle, title
from archlint.drawing.folding import deeper, deepest
from archlint.drawing.picture import Picture, Place
from archlint.drawing.rows import Rows, arrange
from archlint.drawing.svg import below, hint, kind_class, sizes_of
from archlint.report.listing import count
from archlint.report.summary_table import FRAMEWORKS, number
from archlint.text import LineIndex

MOST_SEEN = 90
"""Boxes that are seen at first; modules below are folded until there are no more."""
AROUND = 3
LONGEST = 12
"""Source lines shown around a place, and of the place itself."""
SCRIPTS = ("placing.js", "drawing.js", "table.js", "details.js", "page.js")
STYLES = ("drawing.css", "page.css")


@dataclass(frozen=True, slots=True)
class Reached:
    """How a page reaches a source file: by a link from where the page is, and by its place on this machine."""

    link: Callable[[str], str]
    absolute: Callable[[str], str]


def render_html(
    pictures: Sequence[Picture], texts: Mapping[str, LineIndex], reached: Reached, depth: int | None = None
) -> str:
    """One page for all pictures, which needs nothing beside it."""
    name = pictures[0].model if len(pictures) == 1 else f"{count(len(pictures), 'model')}"
    style, script = (f"<{tag}>\n{asset(names)}</{tag}>" for tag, names in (("style", STYLES), ("script", SCRIPTS)))
    return document(name, style, body(pictures, texts, reached, depth) + script)


def document(name: str, head: str, content: str) -> str:
    """A whole page of HTML."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(name)} · archlint</title>\n{head}\n</head>\n<body>\n{content}\n</body>\n</html>\n"
    )


def asset(names: Iterable[str]) -> str:
    """Files of the page, one after another."""
    folder = resources.files(__package__) / "page"
    return "".join((folder / name).read_text(encoding="utf-8") for name in names)


def body(
    pictures: Sequence[Picture],
    texts: Mapping[str, LineIndex],
    reached: Reached,
    depth: int | None = None,
    before: str = "",
) -> str:
    """The page without its scripts.  before: HTML that stands first in the heading, a way back."""
    data = {
        "models": _labelled([_model(one, depth) for one in pictures]),
        "sources": _sources(pictures, texts, reached),
    }
    frame = (resources.files(__package__) / "page" / "graph.html").read_text(encoding="utf-8")
    return frame.replace("<!--before-->", before) + embedded(data)


def embedded(data: object) -> str:
    """Data inside a page; nothing in it can end the element that it stands in."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return f'<script type="application/json" id="data">{text}</script>\n'


def _labelled(models: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A name for each model in the picker: with its file where there are several, numbered where even that is one."""
    files = {model["place"]["path"] for model in models}
    seen: dict[str, int] = {}
    for model in models:
        label = model["model"] if len(files) == 1 else f"{model['model']} · {model['place']['path']}"
        seen[label] = seen.get(label, 0) + 1
        model["label"] = label if seen[label] == 1 else f"{label} ({seen[label]})"
    return models


def _model(picture: Picture, depth: int | None) -> dict[str, Any]:
    closed = deeper(picture, depth if depth is not None else deepest(picture, MOST_SEEN))
    sizes = sizes_of(picture)
    looks = {
        item: {
            "title": title(picture, item),
            "subtitle": subtitle(picture, item),
            "shape": below(picture, item),
            "hint": hint(picture, item),
            "kind": " ".join([kind_class(picture, item), *(one.severity for one in marks[:1])]),
            "codes": " ".join(dict.fromkeys(one.code for one in marks)),
            **_record(size),
        }
        for item, size in sizes.items()
        for marks in [marks_of(picture, item)]
    }
    return {
        "model": picture.model,
        "place": _record(picture.place),
        "root": picture.root,
        "facts": facts(picture),
        "notes": picture.notes,
        "boxes": [_record(box) for box in picture.boxes],
        "groups": [_record(group) for group in picture.groups],
        "edges": [[edge.source, edge.slot, edge.target, edge.place, edge.shape] for edge in picture.edges],
        "marks": [_record(mark) for mark in picture.marks],
        "rows": {group: _rows(rows) for group, rows in arrange(picture).items()},
        "looks": looks,
        "closed": sorted(closed),
    }


def _record(one: Any) -> dict[str, Any]:
    """The fields of a value and of the places in it; `asdict` would copy them all."""
    fields = {name: getattr(one, name) for name in type(one).__slots__ if name != "dims"}
    return {name: _record(value) if isinstance(value, Place) else value for name, value in fields.items()}


def facts(picture: Picture) -> list[str]:
    """The model in a line: `PyTorch`, `25,557,032 parameters`, `176 of 176 layer calls understood` …"""
    understood, calls = picture.understood
    found = [
        FRAMEWORKS.get(picture.framework, picture.framework),
        str(picture.place),
        f"{number(picture.totals.trainable)} parameters",
        f"{number(picture.totals.non_trainable)} not trained" if picture.totals.non_trainable else "",
        f"MACs per sample: {number(picture.totals.macs)}" if picture.totals.macs else "",
        f"{understood:,} of {count(calls, 'layer call')} understood",
        count(len(picture.marks), "finding") if picture.marks else "no findings",
    ]
    return [*filter(None, found)]


def _rows(rows: Rows) -> dict[str, Any]:
    return {
        "cells": [[cell.wire if cell.item is None else cell.item for cell in row] for row in rows.cells],
        "links": [[[link.above, link.below, *link.wire] for link in links] for links in rows.links],
    }


def _sources(
    pictures: Iterable[Picture], texts: Mapping[str, LineIndex], reached: Reached
) -> dict[str, dict[str, Any]]:
    """The lines around every place that a page speaks of, by file."""
    wanted: dict[str, set[int]] = {}
    for place in (place for picture in pictures for place in _places(picture)):
        first, last = place.line - AROUND, min(place.end, place.line + LONGEST) + AROUND
        wanted.setdefault(place.path, set()).update(range(first, last + 1))
    found = {}
    for path, numbers in sorted(wanted.items()):
        lines = texts[path]
        known = {line: lines.line_text(line) for line in sorted(numbers) if 1 <= line <= len(lines.starts)}
        found[path] = {"href": reached.link(path), "editor": reached.absolute(path), "lines": known}
        if lines.cells is not None:
            found[path]["counted"] = {line: lines.counted(line) for line in known}
    return found


def _places(picture: Picture) -> Iterable[Place]:
    places = [picture.place, *(mark.place for mark in picture.marks)]
    places += [place for box in picture.boxes for place in (box.place, box.made)]
    return [place for place in places if place is not None]
