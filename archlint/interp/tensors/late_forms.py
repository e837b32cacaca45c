"""The form of an entry tensor that shows only later: behind a padding or an embedding, or after its shape was read.

    h, w = x.size()[-2:]
    x = F.pad(x, same(h, w))
    return F.conv2d(x, self.weight)

The convolution demands four axes of the padded tensor, so of `x` too: the call is begun anew on such an entry.

    h0 = torch.zeros(1, ids.size(0), 32)
    out, _ = self.lstm(self.embed(ids), (h0, c0))   # three axes behind the embedding: two of `ids`
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from archlint.dims import proven_equal
from archlint.interp.python.frame import UserRaise
from archlint.interp.tensors import form_before
from archlint.layers.spec import Demand
from archlint.values import Object, Tensor

if TYPE_CHECKING:
    from archlint.interp.evaluator import Entry, Evaluator


class FormFound(UserRaise):
    """Ends a call of which it is clear now what it must be called with."""


def search(ev: Evaluator, tensor: Tensor, demand: Demand) -> None:
    """FormFound where the tensor is made of an open entry by layers that keep its form; only while one looks for it."""
    if ev.forms_found is None or ev.branches or demand.last_only or tensor.shape is not None:
        return
    traced = _origin(ev, tensor, demand)
    if traced is None:
        return
    entry, form = traced
    if form.sizes[-1] is None:
        form = Demand((*form.sizes[:-1], entry.last), form.roles)
    found(ev, entry, form)


def _origin(ev: Evaluator, tensor: Tensor, form: Demand) -> tuple[Entry, Demand] | None:
    """The open entry that a tensor of this form is made of, and the entry's form."""
    while form.sizes:
        entry = ev.entry(tensor.entry)
        if entry is not None:
            return (entry, form) if entry.shape is None else None
        if (alike := ev.session.like_ranks.get((tensor.node, tensor.slot))) is not None:
            tensor, apart = alike
            if apart > len(form.sizes):
                return None
            form = Demand((*form.sizes[: len(form.sizes) - apart], *[None] * apart), form.roles)
            continue
        node = ev.node(tensor.node)
        if node is None or not node.inputs:
            return None
        if node.family == "join":
            return _joined(ev, node.inputs, form)
        sizes = form_before.before(node, list(form.sizes))
        unknown = [t for t in node.inputs if ev.refresh(t).shape is None]
        if sizes is None or len(unknown) != 1:
            return None
        roles = ("",) * len(sizes) if form_before.moves_axes(node) else form.roles[: len(sizes)]
        tensor, form = unknown[0], Demand(tuple(sizes), roles)
    return None


def _joined(ev: Evaluator, tensors: list[Tensor], form: Demand) -> tuple[Entry, Demand] | None:
    """`if pad_h or pad_w: x = F.pad(x, …)`: the same entry on each path, and what all paths say of its sizes."""
    entries: list[Entry] = []
    forms: list[Demand] = []
    for tensor in tensors:
        traced = _origin(ev, tensor, form)
        if traced is None or (entries and (traced[0] is not entries[0] or len(traced[1].sizes) != len(forms[0].sizes))):
            return None
        entries.append(traced[0])
        forms.append(traced[1])
    columns = zip(*(one.sizes for one in forms))
    sizes = tuple(column[0] if all(proven_equal(column[0], s) for s in column) else None for column in columns)
    return entries[0], Demand(sizes, forms[0].roles)


def found(ev: Evaluator, entry: Entry, demand: Demand) -> None:
    """FormFound with the form of an entry, while one is looked for."""
    if ev.forms_found is not None:
        ev.forms_found[entry.name] = demand
        raise FormFound(f"the form of {entry.name}")


def searching(ev: Evaluator, run: Callable[[], Any]) -> Callable[[], Any]:
    """The call, ended where a form is found."""

    def call() -> Any:
        ev.forms_found = {}
        try:
            return run()
        except FormFound:
            ev.late_forms.update(ev.forms_found)
            raise
        finally:
            ev.forms_found = None

    return call


def resumed(ev: Evaluator, run: Callable[[], Any]) -> Callable[[], Any]:
    """The call with what was found."""

    def call() -> Any:
        try:
            return run()
        finally:
            ev.late_forms.clear()

    return call


def tries(ev: Evaluator, made: Object, run: Callable[[], Any]) -> list[Callable[[], Any]]:
    """Calls to be made until one does not end early."""
    if not made.kind.startswith("torch."):
        return [run]
    return [searching(ev, run), resumed(ev, run)]
