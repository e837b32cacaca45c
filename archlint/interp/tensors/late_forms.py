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

from archlint.interp.python.frame import UserRaise
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
    sizes, roles = list(demand.sizes), demand.roles
    node = ev.node(tensor.node)
    while node is not None and node.inputs:
        if (ours := ev.entry(tensor.entry)) is not None and ours.shape is None:
            break
        if (alike := ev.session.like_ranks.get((tensor.node, tensor.slot))) is not None:
            tensor, apart = alike
            if apart > len(sizes):
                return
            sizes[len(sizes) - apart :] = [None] * apart
            node = ev.node(tensor.node)
            continue
        if node.op == "torch.nn.Embedding":
            sizes, roles = sizes[:-1], roles[:-1]
        elif node.op == "torch.nn.functional.pad":
            amounts = node.args.get("pad")
            if not isinstance(amounts, (tuple, list)) or len(amounts) % 2 or len(amounts) > 2 * len(sizes):
                return
            for place in range(len(sizes) - len(amounts) // 2, len(sizes)):
                sizes[place] = None
        elif node.family not in ("dropout", "elementwise"):
            break
        open_inputs = [t for t in node.inputs if ev.refresh(t).shape is None]
        if len(open_inputs) != 1:
            return
        tensor = open_inputs[0]
        node = ev.node(tensor.node)
    entry = ev.entry(tensor.entry)
    if entry is None or entry.shape is not None or not sizes:
        return
    if sizes[-1] is None:
        sizes[-1] = entry.last
    found(ev, entry, Demand(tuple(sizes), roles))


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
