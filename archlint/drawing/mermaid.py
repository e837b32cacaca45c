"""Mermaid's flowchart language, as GitHub and GitLab draw it in Markdown: https://mermaid.js.org/syntax/flowchart.html."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

from archlint.drawing.captions import caption, heading, marks_of, subtitle, title
from archlint.drawing.folding import Folded, fold, levels

MOST_LINES = 500
"""Edges that Mermaid draws; above that it refuses."""

_STYLES = {
    "input": "fill:#d8f3e3,stroke:#2f9e67,color:#10231a",
    "output": "fill:#d8f3e3,stroke:#2f9e67,color:#10231a",
    "module": "fill:#eef1f6,stroke:#68758a,color:#1b2430",
    "error": "fill:#ffe1e1,stroke:#d92d20,stroke-width:3px,color:#3b0d0a",
    "warning": "fill:#fff1d6,stroke:#d98a00,stroke-width:3px,color:#3a2600",
    "info": "fill:#dfeeff,stroke:#2f7de1,stroke-width:2px,color:#0c2340",
}
_SHAPES = {"input": '(["{}"])', "output": '(["{}"])', "join": '{{"{}"}}', "variable": '[("{}")]'}
_SPECIAL = re.compile(r'[#"<>&`\\]')
_WIDTH = 44


def render_mermaid(folded: Folded) -> str:
    """A flowchart from top to bottom; modules are subgraphs, findings are written into their boxes."""
    picture = folded.picture
    lines = ["flowchart TB"]
    for member in picture.group(picture.root).members:
        lines += _item(folded, member, "    ")
    for source, target, shape in folded.lines:
        lines.append(f'    n{source} -->|"{escaped(shape)}"| n{target}')
    used = dict.fromkeys(style for item in folded.seen(picture.root) if (style := _style(folded, item)))
    for style in used:
        members = [f"n{item}" for item in folded.seen(picture.root) if _style(folded, item) == style]
        lines += [f"    classDef {style} {_STYLES[style]}", f"    class {','.join(members)} {style}"]
    return "\n".join(lines) + "\n"


def too_large(folded: Folded) -> str:
    """Why Mermaid will not draw it and what will, "" if it will."""
    if len(folded.lines) <= MOST_LINES:
        return ""
    depths = range(max(levels(folded.picture).values()), -1, -1)
    fits = next((depth for depth in depths if len(fold(folded.picture, depth).lines) <= MOST_LINES), None)
    hint = "; --format html draws all of it" if fits is None else f"; --depth {fits} fits"
    return f"{len(folded.lines):,} edges, Mermaid draws at most {MOST_LINES}{hint}"


def _item(folded: Folded, item: int, indent: str) -> Iterator[str]:
    picture = folded.picture
    if folded.is_open(item):
        yield f'{indent}subgraph n{item} ["{escaped(heading(picture.group(item)))}"]'
        for member in picture.group(item).members:
            yield from _item(folded, member, indent + "    ")
        yield f"{indent}end"
        return
    kind = picture.boxes[item].kind if item < picture.root else "module"
    texts = [title(picture, item), subtitle(picture, item)]
    for mark in marks_of(picture, item):
        texts += textwrap.wrap(caption(mark), _WIDTH)
    label = "<br/>".join(escaped(text) for text in texts if text)
    form = _SHAPES.get(kind, '["{}"]' if kind != "module" else '[["{}"]]')
    yield f"{indent}n{item}{form.format(label)}" if kind != "join" else f'{indent}n{item}{{"{label}"}}'


def _style(folded: Folded, item: int) -> str:
    marks = marks_of(folded.picture, item)
    if marks:
        return marks[0].severity
    kind = folded.picture.boxes[item].kind if item < folded.picture.root else "module"
    return kind if kind in _STYLES else ""


def escaped(text: str) -> str:
    """Text inside quotes: what means something to Mermaid or to HTML is written by its number."""
    return _SPECIAL.sub(lambda found: f"#{ord(found[0])};", " ".join(text.split()))
