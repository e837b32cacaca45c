"""What a model may own, depending on a test that is not decided: its numbers are not known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archlint.graph import Node
from archlint.interp.evaluator import Evaluator
from archlint.interp.torch import modules as torch_modules
from archlint.layers.spec import Out
from archlint.model import LayerRecord
from archlint.values import Choice, Layer, Object, Tensor


def records(ev: Evaluator, root: Object, alone: Callable[[Layer], Out]) -> list[LayerRecord]:
    """A record of unknown size for each attribute that is one of several owners, `self.se = Wide(8) if f() else None`.

    alone: what a layer owns that has not been applied.
    """
    found: list[LayerRecord] = []
    for path, value in torch_modules.walk(root):
        if isinstance(value, Object):
            for name, item in {**value.attrs, **(value.items or {})}.items():
                if isinstance(item, Choice) and not name.startswith("__") and _owns(ev, item, alone):
                    where = f"{path}.{name}" if path else name
                    found.append(LayerRecord(-ev.serial(), "one of several", where, None, None, value.span, True))
    return found


def _owns(ev: Evaluator, value: Any, alone: Callable[[Layer], Out]) -> bool:
    """May it own numbers?"""
    if isinstance(value, Choice):
        return any(_owns(ev, option, alone) for option in value.options)
    if isinstance(value, Tensor):
        node = ev.node(value.node)
        return node is not None and is_parameter(ev, node) is not False
    if isinstance(value, Layer):
        return "__modified__" in value.attrs or (out := alone(value)).params != 0 or out.state != 0
    if not isinstance(value, Object) or not value.kind.startswith("torch."):
        return False
    owned = [item for _, item in torch_modules.walk(value)]
    held = [item for one in owned if isinstance(one, Object) for item in {**one.attrs, **(one.items or {})}.values()]
    kept = [item for item in (*owned, *held) if isinstance(item, (Layer, Choice, Tensor))]
    return any(_owns(ev, item, alone) for item in kept)


def is_parameter(ev: Evaluator, node: Node) -> bool | None:
    """Is a tensor of this node an `nn.Parameter`?  None if it is one of several, `nn.Parameter(a) if f() else b`."""
    if node.op != "join":
        return node.op == "torch.nn.Parameter"
    inputs = (ev.node(tensor.node) for tensor in node.inputs)
    return None if any(one is not None and is_parameter(ev, one) is not False for one in inputs) else False
