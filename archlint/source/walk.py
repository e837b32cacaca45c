"""Every node of a tree of the IR."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def below(node: Any) -> Iterator[Any]:
    """Every IR node at any depth, itself first, in the order of the source."""
    if isinstance(node, (list, tuple)):
        for item in node:
            yield from below(item)
    elif hasattr(node, "__slots__"):
        yield node
        for name in node.__slots__:
            yield from below(getattr(node, name))
