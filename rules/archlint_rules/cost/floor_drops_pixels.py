"""Rows and columns at the border that no window of a convolution or pool reads."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from archlint.rule import Finding, Model, Node, rule
from archlint_rules.amounts import percent
from archlint_rules.cost.windows import Placed, sizes, windows
from archlint_rules.flow import place
from archlint_rules.wording import count, input_shape, name_of, output_shape


@rule("ARC805", "floor-drops-pixels", severity="info", category="cost")
def floor_drops_pixels(model: Model, *, least_share: float = 0.25) -> Iterator[Finding]:
    """Windows that leave out the end of an axis: once for each model, at the layer that loses most."""
    found: list[tuple[float, Node]] = []
    for node in model.family("conv", "pool"):
        placed = windows(node)
        lost = 1 - prod(1 - w.unread / w.size for w in placed if w.size)
        if placed and lost >= least_share and all(w.stride <= w.extent for w in placed):
            found.append((lost, node))
    if found:
        lost, node = max(found, key=lambda pair: pair[0])
        yield finding(node, windows(node), lost, len({(other.made_at, other.span) for _, other in found}) - 1)


def finding(node: Node, placed: list[Placed], lost: float, others: int) -> Finding:
    worst = max(placed, key=lambda w: w.unread)
    axes = [w for w in placed if w.unread]
    names = {1: "positions", 2: "rows and columns"}.get(len(placed), "positions of each axis")
    which = names if len(axes) == len(placed) else "rows" if placed[0].unread else "columns"
    padded = f" + 2*{worst.before}" if worst.before else ""
    assert worst.size is not None
    rest = (worst.size + 2 * worst.before - worst.extent) % worst.stride
    more = (f"{count(others, 'other layer')} of the model lose as much or less",) if others else ()
    return Finding(
        place(node),
        f"{name_of(node)} never reads the last {worst.unread} of {worst.size} {which}: {percent(lost)} of its input",
        label=f"{input_shape(node)} becomes {output_shape(node)}: windows of {sizes([w.extent for w in placed])}, "
        f"{worst.stride} apart",
        help='pad the input, round up (`ceil_mode=True`, `padding="same"`), or choose a size that divides',
        notes=(f"({worst.size}{padded} - {worst.extent}) mod {worst.stride} = {rest}", *more),
        layer=node.path,
    )
