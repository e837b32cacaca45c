"""What may be done about findings: fixes, suppressions, all safe fixes at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from lsprotocol import types

from archlint.server.analysis import Analysis
from archlint.server.diagnostics import location, shown

if TYPE_CHECKING:
    from archlint.diagnostic import Diagnostic
    from archlint.text import Edit

QUICK = types.CodeActionKind.QuickFix
FIX_ALL = "source.fixAll.archlint"
NOTEBOOK_FIX_ALL = "notebook.source.fixAll.archlint"
KINDS = (QUICK, FIX_ALL, NOTEBOOK_FIX_ALL)
NEVER = ("ARC001", "ARC004", "ARC005")
"""What is wrong in a comment or does not parse is put right, not ignored."""

HEAD = re.compile(r"(?:#!.*(?:\r\n|\r|\n))?(?:#.*coding[:=].*(?:\r\n|\r|\n))?")


def wanted(kind: str, only: Sequence[str] | None) -> bool:
    """Does the client ask for a kind, or for one that it belongs to?"""
    return only is None or any(kind == one or kind.startswith(one + ".") or not one for one in only)


def quick_fixes(analysis: Analysis, start: int, end: int) -> Iterator[types.CodeAction]:
    """Fixes and suppressions of the findings in a range of the page."""
    found = [one for one in analysis.diagnostics if one.path == analysis.path and _meets(one, start, end)]
    for one in found:
        if one.finding.edits:
            yield _fix(one, analysis)
    for one in {one.code: one for one in found}.values():
        if one.code not in NEVER:
            line, edits = ignored_here(one, analysis)
            yield _action(f"Ignore {one.code} on line {line}", one, analysis, edits)
    for one in {one.code: one for one in found if one.code not in NEVER}.values():
        yield _action(f"Ignore {one.code} in this file", one, analysis, [_ignored_in_file(one, analysis)])


def _meets(one: Diagnostic, start: int, end: int) -> bool:
    return one.finding.span.start <= end and start <= one.finding.span.end


def _fix(one: Diagnostic, analysis: Analysis) -> types.CodeAction:
    finding = one.finding
    what = (finding.help or finding.message).partition("; ")[0]
    unsafe = "" if finding.safe else " (unsafe: changes what the model computes)"
    action = _action(f"{one.code}: {what}{unsafe}", one, analysis, finding.edits)
    action.is_preferred = finding.safe
    return action


def _action(title: str, one: Diagnostic, analysis: Analysis, edits: Sequence[Edit]) -> types.CodeAction:
    return types.CodeAction(
        title=title, kind=QUICK, diagnostics=[shown(one, analysis)], edit=workspace_edit(analysis, edits)
    )


def workspace_edit(analysis: Analysis, edits: Sequence[Edit]) -> types.WorkspaceEdit:
    """Edits of offsets as the client applies them; new lines end as the page's do."""
    changes: dict[str, list[types.TextEdit]] = {}
    crlf = "\r\n" in analysis.page.text
    for edit in edits:
        at = location(edit.span, analysis)
        text = edit.text.replace("\n", "\r\n") if crlf and "\r" not in edit.text else edit.text
        changes.setdefault(at.uri, []).append(types.TextEdit(at.range, text))
    return types.WorkspaceEdit(changes=changes)


def ignored_here(one: Diagnostic, analysis: Analysis) -> tuple[int, Sequence[Edit]]:
    """The line (as the client counts it) and the edits that suppress a finding at its place."""
    from archlint.ignoring import ignoring

    span = one.finding.span
    _, text, offset = analysis.page.place(span.start)
    return text.position(offset).line + 1, ignoring(analysis.source, [(span, one.code)])


def _ignored_in_file(one: Diagnostic, analysis: Analysis) -> Edit:
    """The edit that suppresses a rule in all of a file: in a notebook, at the head of its first cell."""
    from archlint.text import Edit, Span

    head = HEAD.match(analysis.page.text)
    at = head.end() if head is not None else 0
    return Edit(Span(analysis.path, at, at), f"# archlint: file-ignore[{one.code}]\n")


def fixable(analysis: Analysis) -> int:
    """How many findings have a safe fix in the page."""
    return sum(
        bool(one.finding.edits) and one.finding.safe and all(e.span.path == analysis.path for e in one.finding.edits)
        for one in analysis.diagnostics
    )


def difference(analysis: Analysis, after: str) -> list[Edit]:
    """The edits of whole lines that make another text of the page."""
    from difflib import SequenceMatcher

    from archlint.text import Edit, Span

    before = analysis.page.text.splitlines(keepends=True)
    lines = after.splitlines(keepends=True)
    starts = [0]
    for line in before:
        starts.append(starts[-1] + len(line))
    return [
        Edit(Span(analysis.path, starts[a], starts[b]), "".join(lines[c:d]))
        for tag, a, b, c, d in SequenceMatcher(None, before, lines, autojunk=False).get_opcodes()
        if tag != "equal"
    ]
