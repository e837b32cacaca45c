"""Which positions the windows of a convolution or pool read, and which of a kernel's taps ever meet one."""

from __future__ import annotations

from dataclasses import dataclass

from archlint.rule import Model, Node, Slide

_MOST = 4096
"""Longer axes are not gone through position by position."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A window on one axis, all of it known: `size` None where the axis is a symbol."""

    size: int | None
    kernel: int
    stride: int
    dilation: int
    before: int
    count: int | None

    @property
    def extent(self) -> int:
        """Positions from the first tap to the last."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def unread(self) -> int:
        """Positions at the end of the axis that lie behind the last window."""
        if self.size is None or self.count is None:
            return 0
        return max(0, self.size - ((self.count - 1) * self.stride - self.before + self.extent))

    def read_share(self) -> float:
        """The part of the axis that some window reads; of a long or open axis, what the stride leaves in the middle."""
        if self.size is None or self.count is None or self.size > _MOST:
            return min(1.0, self.kernel / self.stride)
        return len(self._meetings()) / self.size

    def live_taps(self) -> int:
        """Taps of the kernel that meet a real position in some window; all where the size is not known."""
        if self.size is None or self.count is None or self.size > _MOST:
            return self.kernel
        last = (self.count - 1) * self.stride
        return sum(
            any(0 <= at < (self.size or 0) for at in range(j - self.before, j - self.before + last + 1, self.stride))
            for j in range(0, self.extent, self.dilation)
        )

    def _meetings(self) -> set[int]:
        starts = range(-self.before, (self.count or 0) * self.stride - self.before, self.stride)
        return {at for first in starts for at in range(first, first + self.extent, self.dilation) if self._inside(at)}

    def _inside(self, at: int) -> bool:
        return 0 <= at < (self.size or 0)


def windows(node: Node) -> list[Placed]:
    """The windows of a node, one for each axis of space; none if anything but the axis' own size is not known."""
    found = [_placed(slide) for slide in node.out.slides]
    return [one for one in found if one is not None] if None not in found and not node.faults else []


def _placed(slide: Slide) -> Placed | None:
    size = slide.size if isinstance(slide.size, int) else None
    count = slide.count if isinstance(slide.count, int) else None
    match slide:
        case Slide(kernel=int(k), stride=int(s), dilation=int(d)) if min(k, s, d) > 0:
            if isinstance(slide.before, int):
                return Placed(size, k, s, d, slide.before, count)
            return Placed(None, k, s, d, 0, None) if size is None else None
    return None


def sizes(numbers: list[int]) -> str:
    """`3x3`, and `3` for one axis."""
    return "x".join(map(str, numbers))


def once(model: Model, nodes: list[Node]) -> list[Node]:
    """One node for each place where a layer is made: a helper called five times is shown once."""
    seen: dict[object, Node] = {}
    for node in nodes:
        seen.setdefault((node.made_at or node.span, node.op), node)
    return list(seen.values())
