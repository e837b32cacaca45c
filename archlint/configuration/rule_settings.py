"""What the configuration says of rules, held against the rules that there are.

[tool.archlint.rules.activation-memory-budget]        # or by code: [tool.archlint.rules.ARC803]
budget-gib = 24
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from archlint.configuration.kinds import ConfigurationError, shown
from archlint.configuration.settings import Settings, Stated
from archlint.selection import UnknownRuleError, did_you_mean, find, refuse_unknown

if TYPE_CHECKING:
    from archlint.rule import Rule, Setting

KINDS: dict[Any, str] = {
    bool: "true or false", int: "a whole number", float: "a number", str: "a text", tuple[str, ...]: "a list of texts",
}  # fmt: skip
LISTS = ("select", "extend-select", "ignore", "fixable", "unfixable")


def refuse_unknown_rules(settings: Settings, rules: Mapping[str, Rule]) -> None:
    """Raise ConfigurationError for a selector that means no rule, with the place that states it."""
    for key, selector, stated in _selectors(settings):
        try:
            refuse_unknown(rules, selector)
        except UnknownRuleError as error:
            raise ConfigurationError(f"{stated.origin}: {key}: {error}") from None


def _selectors(settings: Settings) -> Iterator[tuple[str, str, Stated]]:
    for key in LISTS:
        yield from ((key, code, stated) for stated in settings.everywhere(key) for code in stated.value)
    for pattern, stated in settings.table("per-file-ignores").items():
        yield from ((f'per-file-ignores."{pattern}"', code, stated) for code in stated.value)
    yield from (("severity", code, stated) for code, stated in settings.table("severity").items())


def rule_settings(settings: Settings, rules: Mapping[str, Rule]) -> dict[str, dict[str, Any]]:
    """By the name of a rule, the keyword arguments of its check.  Raises ConfigurationError."""
    found: dict[str, dict[str, Any]] = {}
    for tables in settings.everywhere("rules"):
        for rule, values in _of_rules(tables, rules).items():
            found.setdefault(rule, {}).update(values)
    return found


def _of_rules(tables: Stated, rules: Mapping[str, Rule]) -> dict[str, dict[str, Any]]:
    """What one place states, where a rule may be called by its code or by its name."""
    found: dict[str, dict[str, Any]] = {}
    for name, values in tables.value.items():
        where = f"{tables.origin}: rules.{name}"
        try:
            rule = find(rules, name)
        except UnknownRuleError as error:
            raise ConfigurationError(f"{where}: {error}") from None
        own = found.setdefault(rule.name, {})
        for key, value in values.items():
            argument = key.replace("-", "_")
            if argument in own:
                raise ConfigurationError(f"{where}: '{key}' is set twice")
            own[argument] = _checked(rule, key, value, where)
    return found


def _checked(rule: Rule, key: str, value: Any, where: str) -> Any:
    known = {setting.name: setting for setting in rule.settings}
    setting = known.get(key.replace("_", "-"))
    if setting is None:
        raise ConfigurationError(f"{where}: {_no_such(rule, key, known)}")
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        value = tuple(value)
    if not fits(setting, value):
        raise ConfigurationError(f"{where}: '{key}' is {KINDS.get(setting.type, setting.type)}, not {shown(value)}")
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
