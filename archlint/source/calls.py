"""The calls that a file spells out to libraries: the name, and where each argument stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from archlint.source import ir
from archlint.source.model import Source
from archlint.text import Span


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call of a library name: `name` as evaluated (`keras.layers.Dense`), `function` where it is written.

    positional: the values' places in order; keywords: by name, the places of the name and of its value.
    open: `*args` or `**kwargs` may bring more.
    """

    name: str
    span: Span
    function: Span
    positional: tuple[Span, ...] = ()
    keywords: dict[str, tuple[Span, Span]] = field(default_factory=dict)
    open: bool = False


def library_calls(source: Source, reads: Iterable[tuple[str, Span]]) -> list[CallRecord]:
    """The calls of names in `reads` (name, place), in order of place.  A place with two meanings gives none."""
    names: dict[tuple[int, int], set[str]] = {}
    for name, span in reads:
        if span.path == source.path:
            names.setdefault((span.start, span.end), set()).add(name)
    found = []
    for chunk in source.chunks if names else ():
        calls = chunk.derived.get("calls")
        if calls is None:
            calls = chunk.derived["calls"] = list(_calls(chunk.body))
        for node in calls:
            place = chunk.base + node.func.start, chunk.base + node.func.end
            if len(names.get(place, ())) == 1:
                found.append(_record(min(names[place]), node, source.path, chunk.base))
    return sorted(found, key=lambda call: call.span)


def _record(name: str, node: ir.Call, path: str, base: int) -> CallRecord:
    def span(start: int, end: int) -> Span:
        return Span(path, base + start, base + end)

    positional = tuple(span(a.value.start, a.value.end) for a in node.args if a.keyword is None and not a.star)
    keywords = {
        a.keyword: (span(a.start, a.start + len(a.keyword)), span(a.value.start, a.value.end))
        for a in node.args
        if a.keyword is not None
    }
    open_ended = any(a.star for a in node.args)
    return CallRecord(
        name, span(node.start, node.end), span(node.func.start, node.func.end), positional, keywords, open_ended
    )


def _calls(tree: Any) -> Iterator[ir.Call]:
    if isinstance(tree, (list, tuple)):
        for item in tree:
            yield from _calls(item)
    elif is_dataclass(tree):
        if isinstance(tree, ir.Call):
            yield tree
        for part in fields(tree):
            yield from _calls(getattr(tree, part.name))
