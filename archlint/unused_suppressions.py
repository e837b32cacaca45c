"""Finds the suppressions that suppress nothing."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from archlint.diagnostic import Diagnostic
from archlint.options import Options
from archlint.project import Project
from archlint.rule import Finding, Rule, rules
from archlint.selection import UNUSED, match
from archlint.source.comments import SUPPRESSING
from archlint.source.model import Directive, Source
from archlint.text import Edit, Span, line_named

Used = Collection[tuple[str, Directive, str]]


def unused_in(
    project: Project, paths: Sequence[str], used: Used, ran: Collection[str] | None, options: Options | None = None
) -> Iterator[Diagnostic]:
    """What is unused in some files.  ran: the rules that did run; None for the default ones.

    Silent about a rule that did not run, and where a model that is built elsewhere may need the comment: in a file that
    is checked alone.
    """
    rule = rules()[UNUSED]
    active = ran if ran is not None else {r.code for r in rules().values() if r.default}
    for path in paths:
        source = project.source(path)
        if source is None or not source.directives or source.problems or not project.whole(path):
            continue
        for directive in source.directives:
            if (options is None or options.holds(directive.kind)) and (
                finding := _finding(source, directive, used, active, every=ran is None)
            ):
                yield Diagnostic(rule.code, rule.name, rule.severity, rule.confidence, "", finding)


def _finding(source: Source, directive: Directive, used: Used, active: Collection[str], every: bool) -> Finding | None:
    if directive.kind not in SUPPRESSING:
        return None
    span = Span(source.path, directive.start, directive.end)
    if not directive.codes:  # a bare `noqa` speaks to other linters as well
        if directive.kind == "noqa" or not every or (source.path, directive, "") in used:
            return None
        return Finding(
            span, "unused suppression: there is nothing to ignore here", help="remove it",
            edits=_without(source, directive, ()), safe=True,
        )  # fmt: skip
    idle = [c for c in directive.codes if (source.path, directive, c) not in used and _ran(c, active)]
    if not idle:
        return None
    left = tuple(code for code in directive.codes if code not in idle)
    where = {"file-ignore": "in this file", "disable": "from here on"}.get(directive.kind, "here")
    if directive.kind == "disable" and any(directive.until):
        end = source.lines.position(source.lines.starts[max(directive.until) - 1])
        where = f"from here to {line_named(end.line, end.cell)}"
    return Finding(
        span, f"unused suppression: {_listed(idle)} {'is' if len(idle) == 1 else 'are'} not found {where}",
        help=f"keep {_listed(left)} only" if left else "remove it",
        edits=_without(source, directive, left), safe=True,
    )  # fmt: skip


def _ran(code: str, active: Collection[str]) -> bool:
    """Did every rule run that a code means?  What execution finds takes a run; the rule itself comes last."""
    meant = [r for r in rules().values() if match(code, r.code, r.name) is not None]
    return bool(meant) and all(_static(r) and r.code in active for r in meant)


def _static(rule: Rule) -> bool:
    return rule.scope != "engine" or rule.code == "ARC001"


def _listed(codes: Sequence[str]) -> str:
    return codes[0] if len(codes) == 1 else f"{', '.join(codes[:-1])} and {codes[-1]}"


def _without(source: Source, directive: Directive, left: Sequence[str]) -> tuple[Edit, ...]:
    """The edit that leaves only some codes; none where the comment says more than can be told apart."""
    text = source.lines.text[directive.start : directive.end]
    if any(directive.until):
        return _without_range(source, directive, left)
    if directive.kind == "noqa":
        found = re.fullmatch(r"#\s*noqa\s*:[\s,]*(?:ARC\d+[\s,]*)+", text, re.IGNORECASE)
        new = f"# noqa: {', '.join(left)}"
    else:
        found = re.search(r"#[ \t]*archlint[ \t]*:.*", text, re.IGNORECASE | re.DOTALL)
        new = re.sub(r"\[[^\]]*\]", f"[{', '.join(left)}]", found[0], count=1) if found else ""
    if found is None:
        return ()
    start, end = directive.start + found.start(), directive.start + found.end()
    if left:
        return (Edit(Span(source.path, start, end), new),)
    return (Edit(_with_space(source.lines.text, source.path, start, end), ""),)


def _without_range(source: Source, directive: Directive, left: Sequence[str]) -> tuple[Edit, ...]:
    """The same for a `disable` and the one `enable` that ends all of it and nothing else; else none."""
    ends = [d for d in source.directives if d.kind == "enable" and d.line in directive.until]
    others = [d for d in source.directives if d.kind == "disable" and d is not directive]
    if len(ends) != 1 or len(set(directive.until)) != 1 or any(ends[0].line in d.until for d in others):
        return ()
    end = ends[0]
    kept = left if end.codes or not left else None
    second = _without(source, end, kept) if kept is not None else ()
    return (*_without(source, replace(directive, until=()), left), *second)


def _with_space(text: str, path: str, start: int, end: int) -> Span:
    """A comment with the white space before it; the whole line where nothing else is on it."""
    line = text.rfind("\n", 0, start) + 1
    if text[line:start].strip("\ufeff \t"):
        return Span(path, line + len(text[line:start].rstrip()), end)
    following = text.find("\n", end)
    return Span(path, line + text[line:start].startswith("\ufeff"), len(text) if following < 0 else following + 1)
