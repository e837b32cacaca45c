"""The form of an entry tensor that shows only behind a padding of it.

    h, w = x.size()[-2:]
    x = F.pad(x, same(h, w))
    return F.conv2d(x, self.weight)

The convolution demands four axes of the padded tensor, so of `x` too: the call is begun anew on such an entry.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from archlint.interp.frame import UserRaise
from archlint.layers.spec import Demand
from archlint.values import Object, Tensor

if TYPE_CHECKING:
    from archlint.interp.evaluator import Evaluator


class FormFound(UserRaise):
    """Ends a call of which it is clear now what it must be called with."""


def search(ev: Evaluator, tensor: Tensor, demand: Demand) -> None:
    """FormFound where the tensor is an open entry with a padding before it; only while `restarted` asks for it."""
    if ev.forms_found is None or ev.branches or demand.last_only or tensor.shape is not None:
        return
    sizes = list(demand.sizes)
    node = ev.node(tensor.node)
    while node is not None and node.op == "torch.nn.functional.pad" and node.inputs:
        amounts = node.args.get("pad")
        if not isinstance(amounts, (tuple, list)) or len(amounts) % 2 or len(amounts) > 2 * len(sizes):
            return
        for place in range(len(sizes) - len(amounts) // 2, len(sizes)):
            sizes[place] = None
        tensor = node.inputs[0]
        node = ev.node(tensor.node)
    entry = ev.entry(tensor.entry)
    if node is None or node.family != "input" or entry is None or entry.shape is not None:
        return
    ev.forms_found[entry.name] = Demand(tuple(sizes), demand.roles)
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
