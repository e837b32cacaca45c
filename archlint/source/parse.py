"""From a file's text to a `Source`: every top-level statement that parses is lowered, the others are reported.

Nothing here imports LibCST until a statement comes that CPython does not take (`native`).
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from archlint.source import chunk as chunks
from archlint.source import comments, complaints, ir, limits, python2
from archlint.source.model import Chunk, Comment, Source, SyntaxProblem
from archlint.text import LineIndex

_MOST_CUTS = 40
_MOST_PROBLEMS = 100

Memo = dict[str, list[ir.Stmt]]


def parse(path: str, text: str, memo: Memo | None = None) -> Source:
    """Parse a file; never raises.

    `memo` remembers bodies by chunk text, so that an editor re-parses only the statement that changed.
    """
    source = Source(path, text, LineIndex(text))
    plain = chunks.plain(text)
    with _no_garbage_collection():
        _Parser(source, plain, memo).run()
    for problem in source.problems:
        assert 0 <= problem.start <= problem.end <= len(text)
    source.comments.sort(key=lambda comment: comment.start)
    source.directives = comments.directives(source.comments, source.lines)
    return source


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """LibCST allocates thousands of objects that live as long as the parse; collecting meanwhile finds nothing."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class _Parser:
    """Works through the pieces of one file."""

    def __init__(self, source: Source, plain: str, memo: Memo | None) -> None:
        self.source = source
        self.plain = plain
        self.memo = memo
        self.quiet_until = 0  # errors before this offset follow from one that is reported already
        self.cuts = 0

    def run(self) -> None:
        start: int | None = 0
        while start is not None:
            start = self._pieces_from(start)

    def _pieces_from(self, start: int) -> int | None:
        """Parse the pieces from `start` on; if one is broken and must be cut, the offset to go on from."""
        found = chunks.pieces(self.plain, start)
        # A string without its closing quotes swallows what stands below it, and turns strings and code around.
        swallows = bool(found) and found[-1].unclosed
        for piece in found:
            if len(self.source.problems) >= _MOST_PROBLEMS:
                message = "too many syntax errors; the rest of the file is not analysed"
                first = chunks.first_code(self.plain, piece.start)
                self.source.problems.append(SyntaxProblem(message, first, first))
                return None
            body, problems = self._attempt(piece.start, piece.end, piece.heavy)
            cut = None
            if body is None and swallows and self.cuts < _MOST_CUTS:
                cut = chunks.cut_again(self.plain, piece)
            if cut is None:
                self._deliver(piece.start, piece.end, body, problems)
                self._keep_comments(piece.comments)
                continue
            self.cuts += 1
            body, nearer = self._attempt(piece.start, cut, piece.heavy)
            self._deliver(piece.start, cut, body, nearer or problems)
            self._keep_comments([span for span in piece.comments if span[1] <= cut])
            self.quiet_until = max(self.quiet_until, piece.end)
            return cut
        return None

    def _deliver(self, start: int, end: int, body: list[ir.Stmt] | None, problems: list[SyntaxProblem]) -> None:
        if body:
            self.source.chunks.append(Chunk(self.source.path, start, self.source.text[start:end], body))
        if start >= self.quiet_until:
            moved = (SyntaxProblem(p.message, start + p.start, start + p.end, p.ours) for p in problems)
            self.source.problems.extend(moved)

    def _keep_comments(self, spans: list[tuple[int, int]]) -> None:
        for start, end in spans:
            line = self.plain.rfind("\n", 0, start) + 1
            trailing = bool(self.plain[line:start].strip())
            self.source.comments.append(Comment(self.source.text[start:end], start, end, trailing))

    def _attempt(self, start: int, end: int, heavy: bool) -> tuple[list[ir.Stmt] | None, list[SyntaxProblem]]:
        """The body of the piece, or None, and its problems, with offsets from `start`."""
        text = self.plain[start:end]
        if self.memo is not None and text in self.memo:
            return self.memo[text], []
        body, problems = lowered(text, heavy)
        if self.memo is not None and body is not None and not problems:
            self.memo[text] = body
        return body, problems


def lowered(text: str, heavy: bool) -> tuple[list[ir.Stmt] | None, list[SyntaxProblem]]:
    """The body of one piece of a plain text, or None, and its problems, with offsets from its start; never raises."""
    if chunks.is_blank(text):
        return [], []
    refused = limits.beyond(text, heavy)
    if refused:
        return None, [_at_first_line(text, refused)]
    body, problems = _lower(text)
    if body is None and (relics := python2.find(text)):
        body, others = _lower(python2.neutralised(text, relics))
        problems = sorted([*_relic_problems(relics), *others], key=lambda problem: problem.start)
    return body, problems


def _lower(text: str) -> tuple[list[ir.Stmt] | None, list[SyntaxProblem]]:
    """Hand a chunk to CPython's parser, else to LibCST; None and the reason if that comes to nothing."""
    from archlint.source import native

    body = native.lower(text)
    if body is not None:
        return body, []
    from libcst import ParserSyntaxError

    from archlint.source import lower

    try:
        return lower.lower(text)
    except ParserSyntaxError as error:
        message, start, end = complaints.explain(text, error.message)
        return None, [SyntaxProblem(message, start, end, ours=message == complaints.VALID)]
    except RecursionError:
        return None, [_at_first_line(text, limits.TOO_DEEP)]
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic of LibCST's Rust code is no Exception
        return None, [_at_first_line(text, f"cannot be analysed ({type(error).__name__} in LibCST)")]


def _relic_problems(relics: list[python2.Relic]) -> list[SyntaxProblem]:
    """One problem for each kind of Python 2 syntax, at its first place."""
    kinds: dict[str, list[python2.Relic]] = {}
    for relic in relics:
        kinds.setdefault(relic.what, []).append(relic)
    problems = []
    for what, places in kinds.items():
        more = f" (and {len(places) - 1} more below)" if len(places) > 1 else ""
        problems.append(SyntaxProblem(what + more, places[0].start, places[0].end))
    return problems


def _at_first_line(text: str, message: str) -> SyntaxProblem:
    """A problem of the whole chunk, shown at its first line of code."""
    start = chunks.first_code(text)
    end = text.find("\n", start)
    return SyntaxProblem(message, start, min(len(text) if end < 0 else end, start + 200), ours=True)
