"""What the frameworks' layers do to shapes: one declaration per layer, proven against the framework."""

from __future__ import annotations

from archlint.layers import registry
from archlint.layers.names import canonical
from archlint.layers.spec import SPECS, Demand, Fault, Out, Spec

__all__ = ["SPECS", "Demand", "Fault", "Out", "Spec", "canonical", "find", "load_all"]


def find(name: str) -> Spec | None:
    """The declaration of a qualified name, or None if archlint does not model it."""
    name = canonical(name)
    framework = registry.PACKAGES.get(name.partition(".")[0])
    if framework is None:
        return None
    registry.load(framework)
    return SPECS.get(name)


def load_all() -> dict[str, Spec]:
    """Every declaration of every framework, by name."""
    for framework in registry.MODULES:
        registry.load(framework)
    return SPECS
