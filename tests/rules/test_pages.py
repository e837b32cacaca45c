"""Every rule is documented, and every page says the same things in the same order."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import page_index
from archlint.plugins import load
from archlint.rule import Rule, rules
from page_runner import unconventional
from pages import read_page

load("archlint_rules")
RULES = [r for r in rules().values() if r.module.startswith("archlint_rules.")]
FOLDER = Path(page_index.README.parent, "archlint_rules")
HEADINGS = ["What it finds", "Why it matters", "Example", "Fixed", "When it stays silent", "Fix"]

each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda r: r.code)


@each_rule
def test_a_rule_is_a_module_and_a_page_of_its_name(rule: Rule) -> None:
    assert rule.path is not None
    assert rule.path.stem == rule.name.replace("-", "_")
    assert rule.path.with_suffix(".md").is_file()


def test_every_page_belongs_to_a_rule() -> None:
    stems = {r.name.replace("-", "_") for r in RULES}
    assert [p.name for p in FOLDER.rglob("*.md") if p.stem not in stems] == []


def test_codes_and_names_are_unique_and_well_formed() -> None:
    assert all(re.fullmatch(r"ARC\d{3}", r.code) and re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", r.name) for r in RULES)
    assert len({r.name for r in RULES}) == len({r.code for r in RULES}) == len(RULES)


@each_rule
def test_a_page_has_the_fixed_headings(rule: Rule) -> None:
    sections = read_page(rule.page)
    assert sections[0].title == f"{rule.code} {rule.name}"
    assert [s.title for s in sections if s.level == 2] == HEADINGS


@each_rule
def test_the_line_below_the_title_says_how_severe_and_how_sure(rule: Rule) -> None:
    line = rule.page.splitlines()[2]
    assert line.startswith(rule.severity)
    assert rule.confidence in line
    assert rule.default == ("· off " not in line)


@each_rule
def test_the_example_shows_the_rule_and_the_silent_ones_do_not(rule: Rule) -> None:
    sections = {s.title: s for s in read_page(rule.page)}
    shown = [c.rule for e in sections["Example"].examples for c in e.findings()]
    assert rule.code in shown or rule.name in shown
    assert len(sections["When it stays silent"].examples) >= 2
    quiet = [*sections["Fixed"].examples, *sections["When it stays silent"].examples]
    assert not {rule.code, rule.name} & {c.rule for e in quiet for c in e.findings()}


def test_the_index_of_rules_is_up_to_date(request: pytest.FixtureRequest) -> None:
    text = page_index.index(RULES)
    if request.config.getoption("--accept"):
        page_index.README.write_text(text, encoding="utf-8")
    assert page_index.README.read_text(encoding="utf-8") == text, "run pytest tests/rules --accept"


@pytest.mark.parametrize("message", ["`conv1` expects 3", "in_features=3", "Conv2d(3) is", "3 of 4", "CNN runs"])
def test_messages_start_with_a_small_letter_or_a_name(message: str) -> None:
    assert unconventional(message) == ""


@pytest.mark.parametrize("message", ["The layer expects 3", "a full stop at the end.", "two  spaces", ""])
def test_other_messages_are_refused(message: str) -> None:
    assert unconventional(message) != ""
