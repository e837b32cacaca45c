"""Which rules a command runs: `--select`, `--ignore`."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from archlint.options import Options


def _listed(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """`--select ARC1,ARC204 --select names` as one tuple."""
    return tuple(code.strip() for value in values for code in value.split(",") if code.strip())


select_option = click.option(
    "--select",
    multiple=True,
    callback=_listed,
    metavar="RULES",
    help="Rules to run: codes, prefixes (ARC1), names, ALL.",
)
ignore_option = click.option(
    "--ignore", multiple=True, callback=_listed, metavar="RULES", help="Rules not to run."
)  # fmt: skip


def prepare_rules(options: Options) -> Options:
    """Load the rule packs, refuse selectors that mean nothing, add what pyproject.toml sets of the rules."""
    from archlint.configuration import ConfigurationError, nearest, rule_settings
    from archlint.plugins import NoRulesError, load_rules
    from archlint.rule import rules
    from archlint.selection import UnknownRuleError, enabled

    try:
        load_rules()
        enabled(rules(), options.select, options.ignore)
        return replace(options, settings=rule_settings(nearest(os.curdir), rules()))
    except (NoRulesError, UnknownRuleError, ConfigurationError) as error:
        raise click.UsageError(str(error)) from None
