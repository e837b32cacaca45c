"""Sizes per sample: what is left of a tensor without its batch axis, wherever reshapes have put it."""

from __future__ import annotations

from dataclasses import dataclass

from archlint.dims import Dim, Size, add, divide, mul, product, same, symbols
from archlint.graph import LayerGraph, Node
from archlint.model import Model
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
    """The batch axis of a model: the atoms that carry it (by `idents`) and its `size`.

    `present` is False for a model that is given one sample without a batch axis.  `fed` are the nodes whose value
    depends on an entry tensor: only they can have a batch axis.
    """

    idents: frozenset[int]
    size: Size
    present: bool
    fed: frozenset[int]

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
        if x.node not in self.fed:
            return Amount(0, total)
        # the axes were lost on the way, as in `scale * x` with `scale` of (96, 1, 1): the batch is a factor still
        shares = isinstance(self.size, int) or symbols(self.size) & symbols(total)
        part = divide(total, self.size) if shares else None
        return Amount(0, total) if part is None else Amount(part)

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


def entries(model: Model) -> list[Node]:
    """Input nodes that hold data: not the parameters and buffers that a method reads from `self`."""
    weights = {record.span for record in model.layers if record.op == "torch.nn.Parameter"} | {model.span}
    return [n for n in model.nodes if n.family == "input" and n.span not in weights]


def batch_axis(model: Model) -> Batch:
    """The batch axis of the entry tensors: the one whose role says so, else the first of two or more."""
    inputs = entries(model)
    atoms = [a for node in inputs for a in _batch_atoms(node, model.graph)]
    size = atoms[0].size if atoms else None
    # a second entry without roles may be anything: it has a batch axis if that is as long
    mine = [a for a in atoms if a.role == "batch" or same(a.size, size) is True or isinstance(a.size, Dim)]
    fed: set[int] = {n.id for n in inputs}
    for node in model.nodes:
        if any(t.node in fed for t in node.inputs):
            fed.add(node.id)
    return Batch(frozenset(a.ident for a in mine), size, bool(atoms), frozenset(fed))


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
