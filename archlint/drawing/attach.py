"""Which applications of a model a finding is about."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.diagnostic import Diagnostic
from archlint.graph import Node
from archlint.model import Model
from archlint.text import Span


def attached(found: Diagnostic, model: Model) -> list[Node]:
    """The nodes at the finding's place, of its layer if it names one; else those of that layer; [] if there are none.

    One place may be many nodes (a block built in a loop): then the layer's path tells which.
    """
    span, layer = found.finding.span, found.finding.layer
    there = [node for node in model.nodes if span in _places(node)] or _around(span, model)
    named = [node for node in model.nodes if layer and node.path == layer]
    both = [node for node in there if node in named]
    return both or there or named


def _places(node: Node) -> Iterator[Span]:
    """Where a node is written: its application, its construction, and the arguments of both."""
    yield node.span
    if node.made_at is not None:
        yield node.made_at
    yield from node.arg_spans.values()


def _around(span: Span, model: Model) -> list[Node]:
    """The nodes whose application or construction closely holds a place, or is held by it."""
    best: list[Node] = []
    least: int | None = None
    for node in model.nodes:
        for own in (node.span, node.made_at):
            if own is not None and own.path == span.path and own.start <= span.start and span.end <= own.end:
                length = own.end - own.start
                if least is None or length < least:
                    best, least = [], length
                if length == least:
                    best.append(node)
    return best
