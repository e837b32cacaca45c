"""Which module each application of a model belongs to, and the order in which they are drawn."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from archlint.graph import Node
from archlint.model import Model
from archlint.text import Span


def homes(model: Model) -> list[tuple[str, ...]]:
    """For each node the modules around it, outermost first.

    A call without a path, as `out + identity`, belongs to the module whose forward it stands in: that of the nearest
    layer under the same calls, or what the layers under the calls from there have in common; if there are none, to
    the module of the caller.  A parameter, or another tensor made of nothing, belongs to what takes it first.
    """
    found: list[tuple[str, ...] | None] = [
        None if sourceless(node) or not node.path else _parts(model, node.path)[:-1] for node in model.nodes
    ]
    modules = {_parts(model, module.path) for module in model.modules} | {()}
    if model.framework == "tf":  # the scopes are all there is
        modules |= {home[:length] for home in found if home is not None for length in range(len(home) + 1)}
    if len(modules) > 1:
        called = [node for node in model.nodes if not sourceless(node) and node.family != "join"]
        owners = [None if (home := found[node.id]) is None else _owner(home, modules) for node in called]
        near = _nearest(called, owners)
        frames = _Frames(called, owners, near, modules)
        for at, node in enumerate(called):
            if found[node.id] is None:
                before = called[at - 1] if at else node
                same = at > 0 and before.calls == node.calls and near[at] is None
                found[node.id] = found[before.id] if same else frames.module(at)
    for node in model.nodes:
        if node.family == "join":
            found[node.id] = _between(node, model, found)
    for node in reversed(model.nodes):
        if found[node.id] is None:
            users = model.graph.consumers(node.id) if sourceless(node) else []
            found[node.id] = (found[users[0].id] if users else None) or ()
    if model.framework == "tf":
        _close_gaps(model.nodes, found)
    return [home or () for home in found]


def _close_gaps(nodes: Sequence[Node], found: list[tuple[str, ...] | None]) -> None:
    """What runs between two layers of one scope is in it; TensorFlow enters no scope of that name again."""
    named = [node.id for node in nodes if node.path and not sourceless(node)]
    for before, after in pairwise(named):
        shared = _common([found[before] or (), found[after] or ()])
        for between in range(before + 1, after):
            own = found[between] or ()
            if shared[: len(own)] == own:
                found[between] = shared


def _between(node: Node, model: Model, found: Sequence[tuple[str, ...] | None]) -> tuple[str, ...]:
    """Where branches meet: what is around both the last thing that leads there and the first that goes on."""
    ends = [one.id for one in (*model.graph.producers(node.id)[-1:], *model.graph.consumers(node.id)[:1])]
    known = [home for home in (found[one] for one in ends) if home is not None]
    before = next((home for home in reversed(found[: node.id]) if home is not None), ())
    return _common(known) if known else before  # a home of its own would cut the module in two


def sourceless(node: Node) -> bool:
    """Is it a parameter, or a tensor that is made of nothing, and no input of the model?"""
    return node.family == "variable" or (
        node.family not in ("input", "join") and not node.inputs and node.layer is None
    )


def in_order(model: Model, nodes: Sequence[Node]) -> list[Node]:
    """The nodes in order of evaluation, but each parameter right before what takes it first."""
    wanted = {node.id for node in nodes}
    first: dict[int, list[Node]] = {}
    for node in nodes:
        users = [user.id for user in model.graph.consumers(node.id)] if sourceless(node) else []
        first.setdefault(users[0] if users else node.id, []).append(node)
    ordered: list[Node] = []

    def put(number: int) -> None:
        own = first.pop(number, [])
        for node in own:
            if node.id != number:
                put(node.id)
                ordered.append(node)
        ordered.extend(node for node in own if node.id == number)

    for node in model.nodes:
        put(node.id)
    return [node for node in ordered if node.id in wanted]


def _parts(model: Model, path: str) -> tuple[str, ...]:
    """`layer1.0.conv1` in parts; scopes of TensorFlow and names in Keras are divided by slashes."""
    divided = path.split(".") if model.framework == "torch" else re.split(r"[/.]", path)
    return tuple(part for part in divided if part)


def _owner(home: tuple[str, ...], modules: set[tuple[str, ...]]) -> tuple[str, ...]:
    """The innermost module of a user's class around a layer: it is in its forward that the layer is called."""
    return next(home[:length] for length in range(len(home), -1, -1) if home[:length] in modules)


