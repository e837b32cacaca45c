"""Numbers a model owns: every layer once, however often it is applied."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from archlint.dims import Size, add
from archlint.model import Model


@dataclass(frozen=True, slots=True)
class Owned:
    """The numbers of one layer: `trainable` and `state` (moving statistics and other untrained ones)."""

    path: str
    op: str
    trainable: Size
    state: Size
    applied: bool
    node: int | None


@dataclass(frozen=True, slots=True)
class Parameters:
    """Sums over `layers`; None where a layer's number is not known."""

    layers: tuple[Owned, ...]
    trainable: Size
    non_trainable: Size
    unapplied: Size

    @property
    def total(self) -> Size:
        """Trainable and non-trainable numbers."""
        return add(self.trainable, self.non_trainable)

    @property
    def largest(self) -> Owned | None:
        """The layer with most trainable numbers, among those whose number is a constant."""
        known = [one for one in self.layers if isinstance(one.trainable, int) and one.trainable > 0]
        return max(known, key=_trainable, default=None)

    def share(self, layer: Owned) -> float | None:
        """The layer's part of all trainable numbers, 0..1; None if the total is not a known number."""
        if not isinstance(self.trainable, int) or not isinstance(layer.trainable, int) or not self.trainable:
            return None
        return layer.trainable / self.trainable


def _trainable(layer: Owned) -> int:
    return layer.trainable if isinstance(layer.trainable, int) else 0


def parameters(model: Model) -> Parameters:
    """All numbers of a model: registered layers, applied or not, and layers that only the graph knows."""
    layers = owned(model)
    return Parameters(
        tuple(layers),
        summed(one.trainable for one in layers),
        summed(one.state for one in layers),
        summed(one.trainable for one in layers if not one.applied),
    )


def owned(model: Model) -> list[Owned]:
    """Every layer of the model once.

    An application has the number that its input's size settles (`Dense(10)` has none before it is applied); a record
    of `model.layers` speaks for a layer that is never applied.
    """
    found: dict[object, Owned] = {}
    outside = unregistered(model)
    for node in model.graph.nodes:
        if node.layer in outside:
            continue
        key = node.layer if node.layer is not None else ("call", node.id)
        if node.layer is None and not node.weights:
            continue  # a function of tensors, `F.linear(x, w)`: its weights belong to whoever holds `w`
        if key not in found or found[key].trainable is None:
            found[key] = Owned(node.path, node.op, node.out.params, node.out.state, True, node.id)
    for record in model.layers:
        if record.ident in outside:
            continue
        here = found.get(record.ident)
        if here is None:
            found[record.ident] = Owned(record.path, record.op, record.params, record.state, record.applied, None)
        elif here.trainable is None:
            found[record.ident] = Owned(here.path, here.op, record.params, record.state, True, here.node)
    return list(found.values())


def unregistered(model: Model) -> frozenset[int]:
    """Layers that torch does not know of, no part of `model.parameters()`: `self.heads = [nn.Linear(8, 2)]`."""
    plain: set[int] = set()
    known: set[int] = set()
    for module in model.modules:
        if module.framework == "torch":
            for attribute in module.attributes.values():
                (plain if attribute.kind == "plain" else known).update(attribute.layers)
    return frozenset(plain - known)


def is_zero(size: Size) -> bool:
    """Is it the number 0?"""
    return isinstance(size, int) and size == 0


def summed(sizes: Iterable[Size]) -> Size:
    """Sum; None if one is not known."""
    total: Size = 0
    for size in sizes:
        total = add(total, size)
    return total
