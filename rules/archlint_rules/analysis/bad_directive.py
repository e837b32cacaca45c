"""ARC004: a comment to archlint that it cannot follow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from archlint.rule import Directive, FileFacts, Finding, Span, rule, rules

SUPPRESSING = ("ignore", "file-ignore", "disable", "noqa")


@rule("ARC004", "bad-directive", severity="warning", category="analysis", scope="file")
def bad_directive(facts: FileFacts) -> Iterator[Finding]:
    """Directives that cannot be read, and suppressions of rules that do not exist."""
    for span, why in facts.complaints:
        fact, _, way_out = why.partition("; ")
        yield Finding(span, fact, label="has no effect", help=way_out)
    for directive in facts.directives:
        if directive.kind in SUPPRESSING:
            yield from _unknown_rules(facts, directive)


def _unknown_rules(facts: FileFacts, directive: Directive) -> Iterator[Finding]:
    text = facts.lines.text[directive.start : directive.end]
    for code in directive.codes:
        if not _means_a_rule(code):
            found = re.search(re.escape(code), text, re.IGNORECASE)
            start = directive.start + (found.start() if found else 0)
            span = Span(facts.path, start, start + len(code) if found else directive.end)
            yield Finding(span, f"there is no rule `{code}` to ignore", label="has no effect", help=_nearest(code))


def _means_a_rule(code: str) -> bool:
    """Is it a code, the beginning of codes, a name, or ALL?"""
    known = rules().values()
    return code.upper() == "ALL" or any(r.code.startswith(code.upper()) or r.name == code.lower() for r in known)


def _nearest(code: str) -> str:
    known = [text for r in rules().values() for text in (r.code, r.name)]
    near = get_close_matches(code, known, n=1) or get_close_matches(code.lower(), known, n=1)
    return f"did you mean `{near[0]}`?" if near else "`archlint rule --all` lists the rules"
