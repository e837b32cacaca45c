"""Slips of the definitions in a file, each place once, and the text around a place."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import FileFacts, Size, Slip, Span, proven_equal
from archlint_rules.amounts import number
from archlint_rules.api.guards import guarded


def met(facts: FileFacts, *kinds: str) -> Iterator[Slip]:
    """The slips of some kinds, the first of each place: a block that is made twice has them twice."""
    seen: set[tuple[str, Span]] = set()
    for slip in facts.slips:
        if slip.kind in kinds and (slip.kind, slip.span) not in seen:
            seen.add((slip.kind, slip.span))
            yield slip


def unguarded(facts: FileFacts, *kinds: str) -> Iterator[Slip]:
    """The same, but for what stands in a `try` or under a test of a version."""
    return (slip for slip in met(facts, *kinds) if not guarded(facts, slip.span))


def text_at(facts: FileFacts, span: Span) -> str:
    """What the file has at a place."""
    return facts.lines.text[span.start : span.end]


def function_around(facts: FileFacts, span: Span) -> str:
    """The text of the function that a place stands in, "" outside of any."""
    lines, last = facts.lines, facts.lines.line_of(span.start)
    indent, first = _indent(lines.line_text(last)), last
    while first > 0:
        line = lines.line_text(first)
        if line.strip() and _indent(line) <= indent and line.lstrip().startswith(("def ", "async def ")):
            break
        indent = min(indent, _indent(line)) if line.strip() else indent
        first -= 1
    if first == 0:
        return ""
    outer, end = _indent(lines.line_text(first)), first + 1
    while end <= len(lines.starts):
        line = lines.line_text(end)
        if line.strip() and _indent(line) <= outer and not line.lstrip().startswith((")", "#")):
            break
        end += 1
    return "\n".join(lines.line_text(n) for n in range(first, end))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def indent_at(facts: FileFacts, place: Span) -> str | None:
    """The white space before a statement; None if something else stands before it on its line."""
    line = facts.lines.line_of(place.start)
    before = facts.lines.text[facts.lines.starts[line - 1] : place.start]
    return before if not before.strip() else None


def parameters_text(params: Size) -> str:
    """` (1,200 parameters)`, "" where their number is not known."""
    return "" if params is None else f" ({number(params)} parameters)"


def weightless(params: Size) -> bool:
    """Is it proven that there is nothing to train?"""
    return params is not None and proven_equal(params, 0)
