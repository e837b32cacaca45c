"""Whether a reshape stands where a transposition was meant: row-major order of the axes before and after.

`(N, heads, T, d).reshape(N, T, heads*d)` has the right number of elements and the wrong order: every output step holds
numbers of several steps.  The sizes say so only where an axis can be told from the others: two axes of 8 are the same
to a reshape, a symbol that stands in one axis alone is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import prod

from archlint.dims import Size, product, proven_equal, symbols
from archlint.values import Shape

_MOST_AXES = 8
"""Above it there are too many groupings to try."""


@dataclass(frozen=True, slots=True)
class Mixed:
    """Axes that a reshape reads in memory order although its target names them in another.

    order: the axes of the source as a transposition before the reshape would have to put them.
    early, late: two of them, `late` named first by the target; one is a symbol that no other axis has.
    split: the shape to make of the source first, if the target has parts of its axes; `order` is then of that.
    """

    order: tuple[int, ...]
    early: int
    late: int
    split: tuple[int, ...] = ()


def needs_transposition(before: Shape, after: Shape) -> Mixed | None:
    """How a reshape of `before` to `after` mixes axes; None if it need not, or if the sizes cannot tell."""
    if before is None or after is None or len(before) > _MOST_AXES:
        return None
    source = {axis: size for axis, size in enumerate(before) if not _is_one(size)}
    target = [size for size in after if not _is_one(size)]
    if None in source.values() or None in target:
        return None
    found: list[Mixed] = []
    for groups in _groupings(source, target):
        order = [axis for group in groups for axis in group]
        inverted = _inversion(order, source)
        if inverted is None:
            return None  # memory order, or two numbers that may as well be others
        ones = [axis for axis in range(len(before)) if axis not in source]
        found.append(Mixed((*ones, *order), *inverted))
    return found[0] if found else None


def torn_apart(before: Shape, after: Shape) -> Mixed | None:
    """The same where all sizes are numbers: no axis of the target begins where one of the source does, or a part of it.

    (6, 4, 10, 8) as (6, 10, 32): each row of 32 is one head's 8 numbers of four steps, where it is torn at all.  With
    16 steps in place of 10 it would be as clean as windows of two steps are, and nothing is said.
    """
    if not before or not after or len(before) > _MOST_AXES or len(after) > _MOST_AXES:
        return None
    if not proven_equal(before[0], after[0]):
        return None
    before, after = (-1, *before[1:]), (-1, *after[1:])  # the batch stays in front, whatever it is
    source, target = [s for s in before if isinstance(s, int)], [s for s in after if isinstance(s, int)]
    sizes = [*source[1:], *target[1:]]
    if len(source) < len(before) or len(target) < len(after) or not sizes or min(sizes) < 2:
        return None
    if _clean(source, target):
        return None
    merged = [[a for g in groups for a in g] for groups in _groupings(dict(enumerate(before)), list(after))]
    if merged:
        turned = _turned(merged[0])
        return None if turned is None else Mixed(tuple(merged[0]), *turned)
    for groups in _groupings(dict(enumerate(after)), list(before)):
        flat = [axis for group in groups for axis in group]
        turned = _turned(flat)
        if turned is not None:
            early, late = (n for n, group in enumerate(groups) if not set(turned).isdisjoint(group))
            order = tuple(flat.index(axis) for axis in range(len(after)))
            return Mixed(order, early, late, tuple(target[axis] for axis in flat))
    return None


def _clean(source: list[int], target: list[int]) -> bool:
    """Is each axis of the target made of whole axes of the source, or of whole parts of one?"""
    bounds = [prod(source[1:n]) for n in range(1, len(source) + 1)]
    for n in range(2, len(target)):
        end = prod(target[1:n])
        inside = [b for b in bounds if b <= end], [b for b in bounds if b >= end]
        before, after = max(inside[0], default=1), min(inside[1], default=end)
        if end % before or after % end:
            return False
    return True


def _turned(order: list[int]) -> tuple[int, int] | None:
    """Two numbers of which the later stands first."""
    return next(((b, a) for n, a in enumerate(order) for b in order[n + 1 :] if b < a), None)


def _groupings(source: dict[int, Size], target: list[Size]) -> Iterator[list[tuple[int, ...]]]:
    """Every way to make each size of the target of whole axes of the source, all used, each group in memory order."""
    if not target:
        if not source:
            yield []
        return
    for count in range(1, len(source) + 1):
        for group in combinations(source, count):
            if proven_equal(product(source[axis] for axis in group), target[0]):
                rest = {axis: size for axis, size in source.items() if axis not in group}
                for groups in _groupings(rest, target[1:]):
                    yield [group, *groups]


def _inversion(order: list[int], source: dict[int, Size]) -> tuple[int, int] | None:
    """Two axes whose order the target turns round, where one is known from all the others."""
    for place, late in enumerate(order):
        for early in order[place + 1 :]:
            if early < late and (_alone(early, source) or _alone(late, source)):
                return early, late
    return None


def _alone(axis: int, source: dict[int, Size]) -> bool:
    """Has the axis a symbol that no other axis has?"""
    return bool(symbols(source[axis]) - frozenset().union(*(symbols(s) for a, s in source.items() if a != axis)))


def _is_one(size: Size) -> bool:
    return isinstance(size, int) and size == 1
