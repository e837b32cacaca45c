"""The table of all rules, `rules/README.md`, made from the rules and their pages."""

from __future__ import annotations

from pathlib import Path

from archlint.report.page import one_line
from archlint.rule import Rule

README = Path(__file__).with_name("README.md")

_HEAD = """\
# Rules

Every rule is a module and a page of the same stem, in a folder per family. The page is the documentation, what
`archlint rule CODE` prints, and the rule's test: each of its examples is checked, and so is every claim in them.

To add a rule, add the two files and run `pytest rules tests/rules --accept`, which rewrites this table.

"""


def index(rules: list[Rule]) -> str:
    """The whole text of `rules/README.md`."""
    families: dict[str, list[Rule]] = {}
    for rule in rules:
        families.setdefault(_family(rule), []).append(rule)
    text = _HEAD
    for family, members in sorted(families.items(), key=lambda item: item[1][0].code):
        text += f"## {family}\n\n| code | name | severity | finds |\n|---|---|---|---|\n"
        text += "".join(map(_row, members)) + "\n"
    return text.rstrip("\n") + "\n"


def _family(rule: Rule) -> str:
    return rule.path.parent.name if rule.path is not None else ""


def _row(rule: Rule) -> str:
    page = "" if rule.path is None else rule.path.with_suffix(".md").relative_to(README.parent).as_posix()
    severity = rule.severity if rule.default else f"{rule.severity}, off"
    finds = one_line(rule).replace("|", "\\|")
    return f"| {rule.code} | [{rule.name}]({page}) | {severity} | {finds} |\n"
