"""Markdown tables, and their place between two markers in a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; every column after the first is of numbers and stands right, its head says so."""
    written = [[str(cell).replace("|", "\\|") for cell in row] for row in rows]
    widths = [max(3, len(title), *(len(row[i]) for row in written)) for i, title in enumerate(head)]
    rule = [":" + "-" * (widths[0] - 1), *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join([_line(head, widths), _line(rule, widths), *(_line(row, widths) for row in written)])


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first = cells[0].ljust(widths[0])
    return "| " + " | ".join([first, *(cell.rjust(width) for cell, width in zip(cells[1:], widths[1:]))]) + " |"


def between(text: str, name: str, body: str) -> str:
    """The text with `body` between its markers of that name; they are added at the end where there are none."""
    start, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    block = f"{start}\n{body}\n{end}"
    before, marker, rest = text.partition(start)
    if not marker:
        return f"{text.rstrip()}\n\n{block}\n" if text.strip() else f"{block}\n"
    _, marker, after = rest.partition(end)
    if not marker:
        raise ValueError(f"'{start}' has no '{end}' after it")
    return before + block + after


def write(path: Path, name: str, body: str) -> None:
    """Put `body` between the markers of a file, which need not exist."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(between(text, name, body), encoding="utf-8")
