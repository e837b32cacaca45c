"""Writes `# archlint: ignore[…]` comments where findings are.

    edits = ignoring(source, [(span, "ARC102")], reason="loaded weights")

The comment goes behind the line of the finding if it fits there, else on a line of its own above; codes are added to an
`ignore` that is there already.  Every place is tried by reading the text with the comment in it: never inside a string,
nor behind a backslash.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from archlint.source.comments import comments_of
from archlint.source.model import Directive, Source
from archlint.suppress import reach, target
from archlint.text import Edit, Span

NARROW, WIDE = 88, 120
"""A comment that makes a line longer than all others of its file gets a line of its own; within these bounds."""

NEVER = ("ARC001", "ARC004", "ARC005")
"""What is wrong in a comment or does not parse is put right, not ignored."""


def ignoring(source: Source, found: Sequence[tuple[Span, str]], reason: str = "") -> tuple[Edit, ...]:
    """The edits of one file that make it ignore findings, each given by its place and code."""
    merged: dict[int, tuple[Directive, list[str]]] = {}
    new: dict[int, list[str]] = {}
    for span, code in found:
        lines = reach(span, source)
        there = _ignore_at(source, lines)
        if there is not None:
            merged.setdefault(there.start, (there, []))[1].append(code)
            continue
        first = source.lines.line_of(span.start)
        line = next((line for line in new if line in lines), None)
        if line is None:
            line = _best_line(source, first, lines)
        new.setdefault(line, []).append(code)
    edits = [_merged(source, directive, codes) for directive, codes in merged.values()]
    longest = max((len(line) for line in source.text.splitlines()), default=0)
    room = min(max(longest, NARROW), WIDE)
    edits += [_added(source, line, sorted(set(codes)), reason, room) for line, codes in new.items()]
    return tuple(edits)


def _ignore_at(source: Source, lines: set[int]) -> Directive | None:
    """An `ignore[…]` with codes, of the lines on which a finding can be ignored."""
    own = (d for d in source.directives if d.kind == "ignore" and d.codes)
    return next((d for d in own if target(d, source) in lines), None)


def _merged(source: Source, directive: Directive, codes: Sequence[str]) -> Edit:
    text = source.lines.text[directive.start : directive.end]
    listed = re.search(r"(archlint[ \t]*:[ \t]*ignore[ \t]*\[)([^\]]*)", text, re.IGNORECASE)
    assert listed is not None
    every = [*directive.codes, *sorted(set(codes) - set(directive.codes))]
    return Edit(Span(source.path, directive.start + listed.start(2), directive.start + listed.end(2)), ", ".join(every))


def _best_line(source: Source, first: int, lines: set[int]) -> int:
    """The line to write to: that of the finding, unless no comment can stand behind or above it."""
    order = [first, *sorted(lines - {first})]
    fitting = (line for line in order if _behind(source, line, "# archlint: ignore[ARC000]") is not None)
    return next(fitting, None) or next((line for line in order if _can_stand_above(source, line)), order[0])


def _added(source: Source, line: int, codes: Sequence[str], reason: str, room: int) -> Edit:
    comment = f"# archlint: ignore[{', '.join(codes)}]" + (f" {reason}" if reason else "")
    text = source.lines.line_text(line)
    behind = _behind(source, line, comment)
    fits = len(text.rstrip()) + 2 + len(comment) <= room and not text.lstrip().startswith("%")  # `%time net(x)`
    if behind is not None and (fits or not _can_stand_above(source, line)):
        return behind
    start = _start(source, line)
    indent = re.match(r"[ \t]*", source.lines.text[start:])
    return Edit(Span(source.path, start, start), f"{indent[0] if indent else ''}{comment}\n")


def _behind(source: Source, line: int, comment: str) -> Edit | None:
    """The edit that puts a comment behind a line; None where it would be no comment of its own."""
    text = source.lines.line_text(line)
    start = source.lines.starts[line - 1]
    end = start + len(text.rstrip())
    here = next((c for c in source.comments if start <= c.start < start + len(text) + 1), None)
    if here is not None and (not here.trailing or re.search(r"#[ \t]*archlint[ \t]*:", here.text, re.IGNORECASE)):
        return None
    if text.rstrip("\r\n").endswith("\\") or (here is None and not _is_comment(source, end)):
        return None
    return Edit(Span(source.path, end, start + len(text)), f"  {comment}")


def _is_comment(source: Source, at: int) -> bool:
    """Would a comment that is written at an offset be read as one?  Not inside a string over several lines."""
    chunk = next((c for c in source.chunks if c.base <= at <= c.base + len(c.text)), None)
    if chunk is None:
        return False
    inside = at - chunk.base
    tried = f"{chunk.text[:inside]}  # !{chunk.text[inside:]}"
    return any(comment.start == inside + 2 for comment in comments_of(tried))


def _start(source: Source, line: int) -> int:
    """Where a line begins, behind a byte order mark."""
    start = source.lines.starts[line - 1]
    return start + source.lines.text.startswith("\ufeff", start)


def _can_stand_above(source: Source, line: int) -> bool:
    """Can a comment have a line of its own above a line, and mean that line?"""
    start = _start(source, line)
    before = source.lines.line_text(line - 1).rstrip() if line > 1 else ""
    text = source.lines.line_text(line).strip()
    if before.endswith("\\") or not text or text.startswith("#"):
        return False
    chunk = next((c for c in source.chunks if c.base <= start < c.base + len(c.text)), None)
    if chunk is None:
        return False
    inside = start - chunk.base
    tried = f"{chunk.text[:inside]}# !\n{chunk.text[inside:]}"
    return any(comment.start == inside for comment in comments_of(tried))
