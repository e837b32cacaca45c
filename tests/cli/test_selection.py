"""Which rules run."""

from __future__ import annotations

import pytest

from archlint.options import Options
from archlint.rule import Rule
from archlint.selection import UnknownRuleError, active, enabled, find

NAMES = {
    "ARC001": "syntax-error",
    "ARC101": "input-rank-mismatch",
    "ARC102": "channel-mismatch",
    "ARC204": "flatten-before-timestep-dense",
    "ARC851": "feature-map-not-expanding",
}
RULES = {
    code: Rule(code, name, "error", "proven", "shapes", "model", code != "ARC851", None, "", None)
    for code, name in NAMES.items()
}


@pytest.mark.parametrize(
    ("select", "ignore", "run"),
    [
        ("", "", "001 101 102 204"),
        ("ALL", "", "001 101 102 204 851"),
        ("ARC1", "", "001 101 102"),
        ("arc1", "", "001 101 102"),
        ("ARC", "", "001 101 102 204 851"),
        ("ARC204", "", "001 204"),
        ("flatten-before-timestep-dense", "", "001 204"),
        ("ARC85", "", "001 851"),
        ("ARC204 channel-mismatch", "", "001 102 204"),
        ("", "ARC1", "001 204"),
        ("", "channel-mismatch", "001 101 204"),
        ("", "ALL", ""),
        ("ARC101", "ARC1", "001 101"),
        ("ARC1", "ARC101", "001 102"),
        ("ARC101", "ARC101", "001"),
        ("ALL", "ARC001", "101 102 204 851"),
    ],
)
def test_the_narrower_selector_wins(select: str, ignore: str, run: str) -> None:
    assert enabled(RULES, select.split(), ignore.split()) == {f"ARC{number}" for number in run.split()}


@pytest.mark.parametrize(
    ("selector", "hint"),
    [
        ("ARC103", "did you mean 'ARC10"),
        ("ARC9", "unknown rule 'ARC9'"),
        ("flatten-before-timestep", "did you mean 'flatten-before-timestep-dense'?"),
        ("Channel-Mismatchs", "did you mean 'channel-mismatch'?"),
        ("xyz", "unknown rule 'xyz'"),
        ("E501", "unknown rule 'E501'"),
    ],
)
def test_an_unknown_selector_is_refused_with_the_nearest_rule(selector: str, hint: str) -> None:
    with pytest.raises(UnknownRuleError) as error:
        enabled(RULES, [selector])
    assert hint in str(error.value)
    with pytest.raises(UnknownRuleError):
        enabled(RULES, [], [selector])


def test_a_rule_is_found_by_code_or_name_but_not_by_prefix() -> None:
    assert find(RULES, "arc204").code == find(RULES, "flatten-before-timestep-dense").code == "ARC204"
    with pytest.raises(UnknownRuleError):
        find(RULES, "ARC1")


def test_all_means_something_where_no_rules_are_installed() -> None:
    assert active({}, Options()) == frozenset()
