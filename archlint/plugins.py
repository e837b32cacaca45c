"""Finds rule packs: packages named by the entry-point group `archlint.rules`.  None is known by name."""

from __future__ import annotations

import importlib
import os
import pkgutil

GROUP = "archlint.rules"
VARIABLE = "ARCHLINT_RULES"
"""Environment variable: further packages, comma separated, for rule packs that are not installed."""


class NoRulesError(Exception):
    """No rule pack was found, or one could not be loaded; the text is a sentence for the user."""


def load_rules(*extra: str) -> None:
    """Register the rules of every installed pack and of the packages in `extra`."""
    from archlint.rule import rules

    for package in dict.fromkeys([*installed_packs(), *named_packs(), *extra]):
        load(package)
    if not rules():
        raise NoRulesError(
            f"no rules are installed: run `pip install -e .` in the checkout, or name a package in {VARIABLE}"
        )


def installed_packs() -> list[str]:
    """The packages that installed distributions name; looking for them is half the cost of starting up."""
    from importlib.metadata import entry_points

    return list(dict.fromkeys(point.value for point in entry_points(group=GROUP)))


def named_packs() -> list[str]:
    """The packages that the environment names."""
    return [name for name in map(str.strip, os.environ.get(VARIABLE, "").split(",")) if name]


def load(package: str) -> None:
    """Import every module of a package, which registers the rules in them."""
    try:
        root = importlib.import_module(package)
        for module in pkgutil.walk_packages(getattr(root, "__path__", ()), package + "."):
            importlib.import_module(module.name)
    except Exception as error:  # a pack is foreign code: whatever it raises is named, with its origin
        raise NoRulesError(f"the rule pack '{package}' cannot be loaded: {type(error).__name__}: {error}") from error
