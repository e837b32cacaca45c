"""How torch tensors lie in memory, as far as the graph tells: which axes a permutation has moved apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from archlint.dims import Size, product, proven_different, proven_equal, substitute, symbols, var
from archlint.graph import LayerGraph, Node
from archlint.values import Shape

_KEEP = frozenset({"activation", "dropout", "identity"})
"""Functions of each element: the result lies in memory as the input does."""

_FORMAT = frozenset({"conv", "conv_transpose", "pool", "global_pool", "norm", "upsample"})
"""Packed if the input and the weights are: `channels_last` models are not."""

_FRESH = frozenset({"constant", "dense", "embedding"})
"""Families whose results are packed, whatever they are given."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Axes of a tensor from the outermost in memory to the innermost.

    sure: nothing was assumed of the model's inputs and of the memory format.  `moved`: the node that last changed it.
    """

    order: tuple[int, ...]
    sure: bool
    moved: int = -1

    @property
    def packed(self) -> bool:
        """Do the axes lie in memory as they are counted?"""
        return self.order == tuple(range(len(self.order)))


def layouts(graph: LayerGraph) -> list[Layout | None]:
    """How the first output of each node lies in memory; None where that cannot be told."""
    found: list[Layout | None] = []
    for node in graph.nodes:
        found.append(_of(node, [None if t.slot or not 0 <= t.node < node.id else found[t.node] for t in node.inputs]))
    return found


def _of(node: Node, before: list[Layout | None]) -> Layout | None:
    rank = node.output.rank
    if rank is None:
        return None
    plain = tuple(range(rank))
    if node.family == "input":
        return Layout(plain, sure=False)
    if node.family in _FRESH or _packs(node):
        return Layout(plain, sure=True)
    first = before[0] if before else None
    if first is None:
        return None
    if node.family in _KEEP and len(before) == 1:
        return first
    if node.family == "permute":
        return _permuted(node, first)
    if any(b is None or not b.packed for b in before):
        return None
    sure = all(b is not None and b.sure for b in before)
    if node.family in _FORMAT:
        return Layout(plain, sure=False)
    return Layout(plain, sure) if node.family in ("elementwise", "reshape", "flatten") else None


def _packs(node: Node) -> bool:
    """`x.contiguous()`, and products of stacks of matrices."""
    if node.op == "torch.Tensor.contiguous":
        return "memory_format" not in node.given
    ranks = {t.rank for t in node.inputs}
    return node.family == "matmul" and node.op != "torch.einsum" and len(ranks) == 1 and (ranks.pop() or 0) >= 3


def _permuted(node: Node, before: Layout) -> Layout | None:
    axes = node.out.axes
    if not isinstance(axes, tuple) or not all(isinstance(a, int) for a in axes) or len(axes) != len(before.order):
        return None
    return Layout(tuple(axes.index(a) for a in before.order), before.sure, node.id)


@dataclass(frozen=True, slots=True)
class Torn:
    """A view that would have to join axes which are apart in memory.

    sure: it fails for all sizes; else a size of 1 may save it, or the memory format of the input.
    """

    moved: int
    axes: tuple[int, int]
    sure: bool


def torn_views(graph: LayerGraph) -> Iterator[tuple[Node, Torn]]:
    """Every `x.view(…)` that fails although the number of elements fits, and why."""
    views = [n for n in graph.nodes if n.op == "torch.Tensor.view" and n.inputs and not n.faults]
    found = layouts(graph) if views else []
    for node in views:
        given = node.inputs[0]
        before = found[given.node] if given.node >= 0 and not given.slot else None
        torn = _torn(given.shape, node.output.shape, before) if before is not None else None
        if torn is not None:
            yield node, torn


def _torn(given: Shape, target: Shape, found: Layout) -> Torn | None:
    if found.packed or given is None or target is None or len(given) != len(found.order):
        return None
    for longer in (False, True):  # a batch of 1 is no batch: then sizes are taken for 2 or more
        shape, goal = (_longer(given), _longer(target)) if longer else (given, target)
        pair = _split(shape, goal, found.order)
        if pair is not None:
            return Torn(found.moved, pair, sure=found.sure and not longer)
    return None


def _split(shape: Sequence[Size], target: Sequence[Size], order: tuple[int, ...]) -> tuple[int, int] | None:
    """Two neighbouring axes that are apart in memory, where no axis of the target begins."""
    kept = [i for i, size in enumerate(shape) if not proven_equal(size, 1)]
    stored = [i for i in order if i in kept]
    starts = [product(target[i:]) for i in range(len(target) + 1)]
    for left, right in pairwise(kept):
        if stored.index(right) == stored.index(left) + 1:
            continue
        behind = product(shape[right:])
        if all(proven_different(behind, start) for start in starts):
            return left, right
    return None


def _longer(shape: Sequence[Size]) -> tuple[Size, ...]:
    """The sizes where every open size of the input is at least 2."""
    found = {v for size in shape for v in symbols(size) if v.origin not in ("argument", "inner")}
    more = {v.name: var(v.name, v.origin) + 1 for v in found}
    return tuple(substitute(size, more) for size in shape)
