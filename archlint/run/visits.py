"""Which inferred value belongs to which executed one: the k-th visit of an expression on both sides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from archlint.interp.tensors.apply import path_of
from archlint.interp.trace import Visited
from archlint.run.records import Visit
from archlint.text import Span


@dataclass(frozen=True, slots=True)
class Place:
    """A visit: its expression, the module that is `self` there ("" or unknown: None), and its number."""

    span: Span
    owner: str | None
    number: int


@dataclass(slots=True)
class Pair:
    """What belongs together.  Only `inferred`: the run did not come here.  Only `executed`: the evaluator did not, or
    a different number of times, so that the two cannot be told apart."""

    place: Place
    inferred: Visited | None = None
    executed: Visit | None = None


def paired(inferred: Iterable[Visited], executed: Iterable[tuple[Span, Visit]]) -> Iterator[Pair]:
    """Every visit of both sides, once."""
    ours: dict[Span, list[Visited]] = {}
    theirs: dict[Span, list[Visit]] = {}
    for one in inferred:
        ours.setdefault(one.span, []).append(one)
    for span, visit in executed:
        theirs.setdefault(span, []).append(visit)
    for span in {**ours, **theirs}:
        yield from _at(span, ours.get(span, []), theirs.get(span, []))


def _at(span: Span, ours: Sequence[Visited], theirs: Sequence[Visit]) -> Iterator[Pair]:
    """The same number of visits: in order.  Else module by module, for those with the same number."""
    if len(ours) == len(theirs) or not ours or not theirs:
        yield from _in_order(span, None, ours, theirs)
        return
    left: dict[str | None, list[Visited]] = {}
    right: dict[str | None, list[Visit]] = {}
    for one in ours:
        left.setdefault(owner_path(one), []).append(one)
    for visit in theirs:
        right.setdefault(visit.owner, []).append(visit)
    for owner in {**left, **right}:
        a, b = left.get(owner, []), right.get(owner, [])
        if a and b and len(a) != len(b):
            a = []  # `for block in self.blocks` of a length that is not known: one visit stands for many
        yield from _in_order(span, owner, a, b)


def _in_order(span: Span, owner: str | None, ours: Sequence[Visited], theirs: Sequence[Visit]) -> Iterator[Pair]:
    for number in range(max(len(ours), len(theirs))):
        place = Place(span, owner, number)
        one = ours[number] if number < len(ours) else None
        yield Pair(place, one, theirs[number] if number < len(theirs) else None)


def owner_path(visit: Visited) -> str | None:
    """Dotted path of the module that is `self`; "" for the model itself."""
    if visit.owner is None:
        return None
    return path_of(visit.owner) if visit.owner.parent is not None else ""
