"""What the frameworks' layers do to shapes: one declaration per layer, proven against the framework."""

from __future__ import annotations

from archlint.layers.names import canonical
from archlint.layers.spec import SPECS, Demand, Fault, Out, Spec

__all__ = ["SPECS", "Demand", "Fault", "Out", "Spec", "canonical", "find"]

_loaded = False


def find(name: str) -> Spec | None:
    """The declaration of a qualified name, or None if archlint does not model it."""
    global _loaded
    if not _loaded:
        _loaded = True
        from archlint.layers import registry  # noqa: F401  declares everything on import
    return SPECS.get(canonical(name))
