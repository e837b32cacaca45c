"""Evidence that an image comes in the other layout: channels first where they are read last, or the reverse."""

from __future__ import annotations

from dataclasses import dataclass

from archlint.rule import Model, Node
from archlint_rules.flow import PASSIVE, producer

IMAGE_CHANNELS = (1, 3, 4)
"""Grey, RGB, RGBA."""

SIDE = 8
"""The least height and width of what is taken for a picture."""


@dataclass(frozen=True, slots=True)
class Swapped:
    """An image layer that reads an entry tensor against its layout.

    `axis`: where the channels stand in the input; `reads`: where the layer looks for them.
    """

    layer: Node
    entry: Node
    axis: int
    reads: int

    @property
    def sizes(self) -> tuple[int, int, int]:
        """Channels, height and width of the picture."""
        shape = [s for s in self.entry.output.shape or () if isinstance(s, int)]
        channels = shape.pop(0 if self.axis == 1 else 2)
        return channels, shape[0], shape[1]


def misread(model: Model, layer: Node) -> Swapped | None:
    """The layer as a reader of swapped axes, if the sizes of the entry tensor say so.

    (3, 224, 224) read as rows, columns, channels is 3 rows of 224 pixels with 224 channels each.
    """
    entry, demand = producer(model, layer, PASSIVE), layer.out.demand
    if layer.family not in ("conv", "pool") or entry is None or entry.family != "input" or demand is None:
        return None
    shape = entry.output.shape
    if shape is None or len(shape) != 4 or len(demand.roles) != 4 or "channel" not in demand.roles:
        return None
    reads = demand.roles.index("channel")
    axis = 3 if reads == 1 else 1
    channels, others = shape[axis], [s for i, s in enumerate(shape) if i not in (0, axis)]
    pictured = all(isinstance(s, int) and s >= SIDE for s in others)
    return Swapped(layer, entry, axis, reads) if channels in IMAGE_CHANNELS and pictured else None


def slides_over(found: Swapped) -> bool:
    """Does the window span several of what are really the channels?

    A kernel of (1, 9) on (3, 128, 64) walks along each of three sensors: nothing is wrong.
    """
    place = 0 if found.axis == 1 else len(found.layer.out.window) - 1
    if not 0 <= place < len(found.layer.out.window):
        return False
    kernel = found.layer.out.window[place][0]
    return isinstance(kernel, int) and kernel > 1


def fails(model: Model, found: Swapped) -> bool:
    """Does the model break for certain because of the swap: the channels run out as rows, or do not match?"""
    if any(f.kind == "channels" and f.want == found.sizes[0] for f in found.layer.faults):
        return True
    return any(f.kind == "empty" and f.axis == found.axis for n in _below(model, found.layer) for f in n.faults)


def swapped(model: Model, node: Node) -> Swapped | None:
    """The misreading that explains why `node` fails; its finding is ARC122's."""
    for layer in (node, *_above(model, node)):
        found = misread(model, layer)
        if found is not None and fails(model, found):
            return found
    return None


def _above(model: Model, node: Node) -> list[Node]:
    found: list[Node] = []
    while len(before := model.graph.producers(node.id)) == 1:
        node = before[0]
        found.append(node)
    return found


def _below(model: Model, node: Node) -> list[Node]:
    """The layers after `node`, itself first, as far as they are one line."""
    found = [node]
    while len(after := model.graph.consumers(found[-1].id)) == 1:
        found.append(after[0])
    return found
