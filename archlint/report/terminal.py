"""Findings for people: what, where, the source with its causes, the way out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from archlint.diagnostic import Diagnostic, Report
from archlint.report.cells import Row, clean
from archlint.report.fix_rows import fix_rows
from archlint.report.listing import TOLD, findings, mark, standing
from archlint.report.snippet import Mark, frame, snippet
from archlint.text import LineIndex, Position, Span


def render(report: Report, *, color: bool = False, unsafe: bool = False) -> str:
    """Every finding, in order of place, with an empty line after each; `unsafe` fixes are marked as those at hand."""
    shown = (render_finding(finding, report.texts, color=color, unsafe=unsafe) for finding in findings(report))
    return "".join(text + "\n" for text in shown)


def render_finding(
    diagnostic: Diagnostic, texts: Mapping[str, LineIndex], *, color: bool = False, unsafe: bool = False
) -> str:
    """One finding; `texts` gives the files it names."""
    return "".join(row.paint(color) + "\n" for row in _rows(diagnostic, texts, unsafe))


def _rows(diagnostic: Diagnostic, texts: Mapping[str, LineIndex], unsafe: bool) -> Iterator[Row]:
    finding = diagnostic.finding
    yield _header(diagnostic, mark(diagnostic, unsafe=unsafe))
    marks: dict[tuple[str, int | None], list[Mark]] = {}  # by file, in a notebook by cell
    bare: list[tuple[Span, str]] = []  # places in files whose text is not at hand
    places: list[tuple[Span, str, str, str]] = [(finding.span, finding.label, diagnostic.severity, "^")]
    places += [(label.span, label.text, "secondary", "-") for label in finding.related]
    for span, label, color, sign in places:
        if span.path in texts:
            index = texts[span.path]
            part = span.path, index.cell_of(min(span.start, len(index.text)))
            marks.setdefault(part, []).append(Mark.of(span, label, index, color, sign))
        else:
            bare.append((span, label))
    size = max((len(str(texts[p].counted(mark.last))) for (p, _), part in marks.items() for mark in part), default=1)
    arrow = "-->"
    for (path, cell), file in marks.items():
        first = texts[path].counted(file[0].first)
        row = _arrow(size, arrow, f"{path}:{Position(first, file[0].start + 1, cell).shown}")
        yield row
        yield frame(size)
        yield from snippet(texts[path], file, size)
        yield frame(size)
        arrow = ":::"
    for span, label in bare:
        yield _arrow(size, arrow, f"{span.path}: {label}" if label else span.path)
        arrow = ":::"
    if finding.help:
        yield from _advice("help", finding.help)
    yield from fix_rows(finding, texts, size)
    ran = TOLD.get(standing(diagnostic), "")
    for note in (ran, *finding.notes):
        if note:
            yield from _advice("note", note)


def _header(diagnostic: Diagnostic, fixable: str) -> Row:
    row = Row()
    column = row.put(0, f"{diagnostic.code}{fixable} {diagnostic.severity}", diagnostic.severity)
    column = row.put(column, f": {clean(diagnostic.finding.message)}", "bold")
    row.put(column, f" [{diagnostic.name}]", "dim")
    return row


def _arrow(size: int, arrow: str, place: str) -> Row:
    row = Row()
    column = row.put(size, arrow, "frame")
    row.put(column + 1, clean(place))
    return row


def _advice(title: str, text: str) -> Iterator[Row]:
    first, *others = text.strip().split("\n")
    row = Row()
    column = row.put(0, f"{title}:", "help" if title == "help" else "bold")
    row.put(column + 1, clean(first))
    yield row
    for line in others:
        row = Row()
        row.put(column + 1, clean(line))
        yield row
