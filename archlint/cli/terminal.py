"""How commands write: colours only where they are wanted, a closed pipe is not an error."""

from __future__ import annotations

import os
import sys
from typing import TextIO

import click


def wants_color(choice: str, stream: TextIO) -> bool:
    """`--color` first, then NO_COLOR and FORCE_COLOR, then whether the stream is a terminal."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def write(text: str) -> None:
    """Write to standard output; when the reader has gone (`| head`), write nowhere from then on.

    Raises `click.ClickException` if what was asked for cannot be written: a full disk behind `> findings.txt`.
    """
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        to_nowhere(sys.stdout)
    except OSError as error:
        to_nowhere(sys.stdout)
        raise click.ClickException(f"standard output cannot be written: {error.strerror}") from None


def note(text: str) -> None:
    """Write a line to standard error, or nowhere if that cannot be written."""
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:
        to_nowhere(sys.stderr)


def to_nowhere(stream: TextIO) -> None:
    """Let all that is still written to the stream, as at the end of the process, go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def open_closed_streams() -> None:
    """Stand in for what the caller has closed (`archlint check >&-`, some schedulers): Python has None for it.

    The number of the file is taken with it: the cache would be opened as file 1, and written to as standard output.
    """
    if sys.stdin is None:
        os.open(os.devnull, os.O_RDONLY)  # the lowest number that is free
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115  (open until the end)


color_option = click.option(
    "--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Colours; auto: on a terminal."
)
