"""What form of a tensor a later demand proves, through layers and functions that keep it or change it in a known way.

squeezed = x.mean((2, 3), keepdim=True)      # as many axes as x
return x * self.gate(self.reduce(squeezed))  # the convolution demands four of them
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archlint.dims import Size
from archlint.graph import Node
from archlint.values import SliceValue

Sizes = list[Size]
_RESIZED = ("torch.fft.", "torch.diff", "torch.view_as", "torch.complex", "torch.cross", "torch.outer")
"""Functions of each element that have their own say in the number of axes, or in a size."""


def before(node: Node, sizes: Sizes) -> Sizes | None:
    """The sizes in front of an application whose output has these; None where it may have come of another form."""
    step = _STEPS.get(node.op) or _FAMILIES.get(node.family)
    return None if step is None else step(node, list(sizes))


def moves_axes(node: Node) -> bool:
    """Does what an axis means stand in another place of the output?"""
    return _STEPS.get(node.op) in (_transposed, _unsqueezed)


def _kept(node: Node, sizes: Sizes) -> Sizes:
    return sizes


def _broadcast(node: Node, sizes: Sizes) -> Sizes | None:
    """`x * self.scale`: the axes are those of x if the other has fewer; x may be 1 where the other is not."""
    if node.op.startswith(_RESIZED):
        return None
    for other in node.inputs:
        if other.shape is not None:
            if len(other.shape) >= len(sizes):
                return None
            sizes[len(sizes) - len(other.shape) :] = [None] * len(other.shape)
    return sizes


def _halved(node: Node, sizes: Sizes) -> Sizes:
    """`nn.GLU(dim=1)`: one of the sizes is another."""
    return [None] * len(sizes)


def _of_rows(node: Node, sizes: Sizes) -> Sizes:
    return sizes[:-1]


def _padded(node: Node, sizes: Sizes) -> Sizes | None:
    amounts = node.args.get("pad")
    if not isinstance(amounts, (tuple, list)) or len(amounts) % 2:
        return None
    return _last_open(sizes, len(amounts) // 2)


def _padded_by_layer(node: Node, sizes: Sizes) -> Sizes | None:
    """`nn.ZeroPad2d(1)`: two axes of space."""
    digit = node.op[-2:-1]
    return _last_open(sizes, int(digit)) if node.op.endswith("d") and digit.isdigit() else None


def _last_open(sizes: Sizes, count: int) -> Sizes | None:
    if count > len(sizes):
        return None
    return [*sizes[: len(sizes) - count], *[None] * count]


def _shuffled(node: Node, sizes: Sizes) -> Sizes:
    return [*sizes[:-3], *[None] * len(sizes[-3:])]


def _scaled(node: Node, sizes: Sizes) -> Sizes:
    """`F.interpolate(x, scale_factor=2)`: behind batch and channels."""
    return [*sizes[:2], *[None] * len(sizes[2:])]


def _reduced(node: Node, sizes: Sizes) -> Sizes | None:
    """`x.mean((2, 3), keepdim=True)`."""
    axes = node.args.get("dim")
    if node.args.get("keepdim") is not True or node.args.get("axis") is not None:
        return None
    places = [_place(axis, len(sizes)) for axis in (axes if isinstance(axes, (tuple, list)) else (axes,))]
    if not places or None in places:
        return None
    return [None if place in places else size for place, size in enumerate(sizes)]


def _transposed(node: Node, sizes: Sizes) -> Sizes | None:
    first, second = (_place(axis, len(sizes)) for axis in list(node.args.values())[1:3])
    if first is None or second is None:
        return None
    sizes[first], sizes[second] = sizes[second], sizes[first]
    return sizes


def _unsqueezed(node: Node, sizes: Sizes) -> Sizes | None:
    """`x.unsqueeze(1)`: one axis less."""
    place = _place(node.args.get("dim"), len(sizes))
    return None if place is None else [*sizes[:place], *sizes[place + 1 :]]


def _cut(node: Node, sizes: Sizes) -> Sizes | None:
    """`x[:, :, :1]`: slices keep the number of axes."""
    index = node.args.get("index")
    if not isinstance(index, tuple) or not all(isinstance(part, SliceValue) or part is ... for part in index):
        return None
    if sum(part is ... for part in index) > 1 or len(index) - (... in index) > len(sizes):
        return None
    leading = index.index(...) if ... in index else len(index)
    trailing = len(index) - leading - 1 if ... in index else 0
    for place, part in [
        *enumerate(index[:leading]),
        *((len(sizes) - trailing + i, part) for i, part in enumerate(index[leading + 1 :])),
    ]:
        if part.lower is not None or part.upper is not None or part.step is not None:
            sizes[place] = None
    return sizes


def _place(axis: Any, count: int) -> int | None:
    if not isinstance(axis, int) or isinstance(axis, bool) or not -count <= axis < count:
        return None
    return axis % count


Step = Callable[[Node, Sizes], "Sizes | None"]
_FAMILIES: dict[str, Step] = {
    "dropout": _kept, "activation": _kept, "identity": _kept, "cast": _kept, "norm": _kept, "elementwise": _broadcast,
    "pad": _padded_by_layer, "pixel_shuffle": _shuffled, "upsample": _scaled,
}  # fmt: skip
_STEPS: dict[str, Step] = {
    "torch.nn.GLU": _halved, "torch.nn.functional.glu": _halved, "torch.nn.Embedding": _of_rows,
    "torch.nn.functional.pad": _padded, "torch.subscript": _cut, "torch.unsqueeze": _unsqueezed,
    "torch.transpose": _transposed, "torch.swapaxes": _transposed,
    **{f"torch.{name}": _reduced for name in ("mean", "sum", "amax", "amin", "max", "min", "prod", "std", "var")},
}  # fmt: skip
