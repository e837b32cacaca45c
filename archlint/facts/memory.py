"""Activation memory of training and of inference, in bytes.

Outputs: every tensor that is a storage of its own.  Saved: kept for the backward pass, each storage once.
Peak: the most that is alive at one step of inference, tensors freed after their last use.
A lower bound: no workspace, no fragmentation.  Checked against torch's own hooks in `tests/facts`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from archlint.facts.batch import NO_AMOUNT, Amount, Batch, batch_axis
from archlint.facts.parameters import is_zero
from archlint.facts.saved import Kept, kept
from archlint.facts.storage import Place, Storages, storages
from archlint.graph import Node
from archlint.model import Model

ADAM_COPIES = 4
"""Weights, their gradients, and Adam's two moments."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes of a model's activations; `own` per node (0 for views), `saved_by` per node that made the storage.

    `partial`: some layers keep more than is modelled here, or an undecided branch chooses between layers.
    """

    outputs: Amount
    saved: Amount
    own: tuple[Amount, ...]
    saved_by: dict[int, Amount]
    partial: bool
    _lives: tuple[tuple[int, int, Amount], ...]

    def peak(self, batch: int) -> int | None:
        """Most bytes alive at one time in inference at a batch size; None if a size is not a known number."""
        return peak(self._lives, batch)

    def largest_saved(self) -> tuple[int, int] | None:
        """(node, bytes per sample) of the output that takes most of what is saved."""
        known = [(a.sample, n) for n, a in self.saved_by.items() if isinstance(a.sample, int)]
        return None if not known else (max(known)[1], max(known)[0])


def activation_memory(model: Model) -> Memory:
    """Activation memory of a model."""
    graph, batch = model.graph, batch_axis(model)
    training = storages(model, batch, training=True)
    outputs = _alternatives((graph.nodes[p[0]].branch, a) for p, a in training.size.items() if p not in training.inputs)
    own = tuple(
        total(a for slot in range(len(n.outputs)) if (a := training.size.get((n.id, slot))) is not None)
        for n in graph.nodes
    )
    saved, unmodelled = _saved(model, batch, training)
    by: dict[int, Amount] = {}
    for node, amount in saved:
        by[node] = by.get(node, NO_AMOUNT) + amount
    return Memory(
        outputs,
        _alternatives((graph.nodes[node].branch, amount) for node, amount in saved),
        own,
        by,
        unmodelled or any(n.branch for n in graph.nodes),
        tuple(_lives(model, storages(model, batch, training=False))),
    )


def total(amounts: Iterable[Amount]) -> Amount:
    """Sum of amounts."""
    found = NO_AMOUNT
    for amount in amounts:
        found = found + amount
    return found


def _saved(model: Model, batch: Batch, made: Storages) -> tuple[list[tuple[int, Amount]], bool]:
    """(node that made it, bytes) of everything kept, and whether some layer's keepings are not modelled."""
    extra: list[tuple[int, Amount]] = []
    places: dict[Place, set[Place]] = {}
    slopes: list[bool] = []  # does a gradient flow into the node's output?
    unmodelled = False
    for node in model.nodes:
        flows = [t.node < 0 or slopes[t.node] for t in node.inputs]  # a tensor without a node may be a parameter
        learns = (node.id, 0) in made.weights or not is_zero(node.out.params)
        slopes.append(learns or any(flows))
        if not slopes[-1] or node.family == "input":
            continue
        keeps = kept(node, model.framework)
        unmodelled = unmodelled or not keeps.modelled
        for place in _kept_places(node, keeps, flows, learns):
            storage = made.behind.get(place)
            if storage in made.size:
                # a product of more than two axes copies its slices, other layers keep the storage behind them
                places.setdefault(storage, set()).add(place if node.family == "matmul" else storage)
        if keeps.extra:
            extra.append((node.id, batch.made(node).times(keeps.extra)))
    return [*((s[0], _pieces(s, kept_places, made)) for s, kept_places in places.items()), *extra], unmodelled


def _pieces(storage: Place, places: set[Place], made: Storages) -> Amount:
    """A storage of which slices are kept, as of `q, k, v = qkv.unbind(0)`: the slices, at most all of it."""
    whole, parts = made.size[storage], total(made.seen[p] for p in places)
    if isinstance(whole.sample, int) and isinstance(parts.sample, int) and parts.sample < whole.sample:
        return parts
    return whole


def _kept_places(node: Node, keeps: Kept, flows: list[bool], learns: bool) -> Iterable[Place]:
    for i in keeps.inputs:
        if i < len(node.inputs):
            # the factors of a product are kept for each other's gradient
            needed = any(flows[:i] + flows[i + 1 :]) if len(keeps.inputs) == 2 else learns or flows[i]
            if needed:
                yield node.inputs[i].node, node.inputs[i].slot
    if keeps.output:
        yield node.id, 0


def _alternatives(items: Iterable[tuple[tuple[tuple[int, int], ...], Amount]], depth: int = 0) -> Amount:
    """Sum in which of an undecided test's arms only the cheapest counts; a single arm may be skipped altogether."""
    plain, tests = NO_AMOUNT, dict[int, dict[int, list[tuple[tuple[tuple[int, int], ...], Amount]]]]()
    for branch, amount in items:
        if len(branch) <= depth:
            plain = plain + amount
        else:
            test, arm = branch[depth]
            tests.setdefault(test, {}).setdefault(arm, []).append((branch, amount))
    for arms in tests.values():
        sums = [_alternatives(arm, depth + 1) for arm in arms.values()]
        if len(sums) > 1 and all(isinstance(s.sample, int) for s in sums):
            plain = plain + min(sums, key=lambda s: s.sample if isinstance(s.sample, int) else 0)
    return plain


def _lives(model: Model, made: Storages) -> Iterable[tuple[int, int, Amount]]:
    """(first step, last step, bytes) of every storage outside undecided branches."""
    graph = model.graph
    last: dict[Place, int] = {}
    for node in graph.nodes:
        for tensor in node.inputs:
            storage = made.behind.get((tensor.node, tensor.slot))
            if storage is not None:
                last[storage] = node.id
    ends = {made.behind.get((n, slot)) for n in model.outputs for slot in range(len(graph.nodes[n].outputs))}
    for storage, amount in made.size.items():
        if graph.nodes[storage[0]].branch:
            continue
        yield storage[0], len(graph.nodes) if storage in ends else last.get(storage, storage[0]), amount


def peak(lives: Iterable[tuple[int, int, Amount]], batch: int) -> int | None:
    """Most bytes alive at one step."""
    change: dict[int, int] = {}
    for first, last, amount in lives:
        size = amount.at(batch)
        if size is None:
            return None
        change[first] = change.get(first, 0) + size
        change[last + 1] = change.get(last + 1, 0) - size
    alive = most = 0
    for step in sorted(change):
        alive += change[step]
        most = max(most, alive)
    return most
