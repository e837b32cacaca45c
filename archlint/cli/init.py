"""`archlint init`."""

from __future__ import annotations

import os

import click

from archlint.cli.terminal import note, write

PYPROJECT, OWN = "pyproject.toml", "archlint.toml"
RUFF = {".ruff.toml": (), "ruff.toml": (), PYPROJECT: ("tool", "ruff")}
"""Where Ruff is configured, the first that exists, and the way to its keys there."""


@click.command(short_help="Write a commented configuration to start from.")
@click.option("--stdout", is_flag=True, help="Print it instead.")
def command(stdout: bool) -> int:
    """Write a commented configuration: into pyproject.toml where there is one, else into archlint.toml.

    Nothing is overwritten. Where Ruff is configured, it is told that ARC codes are not its own; else it would remove
    `# noqa: ARC…` comments.
    """
    from archlint.configuration.reading import prefix, stated_in
    from archlint.configuration.starting import appended, starter

    there = os.path.exists(PYPROJECT)
    table = starter(prefix(PYPROJECT) if there else "")
    if stdout:
        write(table)
        return 0
    configured = stated_in(os.getcwd())
    if configured is not None:
        note(f"{os.path.basename(configured)} configures archlint already; it stays as it is")
    elif there:
        try:
            _save(PYPROJECT, appended(_text(PYPROJECT), table))
        except ValueError as error:
            raise click.ClickException(f"{PYPROJECT} was not changed: {error}; --stdout prints what to add") from None
        note(f"wrote [tool.archlint] to {PYPROJECT}")
    else:
        _save(OWN, table)
        note(f"wrote {OWN}")
    _tell_ruff()
    return 0


def _tell_ruff() -> None:
    """Add `external = ["ARC"]` to the configuration of Ruff, or say what to add."""
    from archlint.configuration.starting import configures, with_external

    path = next(filter(os.path.exists, RUFF), None)
    if path is None:
        return
    try:
        text = _text(path)
        if not configures(text, RUFF[path]):
            return
        made = with_external(text, RUFF[path])
    except ValueError as error:
        note(f"{path}: add {error} for Ruff, which else removes `# noqa: ARC…` comments")
        return
    if made is not None:
        _save(path, made)
        note(f'{path}: Ruff\'s lint.external now has "ARC", so that it leaves `# noqa: ARC…` comments alone')


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", newline="") as file:
            return file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{path}: {error}") from None


def _save(path: str, text: str) -> None:
    try:
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)
    except OSError as error:
        raise click.ClickException(f"{path} was not written: {error.strerror or error}") from None
