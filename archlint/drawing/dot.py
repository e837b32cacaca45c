"""Graphviz's DOT language: https://graphviz.org/doc/info/lang.html."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.drawing.captions import caption, heading, marks_of, subtitle, title
from archlint.drawing.folding import Folded

_HEAD = """\
    graph [rankdir=TB, fontname="Helvetica", fontsize=11, style="rounded", color="#9aa5b5", tooltip=""]
    node [shape=box, style="rounded,filled", fillcolor="#f5f7fa", color="#68758a", fontname="Helvetica", fontsize=11]
    edge [color="#68758a", fontname="Helvetica", fontsize=9, arrowsize=0.7]
"""
_KINDS = {
    "input": 'shape=ellipse, fillcolor="#d8f3e3", color="#2f9e67"',
    "output": 'shape=ellipse, fillcolor="#d8f3e3", color="#2f9e67"',
    "join": "shape=diamond",
    "variable": "shape=cylinder",
    "module": 'style="rounded,filled,bold", fillcolor="#e4e9f1"',
}
_FOUND = {
    "error": 'color="#d92d20", fillcolor="#ffe1e1", penwidth=3',
    "warning": 'color="#d98a00", fillcolor="#fff1d6", penwidth=3',
    "info": 'color="#2f7de1", fillcolor="#dfeeff", penwidth=2',
}


def render_dot(folded: Folded) -> str:
    """A digraph; modules are clusters, tooltips hold the place in the source and the findings."""
    picture = folded.picture
    lines = [f"digraph {quoted(picture.model)} {{", _HEAD[:-1], f"    label={quoted(picture.model)}"]
    for member in picture.group(picture.root).members:
        lines += _item(folded, member, "    ")
    lines += [f"    n{source} -> n{target} [label={quoted(shape)}]" for source, target, shape in folded.lines]
    return "\n".join([*lines, "}"]) + "\n"


def _item(folded: Folded, item: int, indent: str) -> Iterator[str]:
    picture = folded.picture
    if folded.is_open(item):
        yield f"{indent}subgraph cluster_{item} {{"
        yield f"{indent}    label={quoted(heading(picture.group(item)))}"
        for member in picture.group(item).members:
            yield from _item(folded, member, indent + "    ")
        yield f"{indent}}}"
        return
    kind = picture.boxes[item].kind if item < picture.root else "module"
    marks = marks_of(picture, item)
    codes = " ".join(dict.fromkeys(mark.code for mark in marks))
    texts = [title(picture, item), subtitle(picture, item), codes]
    place = picture.boxes[item].place if item < picture.root else None
    tip = "\n".join(("" if place is None else str(place), *map(caption, marks))).strip()
    more = [part for part in (_KINDS.get(kind, ""), _FOUND[marks[0].severity] if marks else "") if part]
    label, told = quoted("\n".join(filter(None, texts))), quoted(tip or title(picture, item))
    yield f"{indent}n{item} [{', '.join([f'label={label}', f'tooltip={told}', *more])}]"


def quoted(text: str) -> str:
    """A quoted string of DOT; line ends become centred lines."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"').replace("\r", " ")
    return '"' + plain.replace("\n", "\\n") + '"'
