"""Spans that move with the text: what is known of a statement stays with it while others are typed at."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from archlint.server.respaced import take_over

if TYPE_CHECKING:
    from archlint.source.model import Chunk, Source
    from archlint.text import Span


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a text: [start, end) was replaced by so many characters."""

    start: int
    end: int
    length: int

    def moved(self, offset: int, *, is_end: bool = False) -> int:
        """Where an offset is now; in what was replaced, the beginning of the change."""
        if offset < self.start or (is_end and offset == self.start):
            return offset
        if offset >= self.end:
            return offset + self.length - (self.end - self.start)
        return self.start

    @classmethod
    def between(cls, before: str, after: str) -> Change:
        """The smallest change that makes one text of another."""
        start = _common(before, after)
        most = min(len(before), len(after)) - start
        end = _common_end(before, after, most)
        return cls(start, len(before) - end, len(after) - end - start)


def _common(a: str, b: str) -> int:
    low, high = 0, min(len(a), len(b))
    while low < high:
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _common_end(a: str, b: str, most: int) -> int:
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if a[len(a) - middle : len(a) - low] == b[len(b) - middle : len(b) - low]:
            low = middle
        else:
            high = middle - 1
    return low


@dataclass(slots=True)
class Standing:
    """The statements of a page whose spans move with it.  gone: those that were edited, as long as models of theirs are
    shown."""

    chunks: list[Chunk] = field(default_factory=list)
    gone: list[Chunk] = field(default_factory=list)

    def follow(self, source: Source, change: Change) -> dict[int, list[Any]]:
        """Put the statements that did not change into a text that was parsed anew, and move all spans.

        Gives the trees that stand for others with the same code, by the ids of those.
        """
        old = {id(chunk.body): chunk for chunk in self.chunks}
        kept: set[int] = set()
        for place, chunk in enumerate(source.chunks):
            if id(chunk.body) in kept:  # the same text stands twice
                chunk.body = deepcopy(chunk.body)
            same = old.pop(id(chunk.body), None)
            if same is not None and same.text == chunk.text:
                _shift(same, chunk.base)
                source.chunks[place] = same
            elif same is not None:
                old[id(chunk.body)] = same
            kept.add(id(chunk.body))
        same_code = self._respaced(source, change)
        now = {id(chunk) for chunk in source.chunks}
        self.gone += [chunk for chunk in self.chunks if id(chunk) not in now]
        for chunk in self.gone:
            for span in chunk.spans.values():
                start, end = change.moved(span.start), change.moved(span.end, is_end=True)
                _put(span, start, max(start, end))
        self.chunks = list(source.chunks)
        return same_code

    def _respaced(self, source: Source, change: Change) -> dict[int, list[Any]]:
        """A comment was typed in: the statement around it stays."""
        then, now = {id(chunk) for chunk in self.chunks}, {id(chunk) for chunk in source.chunks}
        gone = [chunk for chunk in self.chunks if id(chunk) not in now]
        new = [place for place, chunk in enumerate(source.chunks) if id(chunk) not in then]
        if len(gone) != 1 or len(new) != 1:
            return {}
        made = source.chunks[new[0]]
        if not take_over(gone[0], made, lambda at, is_end: change.moved(at, is_end=is_end), _put):
            return {}
        source.chunks[new[0]] = gone[0]
        return {id(made.body): gone[0].body}

    def settle(self) -> None:
        """Nothing that is gone is shown any longer."""
        self.gone = []


def _shift(chunk: Chunk, base: int) -> None:
    by = base - chunk.base
    if by:
        chunk.base = base
        for span in chunk.spans.values():
            _put(span, span.start + by, span.end + by)


def _put(span: Span, start: int, end: int) -> None:
    """Move a span for everybody who holds it.  No set or dictionary of spans lives from one analysis to the next."""
    object.__setattr__(span, "start", start)
    object.__setattr__(span, "end", end)


@dataclass(slots=True)
class Placing:
    """Finds for a span of the page the one that moves with its statement."""

    path: str
    chunks: Sequence[Chunk]
    bases: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.bases = [chunk.base for chunk in self.chunks]

    def chunk_of(self, span: Span) -> Chunk | None:
        """The statement that a span lies in."""
        place = bisect_right(self.bases, span.start) - 1
        chunk = self.chunks[place] if span.path == self.path and place >= 0 else None
        return chunk if chunk is not None and span.end <= chunk.base + len(chunk.text) else None

    def __call__(self, span: Span) -> Span:
        chunk = self.chunk_of(span)
        return span if chunk is None else chunk.span(span.start - chunk.base, span.end - chunk.base)
