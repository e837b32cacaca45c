"""Modules that were put into containers whose length is not known, and were never called there.

    for _ in range(depth): self.layers.append(Block(dim))       # `depth` is not known
    for block in self.layers: x = block(x)                      # whatever they are

What `Block` does is seen only where it is an entry point itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from archlint.interp.evaluator import Evaluator
from archlint.values import Object


def to_be_seen(ev: Evaluator, before: set[int], objects: Sequence[Object]) -> None:
    """Forget that classes were built which were not `before`, if all that was built of them stands so."""
    made = [one for one in objects if one.cls is not None]
    called = {id(one.cls.node) for one in made if one.cls is not None and one.attrs.get("__called__")}
    for one in made:
        if one.cls is not None and id(one.cls.node) not in called | before and _in_open_container(one):
            ev.reached.discard(id(one.cls.node))


def _in_open_container(one: Object) -> bool:
    parent = one.parent
    while isinstance(parent, Object):
        if "__unknown_items__" in parent.attrs:
            return True
        parent = parent.parent
    return False
