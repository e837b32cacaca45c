"""Findings of a page's models that stand in another file: `Net(32)`, where `Net` in net.py takes another width."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archlint.diagnostic import Diagnostic
    from archlint.server.analysis import Analysis

Range = tuple[int, int]


def leading_there(one: Diagnostic, analysis: Analysis) -> Range | None:
    """The place in the page that such a finding is shown at: a cause of it, else where its model is made."""
    for label in one.finding.related:
        if label.span.path == analysis.path:
            return label.span.start, label.span.end
    for place, models in analysis.definitions():
        if one.model in {model.name for model in models}:
            return place
    return _made(one.model.partition("#")[0], analysis)


def _made(name: str, analysis: Analysis) -> Range | None:
    """What is assigned to a name (`net = build(32)`), else the first call of it (`Net(32)`)."""
    from archlint.source import ir
    from archlint.source.walk import below

    called: Range | None = None
    for chunk in analysis.source.chunks:
        for node in below(chunk.body):
            if isinstance(node, ir.Assign) and any(isinstance(to, ir.Name) and to.id == name for to in node.targets):
                return chunk.base + node.value.start, chunk.base + node.value.end
            if isinstance(node, ir.Call) and called is None:
                function = node.func
                own = function.attr if isinstance(function, ir.Attr) else getattr(function, "id", "")
                called = (chunk.base + node.start, chunk.base + node.end) if own == name else None
    return called


def named(one: Diagnostic, analysis: Analysis) -> str:
    """`in net.py:8: `, to begin the message with."""
    lines = analysis.texts.get(one.path)
    line = "" if lines is None else f":{lines.line_of(min(one.finding.span.start, len(lines.text)))}"
    return f"in {one.path}{line}: "
