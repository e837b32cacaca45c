"""ARC851: maps that shrink while their number stays."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from math import prod

from archlint.rule import Finding, Label, Model, Node, rule
from archlint_rules.design.trunk import channels, convolutions
from archlint_rules.flow import place
from archlint_rules.wording import name_of


@rule("ARC851", "feature-maps-not-growing", severity="info", confidence="hint", category="design", default=False)
def feature_maps_not_growing(model: Model) -> Iterator[Finding]:
    """Two convolutions in a row of a plain chain, with a smaller picture between them and no more filters."""
    trunk = convolutions(model)
    for first, second in itertools.pairwise(trunk):
        a, b, shrunk = channels(first), channels(second), shrinking(first, second)
        if a is not None and b is not None and b <= a and shrunk >= 2:
            yield Finding(
                place(second),
                f"{name_of(second)} has {b} filters after {a}, while the maps get {shrunk:g} times smaller",
                related=(Label(place(first), f"{name_of(first)} has {a} filters"),),
                help=f"use more than {a} filters where the maps have become smaller",
                layer=second.path,
            )
            return


def shrinking(first: Node, second: Node) -> float:
    """How many times fewer positions the second convolution reads than the first; 0 where that is not known."""
    areas = [[slide.size for slide in node.out.slides] for node in (first, second)]
    numbers = [[size for size in area if isinstance(size, int)] for area in areas]
    if not areas[0] or len(numbers[0]) != len(areas[0]) or len(numbers[1]) != len(areas[0]):
        return 0
    if prod(numbers[1]) <= 1:
        return 0  # a dense layer written as a convolution
    return round(prod(numbers[0]) / prod(numbers[1]), 1)
