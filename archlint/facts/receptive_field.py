"""Receptive field and jump of every node, per spatial axis.

Formula: Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill 2019:
`r += (k - 1) * j` and `j *= s` with k the dilated kernel.  Where positions are made finer (transposed convolution,
upsampling by s) n neighbours of the fine grid rest on at most `ceil((n + k - 1)/s)` of the coarse one.
Units: positions of the input.  A merge takes the largest of its branches.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from math import prod
from typing import Any

from archlint.dims import Size, divide
from archlint.graph import LayerGraph, Node
from archlint.values import Tensor


@dataclass(frozen=True, slots=True)
class Reach:
    """What one position sees, counted on the grid where positions were last made finer.

    `under` are the coarser grids, coarsest first: (size, jump) there, and (kernel, factor) of the step up from it.
    """

    size: int = 1
    jump: int = 1
    under: tuple[tuple[int, int, int, int], ...] = ()

    def covers(self, n: int) -> int:
        """Input positions that `n` neighbours see together."""
        seen = self.size + (n - 1) * self.jump
        for size, jump, kernel, factor in reversed(self.under):
            seen = size + (-(-(seen + kernel - 1) // factor) - 1) * jump
        return seen

    @property
    def step(self) -> Fraction:
        """Input positions from one position to the next."""
        factors = prod(factor for _, _, _, factor in self.under)
        return Fraction(self.jump * prod(jump for _, jump, _, _ in self.under), factors)


@dataclass(frozen=True, slots=True)
class Field:
    """Receptive field along one axis: `size` in input positions (None: not known), `jump` to the next position.

    `whole`: it is the whole input.  `aligned` is False where branches of different jump have met.
    """

    size: int | None = None
    jump: Fraction | None = None
    whole: bool = False
    aligned: bool = True


UNKNOWN = Field()
WHOLE = Field(whole=True)


@dataclass(frozen=True, slots=True)
class Sight:
    """What the output of a node sees of the input: axis role -> `Reach`, None where it is not known.

    An axis that no spatial layer has touched is not listed; a position of it sees itself.
    """

    axes: dict[str, Reach | None] = field(default_factory=dict)
    whole: bool = False
    known: bool = True
    misaligned: frozenset[str] = frozenset()

    @property
    def fields(self) -> dict[str, Field]:
        """The same as numbers, axis by axis."""
        if self.whole:
            return dict.fromkeys(self.axes or ("space0",), WHOLE)
        return {name: self._field(name, reach) for name, reach in self.axes.items()}

    def _field(self, name: str, reach: Reach | None) -> Field:
        if reach is None or not self.known:
            return UNKNOWN
        aligned = name not in self.misaligned
        return Field(reach.covers(1), reach.step if aligned else None, aligned=aligned)

    @property
    def text(self) -> str:
        """`7x7`, `all`, `?`, or nothing where no layer looks at more than one position."""
        if self.whole:
            return "all"
        if not self.known:
            return "?"
        return "x".join("?" if f.size is None else str(f.size) for f in self.fields.values())


KEEPING = frozenset(
    ("activation", "norm", "dropout", "identity", "cast", "bias", "elementwise", "merge", "concat", "pad", "crop",
     "flatten", "mask", "reverse", "embedding", "one_hot", "loss", "maxout", "join")
)  # fmt: skip
"""Families whose output has one position for each of its input's."""

MOVING = frozenset(("reshape", "permute", "rearrange", "index", "slice", "split", "stack", "channel_shuffle"))
"""Families that do so where the axes of space are the same before and after."""

NOTHING = Sight()
NOT_KNOWN = Sight(known=False)


def receptive_fields(graph: LayerGraph) -> list[Sight]:
    """What every node sees, in the order of the nodes."""
    seen: list[Sight] = []
    for node in graph.nodes:
        before = merged((seen[t.node] for t in node.inputs if 0 <= t.node < len(seen)), node.family == "join")
        seen.append(_through(node, before))
    return seen


def merged(branches: Iterable[Sight], alternatives: bool = False) -> Sight:
    """The largest field of several branches, axis by axis; arms of an undecided test have to agree."""
    sights = list({_key(s): s for s in branches}.values())
    if len(sights) <= 1:
        return sights[0] if sights else NOTHING
    if alternatives:
        return Sight({a: None for s in sights for a in s.axes}, known=False)
    if any(s.whole for s in sights):
        return Sight({a: None for s in sights for a in s.axes}, whole=True)
    if not all(s.known for s in sights):
        return Sight({a: None for s in sights for a in s.axes}, known=False)
    spatial = [s for s in sights if s.axes]
    axes: dict[str, Reach | None] = {}
    misaligned = {a for s in spatial for a in s.misaligned}
    for name in dict.fromkeys(a for s in spatial for a in s.axes):
        reaches = [s.axes.get(name, Reach()) for s in spatial]
        known = [r for r in reaches if r is not None]
        axes[name] = max(known, key=lambda r: r.covers(1)) if len(known) == len(reaches) else None
        if len({r.step for r in known}) > 1:
            misaligned.add(name)
    return Sight(axes, misaligned=frozenset(misaligned))


