"""Code that knows about versions: what stands under a test of them, or in a `try`, is meant as it is."""

from __future__ import annotations

from archlint.rule import FileFacts, Span


def guarded(facts: FileFacts, span: Span) -> bool:
    """Does it stand in a `try`, an `except`, or under a test of the version?"""
    text = facts.lines.text
    number = facts.lines.line_of(span.start)
    indent = _indent(facts.lines.line_text(number))
    for line in (facts.lines.line_text(n) for n in range(number - 1, 0, -1)):
        if line.strip() and _indent(line) < indent:
            indent, word = _indent(line), line.strip()
            if word.startswith(("try:", "except")) or (word.startswith(("if", "elif", "else")) and "ersion" in text):
                return True
    return False


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
