"""One activation of a function, class body or module."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from archlint.source.model import Chunk
from archlint.text import Span
from archlint.values import Class, Function, Module

RETURN, BREAK, CONTINUE, DEAD = "return", "break", "continue", "dead"
"""How a block was left; DEAD: in every arm of an undecided test, in ways already written down."""


class UserRaise(Exception):
    """The evaluated program raises here, on a path that is certainly taken."""


@dataclass(slots=True, eq=False)
class Frame:
    """Names of one scope, and what its statements have produced so far.

    `pending`: values returned in arms of undecided tests; `breaks` and `continues`: the names as they stood
    where such an arm left the innermost loop or iteration.  `loops`: how many loops it is in; `turns`: how often these
    have turned since the outermost began; `planned`: how often the innermost's body runs at most.
    """

    module: Module
    chunk: Chunk
    names: dict[str, Any]
    parent: Frame | None = None
    function: Function | None = None
    owner: Class | None = None
    receiver: Any = None
    is_class: bool = False
    result: Any = None
    pending: list[Any] = field(default_factory=list)
    breaks: list[dict[str, Any]] = field(default_factory=list)
    continues: list[dict[str, Any]] = field(default_factory=list)
    yields: list[tuple[Any, bool]] = field(default_factory=list)
    """What it has yielded, each with whether it certainly does."""
    yields_open: bool = False
    entered: int = 0
    """How many arms of undecided tests its call stands in."""
    outer_names: dict[str, str] = field(default_factory=dict)
    loops: int = 0
    turns: int = 0
    planned: int = 1
    unread: set[str] | None = None
    """While a call is recorded: texts that it was given and has not looked at yet."""

    def span(self, node: Any) -> Span:
        """Where an IR node of this frame's chunk stands in its file."""
        chunk = self.chunk  # asked of every argument of every call: nearly always it is there
        found = chunk.spans.get((node.start, node.end))
        return chunk.span(node.start, node.end) if found is None else found
