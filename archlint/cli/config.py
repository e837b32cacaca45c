"""`archlint config`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from archlint.cli.terminal import write

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def _keys(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    from archlint.configuration.reference import every

    return [CompletionItem(name, help=key.doc) for name, key in every() if name.startswith(incomplete)]


@click.command(short_help="List what can be configured, or explain one key.")
@click.argument("key", required=False, metavar="[KEY]", shell_complete=_keys)
@click.option(
    "--output-format", type=click.Choice(["text", "json", "markdown", "schema"]), default="text", show_default=True,
    help="schema: a JSON schema of the configuration.",
)  # fmt: skip
def command(key: str | None, output_format: str) -> int:
    """List the keys of the configuration, or explain one: its type, its default, an example."""
    from archlint.configuration import reference
    from archlint.configuration.schema import schema

    known = dict(reference.every())
    if key is not None and key not in known:
        from archlint.selection import did_you_mean

        inside = [name for name in known if name.startswith(f"{key}.")]
        if not inside:
            raise click.UsageError(f"no such key '{key}'{did_you_mean(key.replace('_', '-'), known)}")
        write("\n".join(reference.in_full(name, known[name]) for name in inside))
    elif output_format == "schema":
        write(json.dumps(schema(), indent=2) + "\n")
    elif output_format == "json":
        chosen = [one for one in reference.records() if key in (None, one["key"])]
        write(json.dumps(chosen, indent=2) + "\n")
    elif key is not None:
        write(reference.in_full(key, known[key]))
    else:
        write(reference.in_markdown() if output_format == "markdown" else reference.listed())
    return 0
