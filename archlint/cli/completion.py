"""`archlint completion`."""

from __future__ import annotations

import click

from archlint.cli.terminal import write

SHELLS = ("bash", "zsh", "fish")


@click.command(short_help="Print a script that completes archlint's options and rules in a shell.")
@click.argument("shell", type=click.Choice(list(SHELLS)))
def command(shell: str) -> int:
    """Print a script that completes commands, options, files and rules.

    \b
    bash  eval "$(archlint completion bash)" in ~/.bashrc
    zsh   eval "$(archlint completion zsh)" in ~/.zshrc
    fish  archlint completion fish > ~/.config/fish/completions/archlint.fish
    """
    from click.shell_completion import get_completion_class

    from archlint.cli import app

    kind = get_completion_class(shell)
    assert kind is not None
    script = kind(app, {}, "archlint", "_ARCHLINT_COMPLETE").source()
    # In fish, click's script cuts a description at its first comma.
    whole = script.replace('string split "," $completion', 'string split -m 1 "," $completion')
    write(whole.rstrip("\n") + "\n")
    return 0
