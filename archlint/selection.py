"""Which rules run: codes, prefixes (`ARC1`), names and `ALL`, chosen and ignored."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from archlint.options import OFF, Options, Selectors

if TYPE_CHECKING:
    from archlint.rule import Rule

ALWAYS = "ARC001"
"""A file that does not parse is reported whatever is selected, unless it is ignored by this code."""

UNUSED = "ARC005"
"""What is said of a suppression itself: only one that names it silences it."""

CODE = re.compile(r"[A-Za-z]+[0-9]*")
ALL, EXACT = 0, 1000


class UnknownRuleError(ValueError):
    """A selector that means no rule; the text says which rule may have been meant."""


def enabled(
    rules: Mapping[str, Rule], select: Sequence[str] = (), ignore: Sequence[str] = (), always: Sequence[str] = ()
) -> frozenset[str]:
    """Codes of the rules that run.  As in Ruff the narrower selector wins: `--select ARC101 --ignore ARC1`.

    always: codes that run whatever is selected, unless ignored.  Raises UnknownRuleError for a selector that matches
    nothing.
    """
    return _over(rules, frozenset(), Selectors(tuple(select), tuple(ignore)), always, first=True)


def active(rules: Mapping[str, Rule], options: Options) -> frozenset[str]:
    """Codes of the rules that run on a file with these options.  Raises UnknownRuleError.

    What is said later wins: `--ignore ARC1` over `select = ["ARC101"]` of the configuration.
    """
    for selector in (*options.file_ignore, *options.severities, *options.fixable, *options.unfixable):
        refuse_unknown(rules, selector)
    codes: frozenset[str] = frozenset()
    own = Selectors(options.select, options.ignore, options.extend_select)
    for place, said in enumerate((*options.below, own)):
        codes = _over(rules, codes, said, options.always, first=not place)
    return frozenset(
        code
        for code in codes
        if not ignored(rules[code], options.file_ignore) and severity_of(rules[code], options) != OFF
    )


def _over(
    rules: Mapping[str, Rule], before: frozenset[str], said: Selectors, always: Sequence[str], first: bool
) -> frozenset[str]:
    """Codes after selectors on top of what ran before; `select` starts anew, and so does the first of them."""
    for selector in (*said.select, *said.ignore, *said.extend_select):
        refuse_unknown(rules, selector)

    def runs(rule: Rule) -> bool:
        stays = rule.default if first else rule.code in before
        if said.select:
            stays = rule.code == ALWAYS or rule.code in always
        chosen = _narrowest(rule, (*said.select, *said.extend_select), ALL if stays else -1)
        return chosen > _narrowest(rule, said.ignore, -1)

    return frozenset(rule.code for rule in rules.values() if runs(rule))


def refuse_unknown(rules: Mapping[str, Rule], selector: str) -> None:
    """Raise UnknownRuleError for a selector that means no rule."""
    if selector.upper() != "ALL" and all(match(selector, rule.code, rule.name) is None for rule in rules.values()):
        raise UnknownRuleError(f"unknown rule '{selector}'{did_you_mean(selector, _selectors(rules.values()))}")


def ignored(rule: Rule, selectors: Sequence[str]) -> bool:
    """Does one of the selectors mean the rule?"""
    return _narrowest(rule, selectors, -1) >= 0


def severity_of(rule: Rule, options: Options) -> str | None:
    """What the user wants the findings of a rule reported as, by the narrowest selector; None: as the rule says."""
    wide = {match(selector, rule.code, rule.name): severity for selector, severity in options.severities.items()}
    found = max((width for width in wide if width is not None), default=None)
    return None if found is None else wide[found]


def offers_fix(rule: Rule, options: Options) -> bool:
    """Are the fixes of a rule wanted?"""
    return _narrowest(rule, options.fixable, -1) > _narrowest(rule, options.unfixable, -1)


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
    from difflib import get_close_matches

    lower = {choice.lower(): choice for choice in choices}
    near = get_close_matches(text.lower(), lower, n=1, cutoff=0.6)
    return f"; did you mean '{lower[near[0]]}'?" if near else ""


def _selectors(rules: Iterable[Rule]) -> list[str]:
    return [selector for rule in rules for selector in (rule.code, rule.name)]
