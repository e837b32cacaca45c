"""A statement with other comments or white space: the same code, which keeps what is known of it.

    self.conv = nn.Conv2d(3, 64,  7)     # stem

Its tree stays, under new offsets.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from archlint.source.model import Chunk
    from archlint.text import Span

STARTS = frozenset(["start", "attr_start", "name_start"])
OURS = re.compile("archlint", re.IGNORECASE)


@dataclass(slots=True)
class Offsets:
    """Where each offset of a statement's tree is in the text of now, as a start and as an end."""

    starts: dict[int, int] = field(default_factory=dict)
    ends: dict[int, int] = field(default_factory=dict)
    nodes: list[tuple[Any, str, int]] = field(default_factory=list)
    holds: bool = True

    def pair(self, old: Any, new: Any) -> bool:
        """Go through two trees at once; False if they are not the same code."""
        todo = [(old, new)]
        while todo:
            a, b = todo.pop()
            if type(a) is not type(b):
                return False
            if isinstance(a, (list, tuple)):
                if len(a) != len(b):
                    return False
                todo += zip(a, b)
            elif hasattr(a, "__slots__"):
                for name in a.__slots__:
                    before, after = getattr(a, name), getattr(b, name)
                    if name in STARTS or name == "end":
                        self._note(a, name, before, after)
                    else:
                        todo.append((before, after))
            elif a != b and not (a != a and b != b):
                return False
        return self.holds

    def _note(self, node: Any, name: str, before: int, after: int) -> None:
        known = self.ends if name == "end" else self.starts
        self.holds = self.holds and known.setdefault(before, after) == after
        self.nodes.append((node, name, after))


def take_over(old: Chunk, new: Chunk, moved: Callable[[int, bool], int], put: Callable[[Span, int, int], None]) -> bool:
    """Let a statement stand for another with the same code; False, and nothing done, if it cannot.

    moved: where an offset of the file is now, by itself and as an end.  put: moves a span for all who hold it.
    """
    if OURS.search(old.text) or OURS.search(new.text):
        return False  # a comment may state a shape
    offsets = Offsets()
    if not offsets.pair(old.body, new.body):
        return False
    places = {}
    for start, end in old.spans:
        first = offsets.starts.get(start, moved(old.base + start, False) - new.base)
        last = offsets.ends.get(end, moved(old.base + end, True) - new.base)
        if not 0 <= first <= last or last - first < min(end - start, 1) or (first, last) in places:
            return False
        places[first, last] = old.spans[start, end]
    for node, name, offset in offsets.nodes:
        setattr(node, name, offset)
    for (start, end), span in places.items():
        put(span, new.base + start, new.base + end)
    old.base, old.text, old.spans = new.base, new.text, places
    old.derived.clear()
    return True