def _key(sight: Sight) -> tuple[object, ...]:
    return (tuple(sight.axes.items()), sight.whole, sight.known, sight.misaligned)


def _through(node: Node, before: Sight) -> Sight:
    """What the node sees, when its inputs see `before`."""
    if before.whole or node.out.sees_all or node.family in ("recurrent", "attention", "global_pool"):
        return Sight({**before.axes, **dict.fromkeys(_window_axes(node), None)}, whole=True)
    if before.axes and node.family == "dense" and node.inputs and _in_last_axis(node.inputs[0]):
        return Sight(dict.fromkeys(before.axes), whole=True)
    if not before.known or (node.output.shape is None and node.unknown):
        return Sight(dict.fromkeys(before.axes), known=False)
    windows = node.out.window or (_adaptive(node) if node.family == "adaptive_pool" else ())
    if windows:
        return _windowed(node, before, windows)
    if node.family in ("conv", "conv_transpose", "pool", "adaptive_pool", "upsample"):
        return Sight(dict.fromkeys((*before.axes, *_window_axes(node))), known=False)
    if not before.axes:
        return before
    return _without_window(node, before)


def _adaptive(node: Node) -> tuple[tuple[Size, Size], ...]:
    """Windows of a pool to a given size, where that divides its input: 14 to 7 is a window of 2 moved by 2."""
    before, after = node.inputs[0].shape if node.inputs else None, node.output.shape
    roles = node.out.demand.roles if node.out.demand else ()
    if before is None or after is None or len(before) != len(roles) or len(after) != len(roles):
        return ()
    steps = [divide(b, a) for b, a, role in zip(before, after, roles) if _spatial(role)]
    return tuple((step, step) for step in steps) if all(isinstance(s, int) for s in steps) else ()


def _windowed(node: Node, before: Sight, windows: tuple[tuple[Size, Any], ...]) -> Sight:
    axes = dict(before.axes)
    for name, (kernel, stride) in zip(_window_axes(node), windows):
        reach = axes.get(name, Reach())
        axes[name] = None if reach is None else _slid(node, reach, kernel, stride)
    return Sight(axes, misaligned=before.misaligned)


def _slid(node: Node, reach: Reach, kernel: object, stride: object) -> Reach | None:
    if not isinstance(kernel, int):
        return None
    if isinstance(stride, int):
        return Reach(reach.size + (kernel - 1) * reach.jump, reach.jump * stride, reach.under)
    if isinstance(stride, tuple) and len(stride) == 2 and stride[0] == 1 and isinstance(stride[1], int):
        wide = kernel if node.family == "conv_transpose" else _interpolated(node, kernel, stride[1])
        return None if wide is None else Reach(under=(*reach.under, (reach.size, reach.jump, wide, stride[1])))
    return None


def _interpolated(node: Node, kernel: int, factor: int) -> int | None:
    """Width of an upsampling step on the fine grid: nearest repeats, linear looks at two neighbours, cubic at four."""
    mode = node.args.get("mode", node.args.get("interpolation", "nearest"))
    if not isinstance(mode, str):
        return None
    taps = 4 if "cubic" in mode else 2 if "linear" in mode or "Bilinear" in node.op else 1
    return max(kernel, factor if taps == 1 else taps * factor - factor % 2)


def _without_window(node: Node, before: Sight) -> Sight:
    """Layers that have no window but may still mix or drop positions."""
    first = node.inputs[0] if node.inputs else node.output
    unknown = Sight(dict.fromkeys(before.axes), known=False)
    if "softmax" in node.op.lower():
        mixes = _in_last_axis(first) if node.args.get("dim", node.args.get("axis")) == -1 else False
    elif node.family == "dense":
        mixes = _in_last_axis(first)
    elif node.family == "reduce":
        mixes = _space_dropped(first, node.output)
    elif node.family in KEEPING:
        mixes = False
    else:
        mixes = False if node.family in MOVING and _space(first) == _space(node.output) else None
    if mixes is None:
        return unknown
    return Sight(dict.fromkeys(before.axes), whole=True) if mixes else before


def _space(x: Tensor) -> list[tuple[str, object]] | None:
    """Roles and sizes of the axes that are space, in order."""
    if x.axes is None:
        return None
    return [(a.role, a.size) for axis in x.axes for a in axis if _spatial(a.role)]


def _in_last_axis(x: Tensor) -> bool | None:
    """Does a vector along the last axis hold several positions?  None where the axes are not known."""
    if not x.axes:
        return None
    roles = [a.role for a in x.axes[-1]]
    return True if any(map(_spatial, roles)) else False if all(roles) else None


def _space_dropped(before: Tensor, after: Tensor) -> bool | None:
    left, right = _space(before), _space(after)
    if left is None or right is None:
        return None
    return len(right) < len(left) if not right or len(left) == len(right) else None


def _spatial(role: str) -> bool:
    return role == "time" or role.startswith("space")


def _window_axes(node: Node) -> list[str]:
    """Roles of the axes the window moves along."""
    demanded = [r for r in node.out.demand.roles if _spatial(r)] if node.out.demand else []
    n = len(node.out.window) or len(demanded)
    return demanded if len(demanded) == n else [f"space{i}" for i in range(n)]
