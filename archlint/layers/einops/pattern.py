"""Patterns of einops, `b c (h p) w -> b h w (p c)`: groups of named axes, and their sizes in a given tensor."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeAlias

from archlint.dims import Dim, Size, divide, floordiv, mul, product, proven_different, show, show_shape
from archlint.layers.arguments import NotKnown, known, size
from archlint.layers.families.contract import divisible, prefer
from archlint.layers.spec import AxisSource, Demand, Fault
from archlint.values import Shape, Tensor

Group: TypeAlias = tuple[str, ...]
"""Names of the parts of one axis, first the slowest; none of them for an axis of 1."""

REST: Group = ("…",)
"""The axes that a pattern leaves unnamed; merged into one they are a part called `...`."""

_TOKEN = re.compile(r"\s*(\(|\)|\.\.\.|…|[A-Za-z_]\w*|\d+)\s*")


@lru_cache(maxsize=1024)
def groups(side: str) -> tuple[Group, ...]:
    """The axes of one side.  A bare number is an axis of that size, under a name that no other axis has."""
    found: list[Group] = []
    within: list[str] | None = None
    place = 0
    while place < len(side):
        token = _TOKEN.match(side, place)
        if token is None:
            raise NotKnown
        place, text = token.end(), token[1]
        if text == "(" and within is None:
            within = []
        elif text == ")" and within is not None:
            found.append(tuple(within))
            within = None
        elif text in "()":
            raise NotKnown
        else:
            text = "..." if text == "…" else text
            parts = [] if text == "1" else [f"{text}@{place}" if text.isdigit() else text]
            if within is not None:
                within += parts
            else:
                found.append(REST if text == "..." else tuple(parts))
    named = ["..." if group == REST else name for group in found for name in group]
    if within is not None or len(set(named)) < len(named):
        raise NotKnown
    return tuple(found)


def sides(pattern: Any) -> tuple[tuple[Group, ...], tuple[Group, ...]]:
    """Both sides of a pattern with an arrow."""
    if not isinstance(known(pattern), str):
        raise NotKnown
    before, arrow, after = pattern.partition("->")
    if not arrow:
        raise NotKnown
    left, right = groups(before), groups(after)
    if any("..." in group for group in left):
        raise NotKnown
    return left, right


@dataclass(slots=True)
class Sizes:
    """What a tensor says of the names in a pattern: their sizes, and the axes under the dots (None: not known).

    `places` are the input's axes under each name that has an axis of its own, `rest` of those under the dots.
    """

    named: dict[str, Size] = field(default_factory=dict)
    dots: Shape = ()
    places: dict[str, int] = field(default_factory=dict)
    rest: tuple[int, ...] = ()

    def of(self, name: str) -> Size:
        """Size of a name, of all axes under the dots together; None if it is not known."""
        if name == "...":
            return None if self.dots is None else product(self.dots)
        if name in self.named:
            return self.named[name]
        return int(name.partition("@")[0]) if "@" in name else None

    def shape(self, right: Sequence[Group]) -> Shape:
        """Sizes of the axes on the right; None if the dots stand for axes that are not known."""
        if REST in right and self.dots is None:
            return None
        found: list[Size] = []
        for group in right:
            found += (self.dots or ()) if group == REST else (product(map(self.of, group)),)
        return tuple(found)

    def sources(self, right: Sequence[Group]) -> tuple[AxisSource, ...]:
        """Where each axis on the right comes from: one axis of the input, several merged, or parts (None)."""
        found: list[AxisSource] = []
        for group in right:
            whole = [self._of_input(name) for name in group]
            if group == REST:
                found += self.rest
            elif not group or all(w == () and name not in self.named for w, name in zip(whole, group, strict=True)):
                found.append("")
            else:
                merged = tuple(axis for axes in whole for axis in axes)
                found.append((merged if len(merged) > 1 else merged[0]) if all(whole) else None)
        return tuple(found)

    def _of_input(self, name: str) -> tuple[int, ...]:
        return self.rest if name == "..." else (self.places[name],) if name in self.places else ()


def measure(left: Sequence[Group], x: Tensor, stated: Mapping[str, Any]) -> Sizes | Fault:
    """Sizes of the names on the left for a tensor, or what of it does not fit the pattern."""
    found = Sizes({name: size(value) for name, value in stated.items()})
    width = len(left) - (REST in left)
    if x.shape is None and REST in left:
        found.dots = None
        for name in (name for group in left for name in group):
            found.named.setdefault(name, found.of(name))
        return found
    shape = (*(None,) * (width - 1), x.last)[:width] if x.shape is None else x.shape
    if width > len(shape) or (width < len(shape) and REST not in left):
        text = f"the pattern names {width} axes, the input has {len(shape)}: {show_shape(shape)}"
        return Fault("rank", "", text, width, len(shape))
    cut = left.index(REST) if REST in left else len(left)
    behind = len(shape) - (width - cut)
    found.dots, found.rest = shape[cut:behind], tuple(range(cut, behind))
    places = [*range(cut), *range(behind, len(shape))]
    for group, place in zip((g for g in left if g != REST), places, strict=True):
        fault = _divide(group, shape[place], place, found)
        if fault is not None:
            return fault
        if len(group) == 1:
            found.places[group[0]] = place
    return found


def _divide(group: Group, total: Size, place: int, found: Sizes) -> Fault | None:
    """Deal one axis out to its names: all but one of them are stated."""
    open_names = [name for name in group if found.of(name) is None]
    rest = product(s for s in map(found.of, group) if s is not None)
    written = f"({' '.join(name.partition('@')[0] for name in group)})" if len(group) != 1 else group[0]
    if not open_names:
        if proven_different(rest, total):
            text = f"axis {place} is {show(total)}, but {written if group else '1'} makes {show(rest)}"
            return Fault("count", "pattern", text, rest, total, place)
        if len(group) == 1:
            found.named[group[0]] = prefer(rest, total)
        else:
            found.named.update((name, found.of(name)) for name in group)
        return None
    by_nothing = rest == 0 and not any(name in found.named for name in open_names)  # einops divides by it
    if by_nothing or divisible(total, rest) is False:
        text = f"axis {place} of {show(total)} does not divide by the {show(rest)} of {written}"
        return Fault("count", "pattern", text, rest, total, place)
    found.named.update((name, found.of(name)) for name in group)
    if len(open_names) == 1:
        found.named[open_names[0]] = _quotient(total, rest)
    return None


def _quotient(total: Size, part: Size) -> Size:
    """`total / part` where einops has made sure that it divides."""
    exact = divide(total, part)
    if exact is None and isinstance(total, Dim) and isinstance(part, int) and part > 0:
        return floordiv(total, part)
    return exact


def demand(left: Sequence[Group], stated: Mapping[str, Any]) -> Demand | None:
    """The form of the input that a pattern without dots asks for."""
    if REST in left:
        return None
    sizes = Sizes({name: size(value) for name, value in stated.items()})
    space = {"h": "space0", "w": "space1"} if {"h", "w"} <= {name for group in left for name in group} else {}
    roles = {"b": "batch", "c": "channel"}
    wanted: list[Size] = []
    for group in left:
        total: Size = 1
        for name in group:
            total = mul(total, sizes.of(name))
        wanted.append(total)
    return Demand(tuple(wanted), tuple(_role(group, roles, space) for group in left))


def _role(group: Group, roles: Mapping[str, str], space: Mapping[str, str]) -> str:
    """Role of an axis by the letters that everybody uses: `b`, `c`, and `h` beside `w` (also `(h p)`)."""
    if len(group) == 1 and group[0] in roles:
        return roles[group[0]]
    return next((space[name] for name in group[:1] if name in space), "")
