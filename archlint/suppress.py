"""Applies `# archlint: ignore[…]`, `# archlint: file-ignore[…]` and `# noqa` comments to findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from archlint.diagnostic import Diagnostic
from archlint.options import Options
from archlint.selection import UNUSED, match
from archlint.source import ir
from archlint.source.comments import SUPPRESSING
from archlint.source.model import Directive, Source
from archlint.text import Span

DEFAULT = Options()


@dataclass(slots=True)
class Suppressed:
    """What is left to report, and what each directive was good for.

    used: (path, directive, code as written or "") of every directive that suppressed a finding.
    """

    kept: list[Diagnostic] = field(default_factory=list)
    used: set[tuple[str, Directive, str]] = field(default_factory=set)


def suppress(
    diagnostics: Iterable[Diagnostic],
    source: Callable[[str], Source | None],
    options: Callable[[str], Options] = lambda path: DEFAULT,
) -> Suppressed:
    """Drop the findings that a comment in their file suppresses.

    `source` gives a file by its path; `options`: the same, whether its comments hold.
    """
    result = Suppressed()
    for diagnostic in diagnostics:
        file = source(diagnostic.path)
        hits = list(_hits(diagnostic, file)) if file is not None and file.directives else []
        hits = [hit for hit in hits if options(diagnostic.path).holds(hit[0].kind)]
        result.used.update((diagnostic.path, directive, code) for directive, code in hits)
        if not hits:
            result.kept.append(diagnostic)
    return result


def _hits(diagnostic: Diagnostic, file: Source) -> Iterator[tuple[Directive, str]]:
    lines: set[int] | None = None
    for directive in file.directives:
        if directive.kind not in SUPPRESSING:
            continue
        code = _names(directive, diagnostic)
        if code is None:
            continue
        if directive.kind == "disable":
            if not _within(directive, code, diagnostic.finding.span, file):
                continue
        elif directive.kind != "file-ignore":
            if lines is None:
                lines = reach(diagnostic.finding.span, file)
            if target(directive, file) not in lines:
                continue
        yield directive, code


def _within(directive: Directive, code: str, span: Span, file: Source) -> bool:
    """Does a finding begin between a `disable` and its `enable`, or the end of the block around the `disable`?"""
    line = file.lines.line_of(span.start)
    until = directive.until[directive.codes.index(code)]
    return directive.line <= line <= (until or _end_of_block(directive, file))


def _end_of_block(directive: Directive, file: Source) -> int:
    """The last line before a statement that is indented less than the line of a comment; else that of the file."""
    text = file.lines.line_text(directive.line)
    depth = len(text) - len(text.lstrip())
    for chunk in file.chunks if depth else ():
        for node in _statements(chunk.body):
            start = chunk.base + node.start
            line = file.lines.line_of(start)
            if line > directive.line and start - file.lines.starts[line - 1] < depth:
                return line - 1
    return len(file.lines.starts)


def _statements(body: Any) -> Iterator[Any]:
    """The statements of a block and of the blocks in it, in their order."""
    for node in body:
        if isinstance(node, STATEMENTS):
            yield node
        if is_dataclass(node):
            for part in fields(node):
                inside = getattr(node, part.name)
                if isinstance(inside, (list, tuple)):
                    yield from _statements(inside)


def _names(directive: Directive, diagnostic: Diagnostic) -> str | None:
    """The code of the directive that means this finding; "" where it means all."""
    if not directive.codes:
        return "" if diagnostic.code != UNUSED else None
    matching = (code for code in directive.codes if match(code, diagnostic.code, diagnostic.name) is not None)
    return next(matching, None)


def target(directive: Directive, file: Source) -> int:
    """The line a directive speaks of: its own, or the next line of code if it stands alone."""
    line = directive.line
    if directive.trailing or directive.kind == "noqa":
        return line
    while line < _last_of_cell(line, file):
        line += 1
        text = file.lines.line_text(line).strip()
        if text and not text.startswith("#"):
            break
    return line


def _last_of_cell(line: int, file: Source) -> int:
    """The last line of the cell that a line stands in, in a notebook; else of the file."""
    cells = file.lines.cells
    following = cells.holding(line) + 1 if cells is not None else 0
    if cells is None or following >= len(cells.first_lines):
        return len(file.lines.starts)
    return cells.first_lines[following] - 2


def reach(span: Span, file: Source) -> set[int]:
    """Lines on which a directive suppresses a finding at `span`.

    These are the lines of the span and of the call around it, and the first and last line of the statement.
    Not every line of the statement: in `Sequential([…])` over forty lines a comment means its own layer.
    """
    first, last = file.lines.line_of(span.start), file.lines.line_of(max(span.end - 1, span.start))
    lines = set(range(first, last + 1))
    chunk = next((c for c in file.chunks if c.base <= span.start < c.base + len(c.text)), None)
    if chunk is None:
        return lines
    start, end = span.start - chunk.base, max(span.end, span.start + 1) - chunk.base
    around = list(_around(chunk.body, start, end))
    statement = next((node for node in reversed(around) if isinstance(node, STATEMENTS)), None)
    call = next((node for node in reversed(around) if isinstance(node, ir.Call)), None)
    if statement is not None:
        lines |= {file.lines.line_of(chunk.base + statement.start), _last_line(statement, chunk.base, file)}
        if call is not None and call.start >= statement.start:
            first, last = (file.lines.line_of(chunk.base + at) for at in (call.start, call.end - 1))
            lines.update(range(first, last + 1))
    return lines


STATEMENTS = (
    ir.ExprStmt, ir.Assign, ir.Declare, ir.AugAssign, ir.Return, ir.If, ir.For, ir.While, ir.Try, ir.With,
    ir.FunctionDef, ir.ClassDef, ir.Import, ir.ImportFrom, ir.Simple, ir.Raise, ir.Assert, ir.Scope, ir.Delete,
    ir.Match, ir.OpaqueStmt,
)  # fmt: skip


def _last_line(statement: Any, base: int, file: Source) -> int:
    """Last line of a simple statement; of `class Net(Module):` the line before its body."""
    first = file.lines.line_of(base + statement.start)
    if body := getattr(statement, "body", ()):
        return max(file.lines.line_of(base + body[0].start) - 1, first)
    return file.lines.line_of(base + max(statement.end - 1, statement.start))


def _around(tree: Any, start: int, end: int) -> Iterator[Any]:
    """Nodes that enclose [start, end), outermost first."""
    if isinstance(tree, (list, tuple)):
        for item in tree:
            yield from _around(item, start, end)
    elif is_dataclass(tree):
        node: Any = tree
        if start < getattr(node, "start", start) or getattr(node, "end", end) < end:
            return
        yield node
        for part in fields(node):
            yield from _around(getattr(node, part.name), start, end)
