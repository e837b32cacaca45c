"""Which rules run: codes, prefixes (`ARC1`), names and `ALL`, chosen and ignored."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

from archlint.rule import Rule

ALWAYS = "ARC001"
"""A file that does not parse is reported whatever is selected, unless it is ignored by this code."""

UNUSED = "ARC005"
"""What is said of a suppression itself: only one that names it silences it."""

CODE = re.compile(r"[A-Za-z]+[0-9]*")
ALL, EXACT = 0, 1000


class UnknownRuleError(ValueError):
    """A selector that means no rule; the text says which rule may have been meant."""


def enabled(rules: Mapping[str, Rule], select: Sequence[str] = (), ignore: Sequence[str] = ()) -> frozenset[str]:
    """Codes of the rules that run.  As in Ruff the narrower selector wins: `--select ARC101 --ignore ARC1`.

    Raises UnknownRuleError for a selector that matches nothing.
    """
    for selector in (*select, *ignore):
        if all(match(selector, rule.code, rule.name) is None for rule in rules.values()):
            raise UnknownRuleError(f"unknown rule '{selector}'{did_you_mean(selector, _selectors(rules.values()))}")
    return frozenset(rule.code for rule in rules.values() if _runs(rule, select, ignore))


def _runs(rule: Rule, select: Sequence[str], ignore: Sequence[str]) -> bool:
    by_default = rule.default if not select else rule.code == ALWAYS
    chosen = _narrowest(rule, select, ALL if by_default else -1)
    return chosen > _narrowest(rule, ignore, -1)


def _narrowest(rule: Rule, selectors: Sequence[str], otherwise: int) -> int:
    found = (match(selector, rule.code, rule.name) for selector in selectors)
    return max((width for width in found if width is not None), default=otherwise)


def match(selector: str, code: str, name: str) -> int | None:
    """How narrowly a selector means a rule: 0 for `ALL`, the length of a prefix, 1000 for its code or name."""
    upper = selector.upper()
    if upper == "ALL":
        return ALL
    if upper == code or selector.lower() == name:
        return EXACT
    return len(selector) if CODE.fullmatch(selector) and code.startswith(upper) else None


def find(rules: Mapping[str, Rule], text: str) -> Rule:
    """The one rule of a code or name.  Raises UnknownRuleError."""
    for rule in rules.values():
        if match(text, rule.code, rule.name) == EXACT:
            return rule
    raise UnknownRuleError(f"unknown rule '{text}'{did_you_mean(text, _selectors(rules.values()))}")


def did_you_mean(text: str, choices: Iterable[str]) -> str:
    """`; did you mean 'ARC204'?` with the nearest of the choices, or nothing."""
    lower = {choice.lower(): choice for choice in choices}
    near = get_close_matches(text.lower(), lower, n=1, cutoff=0.6)
    return f"; did you mean '{lower[near[0]]}'?" if near else ""


def _selectors(rules: Iterable[Rule]) -> list[str]:
    return [selector for rule in rules for selector in (rule.code, rule.name)]
