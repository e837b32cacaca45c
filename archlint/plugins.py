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
    from importlib.metadata import entry_points

    from archlint.rule import rules

    named = [name.strip() for name in os.environ.get(VARIABLE, "").split(",")]
    for package in dict.fromkeys([*(point.value for point in entry_points(group=GROUP)), *named, *extra]):
        if package:
            load(package)
    if not rules():
        raise NoRulesError(
            f"no rules are installed: run `pip install -e .` in the checkout, or name a package in {VARIABLE}"
        )


def load(package: str) -> None:
    """Import every module of a package, which registers the rules in them."""
    try:
        root = importlib.import_module(package)
        for module in pkgutil.walk_packages(getattr(root, "__path__", ()), package + "."):
            importlib.import_module(module.name)
    except Exception as error:  # a pack is foreign code: whatever it raises is named, with its origin
        raise NoRulesError(f"the rule pack '{package}' cannot be loaded: {type(error).__name__}: {error}") from error
