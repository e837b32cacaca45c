"""Attributes that a program sets on a library's own names.

    if not hasattr(nn.Module, "apply_down"):
        setattr(nn.Module, "apply_down", apply_down)
    self.apply_down(initialise)

What is written here can be reached from every module of the program, so it is undone behind each entry point.
"""

from __future__ import annotations

from typing import Any

from archlint.interp.evaluator import Evaluator
from archlint.values import External, Layer, Object

_MODULE = "torch.nn.Module"


def put(ev: Evaluator, owner: External, name: str, value: Any) -> None:
    """`torch.nn.Module.apply_down = apply_down`."""
    ev.heap.shared[id(ev.patches)] = ev.patches
    ev.heap.touch(ev.patches)
    ev.patches[f"{owner.name}.{name}"] = value


def inherited(ev: Evaluator, made: Object | Layer, name: str) -> tuple[Any, External] | None:
    """What the program set on a framework class above a module or layer, and that class."""
    if not ev.patches:
        return None
    bases = made.cls.mro if isinstance(made, Object) and made.cls is not None else ()
    own = made.spec.name if isinstance(made, Layer) else made.kind
    for base in (*(b.name for b in bases if isinstance(b, External)), own, _MODULE):
        if f"{base}.{name}" in ev.patches:
            return ev.patches[f"{base}.{name}"], External(base)
    return None
