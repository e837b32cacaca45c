"""Crashes that one change explains: the first of them is the finding, the others only follow from it.

fc1 = Linear(784, 64)                     should be 128
mean, spread = Linear(128, 16), ...       both fail for it: one finding, at `mean`
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import prod

from archlint.rule import (
    Fault,
    Model,
    Node,
    Shape,
    Span,
    Tensor,
    product,
    proven_different,
    proven_equal,
    symbols,
)  # fmt: skip
from archlint_rules.certainty import certain
from archlint_rules.flow import ancestors
from archlint_rules.origins import axis_source, is_entry

_MOST = 40
"""Crashes of a model that are looked at as the cause of others."""


@dataclass(frozen=True, slots=True)
class Change:
    """Another size for a part of an axis: of the 64 features that `fc1` makes it makes 128."""

    idents: frozenset[int]
    old: int
    new: int


@dataclass(slots=True)
class Root:
    """A crash that does not follow from another one, and what could be meant instead.

    told: the place where another rule says what is wrong; then the crash has no finding of its own.
    follow: the crashes that one of the changes cures besides.
    """

    node: Node
    fault: Fault
    changes: list[Change]
    joined: Node | None
    told: Span | None
    follow: list[tuple[Node, Fault]] = field(default_factory=list)


def roots(model: Model, told: Callable[[Node, Fault], Span | None]) -> list[Root]:
    """The certain crashes that do not follow from another one; `told`: where another rule tells of one."""
    found: list[Root] = []
    for node in model.nodes:
        for fault in node.faults if node.family != "loss" else ():
            if not certain(model, node, fault):
                continue
            cause = next((r for r in found[:_MOST] if explains(model, r, node, fault)), None)
            if cause is not None:
                cause.follow.append((node, fault))
                continue
            joined = joined_elsewhere(model, node, fault)
            found.append(Root(node, fault, list(changes(model, node, fault)), joined, told(node, fault)))
    return found


def made_by(model: Model, tensor: Tensor, nodes: frozenset[int]) -> Node | None:
    """Which of some nodes made an axis of the tensor?"""
    sources = (axis_source(model, tensor, i) for i in range(len(tensor.axes or ()))) if nodes else ()
    return next((source for source in sources if source is not None and source.id in nodes), None)


def joined_elsewhere(model: Model, node: Node, fault: Fault) -> Node | None:
    """The concatenation along another axis than the one that it would have to grow: `cat([a, b], 0)` for 1."""
    if fault.kind not in ("channels", "features") or not node.inputs or fault.axis is None:
        return None
    tensor = node.inputs[0]
    for source in (axis_source(model, tensor, i) for i in range(len(tensor.axes or ()))):
        if source is None or source.family != "concat" or size_at(tensor, fault.axis) != fault.got:
            continue
        sizes = [s for t in source.inputs for s in (t.shape or ())[fault.axis : fault.axis + 1] if isinstance(s, int)]
        if len(sizes) == len(source.inputs) > 1 and sum(sizes) == fault.want:
            return source
    return None


def changes(model: Model, node: Node, fault: Fault) -> Iterator[Change]:
    """The numbers of which one may be meant otherwise, with the size that makes the call work."""
    if fault.kind in ("channels", "features"):
        if fault.axis is None or not node.inputs or not fault.arg or not isinstance(fault.want, int):
            return
        yield from meant(model, node.inputs[0], fault.axis, fault.want)
        if exchanged(node, fault):
            alike = [n for n in model.nodes if n is node or (n.made_at is not None and n.made_at == node.made_at)]
            idents = frozenset(ident for n in alike for ident in made_anew(n, fault.got))
            yield Change(idents, fault.got, fault.want)
    elif fault.kind in ("merge", "broadcast"):
        sides = list(met(node, fault))
        for tensor, axis in sides:
            for other, there in sides:
                size = size_at(other, there)
                if isinstance(size, int) and size != size_at(tensor, axis):
                    yield from meant(model, tensor, axis, size)


def exchanged_for_all(model: Model, root: Root) -> bool:
    """Is there a crash behind the layer that is cured where its two sizes are exchanged?"""
    if not exchanged(root.node, root.fault):
        return False
    change = Change(frozenset(made_anew(root.node, root.fault.got)), root.fault.got, root.fault.want)
    return any(cures(model, change, node, fault) for node, fault in root.follow)


def exchanged(node: Node, fault: Fault) -> bool:
    """Would the layer fit if what it reads and what it makes were exchanged: `Linear(128, 784)` for 784 features?"""
    return fault.got in outputs(node) and fault.want not in (fault.got, None)


def made_anew(node: Node, size: object) -> list[int]:
    """The axes of some size that a layer makes, and does not take over from its input."""
    taken = {a.ident for tensor in node.inputs for axis in tensor.axes or () for a in axis}
    made = (a for axis in node.output.axes or () if len(axis) == 1 for a in axis)
    return [a.ident for a in made if a.ident not in taken and a.size == size]


def outputs(node: Node) -> list[object]:
    """What a layer with weights declares to make."""
    names = ("out_features", "out_channels")
    return [node.args[name] for name in names if name in node.args and name in node.arg_spans]


def meant(model: Model, tensor: Tensor, axis: int, want: int) -> Iterator[Change]:
    """Changes of one part of an axis that make it `want` long."""
    got, atoms = size_at(tensor, axis), tensor.axes[axis] if tensor.axes and axis < len(tensor.axes) else ()
    if not isinstance(got, int) or got <= 0 or want <= 0:
        return
    for atom in atoms:
        if isinstance(atom.size, int) and atom.size > 0 and atom.size * want % got == 0:
            yield Change(frozenset([atom.ident]), atom.size, atom.size * want // got)
    for part, there in joined(model, tensor, axis):
        size = size_at(part, there)
        if isinstance(size, int):
            yield from meant(model, part, there, size + want - got)


def joined(model: Model, tensor: Tensor, axis: int) -> list[tuple[Tensor, int]]:
    """The parts that a concatenation put one behind the other along the axis, and where it is in them."""
    source = axis_source(model, tensor, axis)
    if source is None or source.family != "concat" or len(source.inputs) < 2 or tensor.axes is None:
        return []
    place = next((i for i, made in enumerate(source.output.axes or ()) if made == tensor.axes[axis]), None)
    if place is None or any(t.shape is None or t.axes is None or place >= len(t.shape) for t in source.inputs):
        return []
    return [(t, place) for t in source.inputs]


def size_at(tensor: Tensor, axis: int) -> object:
    """The size of an axis; None if there is none."""
    shape = tensor.shape
    return shape[axis] if shape is not None and -len(shape) <= axis < len(shape) else None


def changed_size(model: Model, tensor: Tensor, axis: int, change: Change) -> object:
    """The size that an axis has after a change."""
    size, atoms = size_at(tensor, axis), tensor.axes[axis] if tensor.axes and axis < len(tensor.axes) else ()
    if isinstance(size, int) and any(a.ident in change.idents for a in atoms) and size % change.old == 0:
        return size // change.old * change.new
    parts = joined(model, tensor, axis) if isinstance(size, int) else []
    sizes = [changed_size(model, part, there, change) for part, there in parts]
    whole = [s for s in sizes if isinstance(s, int)]
    return sum(whole) if parts and len(whole) == len(parts) else size


def changed_shape(model: Model, tensor: Tensor, change: Change) -> list[object]:
    """The sizes of all axes after a change."""
    return [changed_size(model, tensor, i, change) for i in range(len(tensor.shape or ()))]


def met(node: Node, fault: Fault) -> Iterator[tuple[Tensor, int]]:
    """The inputs of a join, each with its axis that has to fit."""
    rank = max((len(t.shape or ()) for t in node.inputs), default=0)
    for tensor in node.inputs if fault.axis is not None else ():
        own = len(tensor.shape or ())
        axis = (fault.axis or 0) - (rank - own if fault.kind == "broadcast" else 0)
        if 0 <= axis < own:
            yield tensor, axis


def explains(model: Model, root: Root, node: Node, fault: Fault) -> bool:
    """Does what may be meant at one crash also cure another, further on?"""
    if any(cures(model, change, node, fault) for change in root.changes):
        return True
    if root.joined is not None:
        return any(made_by(model, tensor, frozenset([root.joined.id])) for tensor in node.inputs)
    if fault.kind in ("channels", "features"):
        return False
    if not_flattened(root.node, root.fault) or turned(model, root.node, root.fault) or unknown_since(root, fault):
        return root.node in ancestors(model, node)
    return False


def turned(model: Model, node: Node, fault: Fault) -> bool:
    """`Conv2d(3, …)` on an entry (N, 32, 32, 3): rows are read as channels from there on."""
    if fault.kind != "channels" or fault.axis is None or not node.inputs:
        return False
    source, shape = axis_source(model, node.inputs[0], fault.axis), node.inputs[0].shape or ()
    return source is not None and is_entry(source) and fault.want in shape[1:]


def unknown_since(root: Root, fault: Fault) -> bool:
    """Is the crash about a size that nobody knows since an earlier one?"""
    if root.fault.kind not in ("merge", "broadcast") or fault.kind not in ("merge", "broadcast"):
        return False
    return any(v.origin == "inner" for size in (fault.want, fault.got) for v in symbols(size))


def not_flattened(node: Node, fault: Fault) -> bool:
    """`Linear(400, 120)` on (N, 16, 5, 5): the 400 are all there, on three axes."""
    shape = node.inputs[0].shape if node.inputs and node.family == "dense" and fault.kind == "features" else None
    return shape is not None and len(shape) > 2 and None not in shape and proven_equal(product(shape[1:]), fault.want)


def cures(model: Model, change: Change, node: Node, fault: Fault) -> bool:
    """Does a call work once a size is another one?"""
    if fault.kind in ("channels", "features"):
        tensor = node.inputs[0] if node.inputs and fault.axis is not None else None
        if tensor is None or fault.axis is None or size_at(tensor, fault.axis) != fault.got:
            return False
        return isinstance(fault.want, int) and changed_size(model, tensor, fault.axis, change) == fault.want
    if fault.kind in ("merge", "broadcast"):
        sizes = [changed_size(model, tensor, axis, change) for tensor, axis in met(node, fault)]
        spread = {1} if fault.kind == "broadcast" else set()
        known = {s for s in sizes if isinstance(s, int)} - spread
        return len(sizes) > 1 and all(isinstance(s, int) for s in sizes) and len(known) == 1
    if fault.kind == "count" and node.inputs and isinstance(fault.want, int):
        sizes = changed_shape(model, node.inputs[0], change)
        whole = [s for s in sizes if isinstance(s, int)]
        total = prod(whole) if len(whole) == len(sizes) else 0
        return total not in (0, fault.got) and fault.want > 0 and total % fault.want == 0
    if fault.kind == "matmul" and len(node.inputs) == 2 and all(len(t.shape or ()) > 1 for t in node.inputs):
        left, right = (changed_shape(model, tensor, change) for tensor in node.inputs)
        return isinstance(left[-1], int) and left[-1] == right[-2]
    return False


def label_follows(model: Model, found: list[Root], scores: Tensor, labels: Shape) -> bool:
    """Does an output that a loss cannot hold against the labels only follow from a crash on the way to it?"""
    if scores.node < 0 or scores.shape is None or labels is None:
        return False
    end = model.graph[scores.node]
    above = {end.id, *(n.id for n in ancestors(model, end))}
    for root in found:
        if root.node.id not in above:
            continue
        if root.joined is not None and made_by(model, scores, frozenset([root.joined.id])):
            return True
        if not_flattened(root.node, root.fault) or any(fits(model, c, scores, labels) for c in root.changes):
            return True
        if broken_by(model, root, scores, labels):
            return True
    return False


def roles(tensor: Tensor) -> list[str]:
    """What the axes of a tensor are, "" where that is not known."""
    return [axis[0].role if len(axis) == 1 else "" for axis in tensor.axes or ()]


def fits(model: Model, change: Change, scores: Tensor, labels: Shape) -> bool:
    """Has the output the labels' shape after a change?"""
    after = changed_shape(model, scores, change)
    if labels is None or len(after) != len(labels) or after == list(scores.shape or ()):
        return False
    return not any(isinstance(a, int) and isinstance(b, int) and a != b for a, b in zip(after, labels))


def broken_by(model: Model, root: Root, scores: Tensor, labels: Shape) -> bool:
    """Are all axes that differ made by what a crash is about: the same reshape, or the maps that do not join?"""
    shape = scores.shape or ()
    differ = [i for i, (a, b) in enumerate(zip(shape, labels or ())) if proven_different(a, b)]
    if not differ:
        return False
    if root.fault.kind in ("merge", "broadcast"):
        joins = [roles(tensor)[axis] for tensor, axis in met(root.node, root.fault) if axis < len(roles(tensor))]
        places = [roles(scores)[i] for i in differ if i < len(roles(scores))]
        return len(shape) == len(labels or ()) and all(role.startswith("space") for role in (*joins, *places))
    if root.fault.axis is None or not root.node.inputs:
        return False
    source = axis_source(model, root.node.inputs[0], root.fault.axis)
    if source is None or is_entry(source) or source.family not in ("reshape", "flatten", "concat"):
        return False
    return all(axis_source(model, scores, i) is source for i in differ)
