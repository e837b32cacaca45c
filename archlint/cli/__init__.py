"""The command line.  Commands are imported when they are called: `--version` pays for click alone."""

from __future__ import annotations

import os
import sys
from importlib import import_module

import click

from archlint import __version__

COMMANDS = {
    "check": "Report defects of the models in files and directories.",
    "summary": "Print the layers of models: shapes, parameters, receptive fields, memory.",
    "graph": "Draw the layer graph of a model: Mermaid, DOT, SVG, JSON or a page of HTML.",
    "report": "Draw every model of a codebase into a folder of pages.",
    "diff": "Tell what changed in the architecture of models since a revision.",
    "verify": "Run models and hold what was inferred against what happens.",
    "rule": "Explain a rule.",
    "config": "List what can be configured, or explain one key.",
    "init": "Write a commented configuration to start from.",
    "completion": "Print a script that completes archlint's options and rules in a shell.",
    "clean": "Remove the cache.",
    "server": "Serve editors: findings and shapes while one types.",
}


class Commands(click.Group):
    """Finds a command in the module of its name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"archlint.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            hint = f"; for a path: archlint check {args[0]}" if os.path.exists(args[0]) else _near(args[0])
            ctx.fail(f"no such command '{args[0]}'{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _near(name: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, COMMANDS, n=1)
    return f"; did you mean '{near[0]}'?" if near else f"; there are {', '.join(COMMANDS)}"


@click.command(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    no_args_is_help=True,
)
@click.version_option(__version__, message="archlint %(version)s")
def app() -> None:
    """Static analysis of deep-learning model definitions: Keras, PyTorch and TF-slim."""


def main() -> None:
    """Run a command and exit: 0 nothing found, 1 findings, 2 wrong usage, an internal error, or nothing could run."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """The exit status of a command line."""
    from archlint.cli.terminal import open_closed_streams, to_nowhere

    open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a source line may hold what the terminal's encoding does not
            stream.reconfigure(errors="backslashreplace")
    try:
        status = app.main(arguments, prog_name="archlint", standalone_mode=False)
        sys.stdout.flush()
        return status if isinstance(status, int) else 0
    except click.ClickException as error:
        error.show()
        return 2
    except (click.Abort, KeyboardInterrupt):
        return 130
    except BrokenPipeError:  # `archlint rule --all | head`
        to_nowhere(sys.stdout)
        return 0
    except Exception as error:
        return _refused(error) or _internal(error)


def _refused(error: Exception) -> int:
    """2 for a configuration that cannot be used, which any command may meet late: that of a directory below; else 0."""
    kinds = sys.modules.get("archlint.configuration.kinds")
    if kinds is None or not isinstance(error, kinds.ConfigurationError):
        return 0
    print(f"Error: {error}", file=sys.stderr)
    return 2


def _internal(error: Exception) -> int:
    import traceback

    if os.environ.get("ARCHLINT_TRACEBACK"):
        traceback.print_exception(error)
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{os.path.basename(place.filename)}:{place.lineno}"
    text = f"{type(error).__name__}: {error}"
    print(f"archlint: internal error at {where}: {text[:300]}", file=sys.stderr)
    print("Please report it; ARCHLINT_TRACEBACK=1 shows where it comes from.", file=sys.stderr)
    return 2
