"""Shapes behind the calls that give them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from archlint.server.analysis import Analysis
from archlint.server.settings import Settings
from archlint.server.shapes import Place, label, shape_text

if TYPE_CHECKING:
    from archlint.graph import Node

MOST_LINES = 8
SCALAR = "()"


def hints(analysis: Analysis, settings: Settings, start: int, end: int) -> Iterator[tuple[int, str, Place]]:
    """Where a hint stands, what it says, and what it is about, for a part of the page."""
    if settings.hints == "off":
        return
    around: list[tuple[int, str]] = []  # ends and labels of the calls that hold the next one
    for place in analysis.places():
        if place.kind == "definition" and settings.hints != "all":
            continue
        while around and around[-1][0] <= place.start:
            around.pop()
        text = label(place, settings.length)
        inner = any(outer == text or settings.hints == "calls" for _, outer in around)
        if text and place.kind != "definition":
            around.append((place.end, text))
        at = place.end if place.kind != "definition" else _behind(analysis.page.text, place.end)
        if text and text != SCALAR and not inner and start <= at <= end:
            yield at, text, place


def _behind(text: str, end: int) -> int:
    """Behind the brackets and the comma that follow: `model.add(Dense(10))`."""
    while text[end : end + 1] in (")", "]", ","):
        end += 1
    return end


def inlay_hint(analysis: Analysis, at: int, text: str, place: Place) -> types.InlayHint:
    """The hint as the client shows it; what explains it is told when it is asked for."""
    uri, document, offset = analysis.page.place(at)
    return types.InlayHint(
        position=document.position(offset),
        label=[types.InlayHintLabelPart(value=text)],
        kind=types.InlayHintKind.Type,
        padding_left=True,
        data={"uri": uri, "start": place.start, "end": place.end, "kind": place.kind},
    )


def explained(analysis: Analysis, hint: types.InlayHint) -> types.InlayHint:
    """The hint with its tooltip."""
    data: dict[str, Any] = dict(hint.data) if isinstance(hint.data, dict) else {}
    for place in analysis.places():
        if (place.start, place.end, place.kind) == (data.get("start"), data.get("end"), data.get("kind")):
            within = [p for p in analysis.places() if place.start <= p.start and p.end <= place.end]
            hint.tooltip = types.MarkupContent(types.MarkupKind.Markdown, tooltip(within))
            break
    return hint


def tooltip(within: Sequence[Place]) -> str:
    """What was applied in an expression: operation, shapes, parameters; a line each, in order of evaluation."""
    found = {(id(model), node.id): (model, node) for place in within for model, node in place.nodes}
    named = len({model.name for model, _ in found.values()}) > 1
    order = sorted(found.values(), key=lambda item: item[1].id)
    lines = list(dict.fromkeys(_line(model.name, node, named=named) for model, node in order))
    more = [f"… and {len(lines) - MOST_LINES} more"] if len(lines) > MOST_LINES else []
    return "\n\n".join([*lines[:MOST_LINES], *more])


def _line(model: str, node: Node, *, named: bool) -> str:
    from archlint.facts.summary import count

    own = count(node.out.params)
    weights = "" if not own else f", {own:,} parameters" if isinstance(own, int) else f", {own} parameters"
    given = ", ".join(shape_text(t) for t in node.inputs)
    where = f"{model}: " if named else ""
    gives = ", ".join(shape_text(t) for t in node.outputs)
    return f"{where}**{node.op.rpartition('.')[2]}** {given} → `{gives}`{weights}"
