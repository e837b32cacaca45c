"""Which rules a command runs, and what of them is reported: `--select`, `--ignore`, `--per-file-ignores` …"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from archlint.cli.option_groups import Command, grouped

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from archlint.configuration import Configuration
    from archlint.options import Options, RunOptions


def _listed(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """`--select ARC1,ARC204 --select names` as one tuple."""
    return tuple(code.strip() for value in values for code in value.split(",") if code.strip())


def _by_pattern(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, list[str]]:
    """`--per-file-ignores 'tests/*:ARC6,ARC7'` by pattern."""
    found: dict[str, list[str]] = {}
    for value in values:
        pattern, colon, codes = value.rpartition(":")
        rules = _listed(ctx, param, (codes,))
        if not colon or not pattern or not rules:
            raise click.BadParameter(f"'{value}' is not PATTERN:RULES, as in 'tests/*:ARC6'")
        found.setdefault(pattern, []).extend(rules)
    return found


def complete_rule(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Codes and names of rules that start like what is typed behind the last comma."""
    from click.shell_completion import CompletionItem

    from archlint.plugins import NoRulesError, load_rules
    from archlint.rule import rules

    try:
        load_rules()
    except NoRulesError:
        return []
    before, comma, typed = incomplete.rpartition(",")
    return [
        CompletionItem(before + comma + word, help=other)
        for rule in rules().values()
        for word, other in ((rule.code, rule.name), (rule.name, rule.code))
        if (typed and word.lower().startswith(typed.lower())) or (not typed and word == rule.code)
    ]


def _rules(name: str, text: str) -> Callable[[Command], Command]:
    return click.option(name, multiple=True, callback=_listed, metavar="RULES", help=text, shell_complete=complete_rule)


@dataclass(frozen=True, slots=True)
class Selecting:
    """What the command line says of rules."""

    select: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_file_ignores: dict[str, list[str]] | None = None
    fixable: tuple[str, ...] = ()
    unfixable: tuple[str, ...] = ()
    ignore_suppressions: bool = False

    def stated(self) -> dict[str, Any]:
        """By the keys of the configuration, what is given."""
        lists = {
            "select": self.select, "extend-select": self.extend_select, "ignore": self.ignore,
            "fixable": self.fixable, "unfixable": self.unfixable,
        }  # fmt: skip
        given: dict[str, Any] = {key: list(codes) for key, codes in lists.items() if codes}
        return {**given, **({"per-file-ignores": self.per_file_ignores} if self.per_file_ignores else {})}


select_option = _rules("--select", "Rules to run: codes, prefixes (ARC1), names, ALL.")
ignore_option = _rules("--ignore", "Rules not to run.")
selecting_options = grouped(
    "selecting",
    Selecting,
    select_option,
    _rules("--extend-select", "Rules to run besides those of --select or the configuration."),
    ignore_option,
    click.option("--per-file-ignores", multiple=True, callback=_by_pattern, metavar="PATTERN:RULES",
                 help="Rules not to report in some files: 'tests/*:ARC6'."),
    _rules("--fixable", "Rules whose fixes are offered and applied."),
    _rules("--unfixable", "Rules whose fixes are not."),
    click.option("--ignore-suppressions", is_flag=True, help="Report also what comments suppress."),
)  # fmt: skip


def prepare_rules(whole: Options, configuration: Configuration | None = None) -> RunOptions:
    """The options of a run, by file.  Loads the rule packs, and refuses unknown rules as far as this directory goes.

    whole: what the command line says besides the keys of the configuration.
    """
    from archlint.cli.configuring import configured
    from archlint.configuration.by_file import run_options

    configuration = configuration or configured()
    load_and_refuse(configuration)
    return run_options(configuration, whole)


def load_and_refuse(configuration: Configuration) -> None:
    """Load the rule packs; a usage error for rules that this directory's configuration names and that are not there."""
    from archlint.configuration.rule_settings import refuse_unknown_rules, rule_settings
    from archlint.plugins import NoRulesError, load_rules
    from archlint.rule import rules

    try:
        load_rules()
    except NoRulesError as error:
        raise click.UsageError(str(error)) from None
    here = configuration.at(os.curdir)
    refuse_unknown_rules(here, rules())
    rule_settings(here, rules())