def _nearest(nodes: Sequence[Node], owners: Sequence[tuple[str, ...] | None]) -> list[tuple[str, ...] | None]:
    """For each node the module of the nearest layer under the same calls, itself or before it.

    Blocks of one class in a row stand under the same calls.  Within a forward what is evaluated later ends further
    down: a layer before that ends behind the node is of the block before, and the next layer tells.
    """
    before, after = _last(nodes, owners), _last(nodes[::-1], owners[::-1])
    found = []
    for at, node in enumerate(nodes):
        one, other = before[at], after[len(nodes) - 1 - at]
        started = one is not None and other is not None and one[0] > node.span.end and other[0] >= node.span.end
        chosen = other if one is None or started else one
        found.append(None if chosen is None else chosen[1])
    return found


def _last(nodes: Sequence[Node], owners: Sequence[tuple[str, ...] | None]) -> list[tuple[int, tuple[str, ...]] | None]:
    """For each node the last layer under the same calls up to there: where its application ends, and its module."""
    last: dict[tuple[Span, ...], tuple[int, tuple[str, ...]]] = {}
    found = []
    for node, owner in zip(nodes, owners):
        if owner is not None:
            last[node.calls] = (node.span.end, owner)
        found.append(last.get(node.calls))
    return found


def _common(homes: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The modules that are around all of some."""
    shared = []
    for parts in zip(*homes):
        if len(set(parts)) > 1:
            break
        shared.append(parts[0])
    return tuple(shared)


@dataclass(slots=True)
class _Frames:
    """Whose forward a call without a path stands in, where no layer is called directly in it."""

    nodes: Sequence[Node]
    owners: Sequence[tuple[str, ...] | None]
    near: Sequence[tuple[str, ...] | None]
    modules: set[tuple[str, ...]]
    _known: dict[tuple[Span, ...], list[tuple[int, int, tuple[str, ...] | None]]] = field(default_factory=dict)

    def module(self, at: int) -> tuple[str, ...]:
        """Of a layer under the same calls, else what those called from there have in common, else of the caller."""
        calls = self.nodes[at].calls
        found = self.near[at]
        for depth in range(len(calls), 0, -1):
            found = found if found is not None else self._shared(at, calls[:depth])
            if found is not None:
                return found
            found = self._beside(at, calls[: depth - 1])
        return found or ()

    def _beside(self, at: int, calls: tuple[Span, ...]) -> tuple[str, ...] | None:
        """The module of the nearest node directly under some calls that a node stands in."""
        for step in (-1, 1):
            beside = at + step
            while 0 <= beside < len(self.nodes) and self.nodes[beside].calls[: len(calls)] == calls:
                if self.nodes[beside].calls == calls and self.near[beside] is not None:
                    return self.near[beside]
                beside += step
        return None

    def _shared(self, at: int, calls: tuple[Span, ...]) -> tuple[str, ...] | None:
        """Of the layers around a place that were called through `calls`, the module that is around them all."""
        for first, last, known in self._known.get(calls, ()):
            if first <= at <= last:
                return known
        first = last = at
        depth = len(calls)
        while first > 0 and self.nodes[first - 1].calls[:depth] == calls:
            first -= 1
        while last + 1 < len(self.nodes) and self.nodes[last + 1].calls[:depth] == calls:
            last += 1
        found = [owner for owner in self.owners[first : last + 1] if owner is not None]
        shared = None if not found else _owner(_common(found), self.modules)
        self._known.setdefault(calls, []).append((first, last, shared))
        return shared
