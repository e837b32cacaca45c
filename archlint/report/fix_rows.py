"""The fix of a finding as the lines it takes out and puts in.

fix (unsafe):
 8 -         self.head = nn.Linear(64, 2)
 8 +         self.head = nn.Linear(256, 2)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from archlint.finding import Finding
from archlint.fix import edited
from archlint.report.cells import Row, clean
from archlint.text import Edit, LineIndex

MOST_LINES = 12
"""A fix that changes more lines is not shown: `--diff` shows it."""


def fix_rows(finding: Finding, texts: Mapping[str, LineIndex], size: int) -> Iterator[Row]:
    """The rows below the help; none without a fix, or where a text is not at hand.  size: width of line numbers."""
    if not finding.edits or any(edit.span.path not in texts for edit in finding.edits):
        return
    head = Row()
    head.put(head.put(0, "fix", "help"), f" ({'safe' if finding.safe else 'unsafe'}):")
    yield head
    rows = []
    for path in dict.fromkeys(edit.span.path for edit in finding.edits):
        if path != finding.span.path:
            rows.append(_row(size, 0, "", f"in {path}:", ""))
        for first, old, new in changed_lines(texts[path], [e for e in finding.edits if e.span.path == path]):
            number = texts[path].counted(first)
            rows += [_row(size, number + i, "-", line, "error") for i, line in enumerate(old)]
            rows += [_row(size, number + i, "+", line, "good") for i, line in enumerate(new)]
    yield from rows[:MOST_LINES]
    if len(rows) > MOST_LINES:
        yield _row(size, 0, "", f"... ({len(rows) - MOST_LINES} more lines; --diff shows them)", "")


def _row(size: int, number: int, sign: str, line: str, color: str) -> Row:
    row = Row()
    column = row.put(0, f"{number or '':>{size}} ", "frame")
    row.put(column, f"{sign} {clean(line)}" if sign else clean(line), color)
    return row


def changed_lines(index: LineIndex, edits: Sequence[Edit]) -> Iterator[tuple[int, list[str], list[str]]]:
    """(number of the first line, lines before, lines after) of each place that edits of one file change."""
    groups: list[tuple[int, int, list[Edit]]] = []
    for edit in sorted(edits, key=lambda e: e.span):
        first, last = index.line_of(edit.span.start), index.line_of(edit.span.end)
        if groups and first <= groups[-1][1] + 1:
            groups[-1] = (groups[-1][0], max(last, groups[-1][1]), [*groups[-1][2], edit])
        else:
            groups.append((first, last, [edit]))
    for first, last, here in groups:
        before = [*index.starts, len(index.text)]
        text = index.text[: before[last]]
        path, start = here[0].span.path, before[first - 1]
        after = edited({path: text}, here)[path][start:].splitlines()
        yield _without_common(first, text[start:].splitlines(), after)


def _without_common(first: int, old: list[str], new: list[str]) -> tuple[int, list[str], list[str]]:
    while old and new and old[0] == new[0]:
        first, old, new = first + 1, old[1:], new[1:]
    while old and new and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
    return first, old, new
