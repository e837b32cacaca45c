"""Sizes per sample: what is left of a tensor without its batch axis, wherever reshapes have put it."""

from __future__ import annotations

from dataclasses import dataclass

from archlint.dims import Size, Var, add, divide, mul, product, symbols, var
from archlint.graph import LayerGraph, Node
from archlint.values import Atom, Tensor


@dataclass(frozen=True, slots=True)
class Amount:
    """A quantity of a model as `sample` for every sample of the batch, plus `fixed` once per batch."""

    sample: Size = 0
    fixed: Size = 0

    def __add__(self, other: Amount) -> Amount:
        return Amount(add(self.sample, other.sample), add(self.fixed, other.fixed))

    def times(self, factor: int) -> Amount:
        """The amount multiplied, as elements by the bytes of one."""
        sample, fixed = self.sample, self.fixed
        return Amount(None if sample is None else sample * factor, None if fixed is None else fixed * factor)

    def at(self, batch: int) -> int | None:
        """The amount at a batch size; None if it is not a known number."""
        if isinstance(self.sample, int) and isinstance(self.fixed, int):
            return self.sample * batch + self.fixed
        return None


NO_AMOUNT = Amount()


@dataclass(frozen=True, slots=True)
class Batch:
    """The batch axis of a model: `idents` of the atoms that carry it, and its symbols if it has any.

    `present` is False for a model that is given one sample without a batch axis.
    """

    idents: frozenset[int]
    symbols: frozenset[Var]
    present: bool
    one: bool

    def part(self, total: Size, x: Tensor) -> Amount:
        """`total`, a quantity counted over all of `x`, per sample."""
        if total is None:
            return Amount(None, None)
        if isinstance(total, int) and total == 0:
            return NO_AMOUNT
        if not self.present:
            return Amount(total)
        if x.axes is not None:
            mine = [a.size for axis in x.axes for a in axis if self._is_batch(a)]
            if mine:
                return Amount(divide(total, product(mine)))
        shared = self.symbols & symbols(total)
        if shared:
            return Amount(divide(total, product(var(s.name, s.origin) for s in shared)))
        if x.axes is not None or self.symbols:
            return Amount(0, total)
        return Amount(total) if self.one else Amount(None, None)

    def _is_batch(self, atom: Atom) -> bool:
        return atom.role == "batch" or atom.ident in self.idents

    def elements(self, x: Tensor) -> Amount:
        """Elements of a tensor, per sample and fixed."""
        atoms = [a for axis in x.axes or () for a in axis]
        if self.present and any(map(self._is_batch, atoms)):
            return Amount(product(a.size for a in atoms if not self._is_batch(a)))
        return self.part(None if x.shape is None else product(x.shape), x)

    def made(self, node: Node, slot: int = 0) -> Amount:
        """Elements of an output, over all steps where the node stands for one of several."""
        amount = self.elements(node.outputs[slot])
        times = steps(node)
        if isinstance(times, int) and times == 1:
            return amount
        extended = node.out.shape is None or node.outputs[slot].rank != len(node.out.shape)
        return amount if extended else Amount(mul(amount.sample, times), mul(amount.fixed, times))

    def per_sample(self, node: Node) -> Size:
        """Elements of a node's output that belong to one sample; all of them if it has no batch axis."""
        amount = self.made(node)
        return add(amount.sample, amount.fixed)


def steps(node: Node) -> Size:
    """How often the node's computation runs per call: once, or for every step inside a TimeDistributed.

    A node inside keeps the shape of one step, except the last, whose output has its time axis back.
    """
    if node.args.get("wrapper") != "keras.layers.TimeDistributed":
        return node.repeats
    if node.repeats > 1:
        return node.repeats
    if node.out.shape is None or node.output.shape is None or len(node.out.shape) == len(node.output.shape):
        return None
    return divide(product(node.output.shape), product(node.out.shape))


def batch_axis(graph: LayerGraph) -> Batch:
    """The batch axis of the entry tensors: the one whose role says so, else the first of two or more."""
    atoms: list[Atom] = []
    for node in graph.nodes:
        if node.family == "input":
            atoms += _batch_atoms(node, graph)
    sizes = [a.size for a in atoms]
    found = frozenset(s for size in sizes for s in symbols(size))
    return Batch(
        frozenset(a.ident for a in atoms), found, bool(atoms), all(isinstance(s, int) and s == 1 for s in sizes)
    )


def _batch_atoms(node: Node, graph: LayerGraph) -> list[Atom]:
    axes = node.output.axes
    if not axes:
        return []
    named = [a for axis in axes for a in axis if a.role == "batch"]
    if named or len(axes) < 2 or any(a.role for axis in axes for a in axis):
        return named
    # roles of the first layer that states them: `(3, 32, 32)` into a convolution is one sample without a batch axis
    demands = [c.out.demand for c in graph.consumers(node.id) if c.out.demand and not c.out.demand.last_only]
    for roles in (d.roles for d in demands):
        if len(roles) > len(axes):
            return []
        if len(roles) == len(axes) and "batch" in roles:
            return list(axes[roles.index("batch")])
    return list(axes[0])
