"""`archlint server`."""

from __future__ import annotations

import logging
import os
import sys

import click


@click.command(short_help="Serve editors: findings and shapes while one types (Language Server Protocol).")
@click.option("--stdio", is_flag=True, help="Talk over standard input and output (the default).")
@click.option("--tcp", is_flag=True, help="Listen on a port of this machine.")
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="Where --tcp listens.")
@click.option("--port", type=click.IntRange(0, 65535), default=2087, show_default=True, help="Where --tcp listens.")
@click.option("--log-file", type=click.Path(dir_okay=False), metavar="FILE", help="Write what happens to a file.")
def command(stdio: bool, tcp: bool, host: str, port: int, log_file: str | None) -> int:
    """Serve an editor over the Language Server Protocol."""
    if stdio and tcp:
        raise click.UsageError("--stdio and --tcp exclude each other")
    _log_to(log_file)
    try:
        from archlint.server.features import build
    except ImportError as error:
        missing = error.name or ""
        if missing.partition(".")[0] not in ("pygls", "lsprotocol", "cattrs"):
            raise
        raise click.ClickException("the language server needs pygls: pip install 'archlint[lsp]'") from None
    server = build()
    if tcp:
        server.start_tcp(host, port)
    else:
        server.start_io()
        if sys.stdout.closed:
            sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  (for what is flushed at the end)
    return 0


def _log_to(path: str | None) -> None:
    """Standard error takes warnings; a file everything that archlint has to say."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(name)s: %(message)s")
    logging.getLogger("pygls").setLevel(logging.ERROR)
    if path is None:
        return
    try:
        handler = logging.FileHandler(path, encoding="utf-8")
    except OSError as error:
        raise click.BadParameter(f"{path}: {error.strerror}", param_hint="--log-file") from None
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
    log = logging.getLogger("archlint")
    log.setLevel(logging.DEBUG)
    log.addHandler(handler)
