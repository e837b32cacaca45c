"""`archlint rule`."""

from __future__ import annotations

import sys

import click

from archlint.cli.selectors import complete_rule
from archlint.cli.terminal import color_option, wants_color, write


@click.command(short_help="Explain a rule.")
@click.argument("rule", required=False, metavar="[CODE|NAME]", shell_complete=complete_rule)
@click.option("--all", "every", is_flag=True, help="List all rules.")
@click.option("--output-format", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True)
@color_option
def command(rule: str | None, every: bool, output_format: str, color: str) -> int:
    """Explain a rule: what it finds, why that matters, examples, the fix."""
    from archlint.plugins import NoRulesError, load_rules
    from archlint.report.page import markdown_table, page, record, settings_text, table, to_json, to_text
    from archlint.rule import rules
    from archlint.selection import UnknownRuleError, find

    if (rule is None) != every:
        raise click.UsageError("name a rule (code or name), or ask for --all")
    try:
        load_rules()
        known = rules()
        if rule is None:
            if output_format == "json":
                write(to_json([record(one) for one in known.values()]))
            else:
                write((table if output_format == "text" else markdown_table)(known.values()))
            return 0
        one = find(known, rule)
    except (NoRulesError, UnknownRuleError) as error:
        raise click.UsageError(str(error)) from None
    if output_format == "json":
        write(to_json(record(one)))
    elif output_format == "markdown":
        write(page(one) + settings_text(one))
    else:
        write(to_text(page(one) + settings_text(one), color=wants_color(color, sys.stdout)))
    return 0
