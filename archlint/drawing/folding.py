"""What is seen of a picture when modules below some depth are folded into one box each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from archlint.drawing.picture import Edge, Picture


@dataclass(slots=True)
class Folded:
    """closed: groups that are drawn as a box.  lines: edges between what is seen, with their shapes, each once."""

    picture: Picture
    closed: frozenset[int]
    lines: list[tuple[int, int, str]]

    def is_open(self, item: int) -> bool:
        """Is it a group whose members are seen?"""
        return item >= self.picture.root and item not in self.closed

    def seen(self, item: int) -> Iterator[int]:
        """The boxes and closed groups within an item, in order."""
        if not self.is_open(item):
            yield item
            return
        for member in self.picture.group(item).members:
            yield from self.seen(member)


def fold(picture: Picture, depth: int | None) -> Folded:
    """Fold the modules nested deeper than `depth`: 0 leaves the model's own layers and modules; None folds nothing."""
    deep = deeper(picture, depth)
    closed = frozenset(number for number in deep if deep.isdisjoint(picture.ancestors(number)))
    lines = dict.fromkeys(
        (source, target, edge.shape) for edge in picture.edges for source, target in [_ends(picture, closed, edge)]
    )
    return Folded(picture, closed, [line for line in lines if line[0] != line[1]])


def deeper(picture: Picture, depth: int | None) -> set[int]:
    """Every group nested deeper than `depth`, also those within another; none for None."""
    return {number for number, level in levels(picture).items() if depth is not None and level > depth}


def levels(picture: Picture) -> dict[int, int]:
    """How deep each group is nested; equal modules in a row count as one level with what they stand for."""
    found = {picture.root: 0}
    for group in picture.groups[1:]:
        assert group.parent is not None
        above = picture.group(group.parent)
        found[group.number] = found[group.parent] + (not stands_for_many(picture, above.number))
    return found


def stands_for_many(picture: Picture, number: int) -> bool:
    """Is it a group of equal modules in a row, and no module itself?"""
    return "…" in picture.group(number).label


def deepest(picture: Picture, most: int) -> int | None:
    """The greatest depth at which no more than `most` boxes are seen; None if nothing need be folded."""
    if len(picture.boxes) <= most:
        return None
    best = 0
    for depth in range(1, max(levels(picture).values()) + 1):
        if sum(1 for _ in fold(picture, depth).seen(picture.root)) > most:
            break
        best = depth
    return best


def _ends(picture: Picture, closed: frozenset[int], edge: Edge) -> tuple[int, int]:
    source, target = (
        next((g for g in picture.ancestors(end) if g in closed), end) for end in (edge.source, edge.target)
    )
    return source, target
