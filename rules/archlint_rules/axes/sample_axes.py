"""The batch axis of a tensor inside a model, and what becomes of it on the way to the output."""

from __future__ import annotations

from collections.abc import Iterable

from archlint.rule import Model, Node, Tensor, proven_equal
from archlint_rules.flow import ancestors, descendants
from archlint_rules.origins import is_entry, record_of
from archlint_rules.recurrent.batch_first_mismatch import contradicted

STATED = frozenset(["directive", "command line", "configuration", "declared"])


def batch_place(tensor: Tensor, idents: frozenset[int]) -> int | None:
    """The axis that is the batch of an entry and nothing else; None where none or several have a part of it.

    idents: of the entries' batch axes, `batch_axis(model).idents`.
    """
    if tensor.axes is None or tensor.shape is None:
        return None
    places = [i for i, axis in enumerate(tensor.axes) if any(a.role == "batch" or a.ident in idents for a in axis)]
    if len(places) != 1:
        return None
    axis = tensor.axes[places[0]]
    return places[0] if len(axis) == 1 and axis[0].role == "batch" and axis[0].ident in idents else None


def says_batch(model: Model, node: Node) -> bool:
    """Is it stated that the entries above have a batch?  A convolution alone takes the frames of a film as well."""
    records = [record_of(model, n) for n in ancestors(model, node) if is_entry(n)]
    return bool(records) and all(r is not None and r.source in STATED for r in records)


def has_role(tensor: Tensor, role: str) -> int | None:
    """The one axis of a role, and of more than one place; None if there is none."""
    found = [i for i, axis in enumerate(tensor.axes or ()) if [a.role for a in axis] == [role]]
    if len(found) != 1 or tensor.shape is None or proven_equal(tensor.shape[found[0]], 1):
        return None
    return found[0]


def returned(model: Model) -> frozenset[int]:
    """Nodes whose values the model gives back; none where that is not known."""
    if model.returned is not None:
        return model.returned
    return frozenset(model.outputs) if model.framework == "tf" else frozenset()


def reaches_output(model: Model, node: Node) -> bool:
    """Is the value, or what is made of it, given back?"""
    given = returned(model)
    return node.id in given or any(n.id in given for n in descendants(model, node))


def show_axes(axes: Iterable[int]) -> str:
    """`-1`, `(-2, -1)`."""
    found = tuple(axes)
    return str(found[0]) if len(found) == 1 else str(found)


def recurs_over_batch(model: Model, tensor: Tensor) -> bool:
    """Does the recurrent layer before it read its input in the wrong order?  ARC303 says so at the cause."""
    nodes = [model.graph[tensor.node], *ancestors(model, model.graph[tensor.node])] if tensor.node >= 0 else []
    return any(contradicted(model, n) for n in nodes if n.family in ("recurrent", "attention"))
