"""The evaluated arguments of one call, and where each of them is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from archlint.text import Span


@dataclass(slots=True)
class Arguments:
    """Evaluated arguments of one call and where each stands.

    `open_positional`/`open_keywords`: an unpacked argument is not known.  `guessed`: the call is an entry
    point's own, so parameters without a value become symbols.
    """

    positional: list[Any]
    keywords: dict[str, Any]
    span: Span
    positional_spans: list[Span] = field(default_factory=list)
    keyword_spans: dict[str, Span] = field(default_factory=dict)
    open_positional: bool = False
    open_keywords: bool = False
    guessed: bool | None = None
    unpacked: bool = False
    """Some of them may come from a list or dict: `**kwargs`."""

    @property
    def open(self) -> bool:
        """Is any part of the argument list not known?"""
        return self.open_positional or self.open_keywords

    def get(self, place: int, name: str, default: Any = None) -> Any:
        """An argument by position or keyword."""
        if place < len(self.positional):
            return self.positional[place]
        return self.keywords.get(name, default)

    def but(self, positional: list[Any], keywords: dict[str, Any]) -> Arguments:
        """The same call with other values."""
        return Arguments(
            positional,
            keywords,
            self.span,
            self.positional_spans,
            self.keyword_spans,
            self.open_positional,
            self.open_keywords,
            self.guessed,
        )

    def behind(self, first: Any) -> Arguments:
        """The same call with one more argument in front: the receiver of a method."""
        spans = [self.span, *self.positional_spans]
        made = self.but([first, *self.positional], self.keywords)
        made.positional_spans = spans
        return made
