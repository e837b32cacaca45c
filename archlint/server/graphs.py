"""The graph of an open model: what `archlint graph` draws, of the text as it stands in the editor."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from archlint.server.analysis import Analysis

if TYPE_CHECKING:
    from archlint.drawing.picture import Picture
    from archlint.model import Model
    from archlint.text import LineIndex


def drawn(analysis: Analysis, models: Sequence[Model], form: str) -> str:
    """The models in a format; SVG holds the first."""
    from archlint.drawing.compose import compose
    from archlint.drawing.folding import fold

    texts = _texts(analysis, models)
    own = [[one for one in analysis.diagnostics if one.model == model.name] for model in models]
    pictures = [compose(model, findings, texts) for model, findings in zip(models, own)]
    match form:
        case "html":
            return _page(analysis, pictures, texts)
        case "json":
            from archlint.drawing.picture import VERSION

            return json.dumps({"version": VERSION, "models": [one.to_json() for one in pictures]})
        case "svg":
            from archlint.drawing.svg import render_svg

            return render_svg(fold(pictures[0], None))
        case "dot":
            from archlint.drawing.dot import render_dot

            return "".join(render_dot(fold(one, None)) for one in pictures)
    from archlint.drawing.mermaid import render_mermaid

    return "\n".join(render_mermaid(fold(one, None)) for one in pictures)


def _page(analysis: Analysis, pictures: Sequence[Picture], texts: dict[str, LineIndex]) -> str:
    """Links lead to files by their whole path, as an editor shows the page without a folder of its own."""
    from archlint.drawing.html import Reached, render_html

    def uri(path: str) -> str:
        return Path(analysis.absolute(path)).as_uri()

    return render_html(pictures, texts, Reached(uri, lambda path: uri(path).removeprefix("file://")))


def _texts(analysis: Analysis, models: Sequence[Model]) -> dict[str, LineIndex]:
    """The lines of every file that a layer stands in: of the page as it is open, of the others as they are on disk."""
    from archlint.source.encoding import decode
    from archlint.text import LineIndex

    texts = {**analysis.texts, analysis.path: analysis.source.lines}
    for path in {node.span.path for model in models for node in model.nodes} - {*texts}:
        absolute = analysis.absolute(path)
        try:
            unsaved = analysis.others.get(absolute)
            texts[path] = LineIndex(decode(Path(absolute).read_bytes()) if unsaved is None else unsaved)
        except (OSError, ValueError):
            continue  # the boxes of that file have no place to go to
    return texts
