"""`[tool.archlint]` of the nearest pyproject.toml, and what it says of rules.

[tool.archlint.rules.activation-memory-budget]        # or by code: [tool.archlint.rules.ARC803]
budget-gib = 24
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from archlint.rule import Rule, Setting
from archlint.selection import UnknownRuleError, did_you_mean, find

FILE = "pyproject.toml"
TABLES = ("python", "verify", "model", "rules")
KINDS: dict[Any, str] = {
    bool: "true or false", int: "a whole number", float: "a number", str: "a text", tuple[str, ...]: "a list of texts",
}  # fmt: skip


class ConfigurationError(ValueError):
    """The file cannot be used; the text says where and why, for the user."""


@dataclass(frozen=True, slots=True)
class Table:
    """What `[tool.archlint]` holds, and the folder of its file; both empty where there is none."""

    values: Mapping[str, Any] = field(default_factory=dict)
    folder: str = ""

    @property
    def file(self) -> str:
        return f"{self.folder}/{FILE}"


def nearest(start: str) -> Table:
    """The table of the nearest pyproject.toml at or above a folder that has one.  Raises ConfigurationError."""
    folder = os.path.abspath(start)
    while True:
        path = os.path.join(folder, FILE)
        if os.path.isfile(path) and (values := _read(path)) is not None:
            table = Table(values, folder)
            for key in values:
                if key not in TABLES:
                    raise ConfigurationError(
                        f"{table.file}: no such key '{key}' in [tool.archlint]{did_you_mean(key, TABLES)}"
                    )
            return table
        if os.path.dirname(folder) == folder:
            return Table()
        folder = os.path.dirname(folder)


def _read(path: str) -> Mapping[str, Any] | None:
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise ConfigurationError(f"{path}: {error}") from None
    if b"archlint" not in data:
        return None
    try:
        found = _toml().loads(data.decode("utf-8")).get("tool", {}).get("archlint")
    except ImportError:
        raise ConfigurationError(f"{path}: reading it takes Python 3.11, or `pip install tomli`") from None
    except (ValueError, AttributeError) as error:
        raise ConfigurationError(f"{path}: {error}") from None
    return found if isinstance(found, Mapping) else None


def _toml() -> Any:
    try:
        return import_module("tomllib")
    except ImportError:
        return import_module("tomli")  # Python 3.10


def rule_settings(table: Table, rules: Mapping[str, Rule]) -> dict[str, dict[str, Any]]:
    """By the name of a rule, the keyword arguments of its check.  Raises ConfigurationError."""
    stated = table.values.get("rules", {})
    if not isinstance(stated, Mapping):
        raise ConfigurationError(f"{table.file}: the settings of a rule are written [tool.archlint.rules.NAME]")
    settings: dict[str, dict[str, Any]] = {}
    for name, values in stated.items():
        where = f"{table.file}: [tool.archlint.rules.{name}]"
        try:
            rule = find(rules, name)
        except UnknownRuleError as error:
            raise ConfigurationError(f"{where}: {error}") from None
        if not isinstance(values, Mapping):
            raise ConfigurationError(f"{where} is a table of settings")
        own = settings.setdefault(rule.name, {})
        for key, value in values.items():
            argument = key.replace("-", "_")
            if argument in own:
                raise ConfigurationError(f"{where}: '{key}' is set twice")
            own[argument] = _checked(rule, key, value, where)
    return settings


def _checked(rule: Rule, key: str, value: Any, where: str) -> Any:
    known = {setting.name: setting for setting in rule.settings}
    setting = known.get(key.replace("_", "-"))
    if setting is None:
        raise ConfigurationError(f"{where}: {_no_such(rule, key, known)}")
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        value = tuple(value)
    if not fits(setting, value):
        raise ConfigurationError(f"{where}: '{key}' is {KINDS.get(setting.type, setting.type)}, not {value!r}")
    return float(value) if setting.type is float else value


def _no_such(rule: Rule, key: str, known: Mapping[str, Setting]) -> str:
    if not known:
        return f"{rule.code} has no settings"
    return f"no such setting '{key}'" + (did_you_mean(key, known) or f"; {rule.code} has {', '.join(known)}")


def fits(setting: Setting, value: Any) -> bool:
    """Has the value the type of the setting?  A whole number is a number; true is none."""
    if setting.type == tuple[str, ...]:
        return isinstance(value, tuple)
    if isinstance(value, bool):
        return setting.type is bool
    return isinstance(value, (int, float)) if setting.type is float else isinstance(value, setting.type)
