"""Lists of which some elements may be left out.

    kept = [layer for layer, drop in zip(layers, dropped) if not drop]     # `dropped` is drawn at random
    for layer in kept:
        x = layer(x) + x

Each layer's turn is an arm of an undecided test, and so is leaving it out: x keeps what both agree on.
"""

from __future__ import annotations

from typing import Any

from archlint.interp.budget import MAX_LOOP
from archlint.values import Among, ListValue, Reason, Unknown

UNDECIDED = Unknown(Reason.BRANCH, "contents differ between branches")


def turns(value: Any, items: list[Any] | Unknown) -> list[tuple[Any, bool]] | Unknown:
    """What a loop over a value is about, each with whether it is certainly there; `items`: its elements, if known."""
    if not isinstance(items, Unknown):
        return [(item, True) for item in items]
    return list(value.why.items) if isinstance(value, ListValue) and isinstance(value.why, Among) else items


def _entries(content: tuple[list[Any] | None, Any]) -> list[tuple[Any, bool]] | None:
    items, why = content
    if items is not None:
        return [(item, True) for item in items]
    return list(why.items) if isinstance(why, Among) else None


def listed(why: Unknown, found: list[tuple[Any, bool]]) -> ListValue:
    """A list of such elements."""
    if all(sure for _, sure in found):
        return ListValue([item for item, _ in found])
    return ListValue(None, Among(why, tuple(found)) if len(found) <= MAX_LOOP else why)


def appended(target: ListValue, value: Any) -> None:
    """`kept.append(value)`."""
    if isinstance(target.why, Among):
        target.why = Among(target.why.why, (*target.why.items, (value, True)))


def spoiled(target: ListValue) -> None:
    """Any other write."""
    if isinstance(target.why, Among):
        target.why = target.why.why


def joined(contents: list[tuple[list[Any] | None, Any]]) -> tuple[None, Among] | None:
    """`if undecided: layers.append(Pool())`: what two arms left in a list, where one of them only added to it."""
    found = [_entries(content) for content in contents]
    longest = max((entry for entry in found if entry is not None), key=len, default=[])
    shortest = len(longest)
    for entry in found:
        if entry is None or len(longest) > MAX_LOOP:
            return None
        if any(a is not b or s is not t for (a, s), (b, t) in zip(entry, longest)):
            return None
        shortest = min(shortest, len(entry))
    ends = [(item, sure and place < shortest) for place, (item, sure) in enumerate(longest)]
    return None, Among(UNDECIDED, tuple(ends))
