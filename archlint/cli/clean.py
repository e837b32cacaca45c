"""`archlint clean`."""

from __future__ import annotations

import os

import click

from archlint.cli.configuring import FromConfiguration, configuration_options
from archlint.cli.terminal import write


@click.command(short_help="Remove the cache.", context_settings={"default_map": FromConfiguration("cache_dir")})
@click.option(
    "--cache-dir", type=click.Path(file_okay=False), envvar="ARCHLINT_CACHE_DIR",
    help="Directory of the cache (default: .archlint_cache beside the configuration).",
)  # fmt: skip
@configuration_options
def command(cache_dir: str | None) -> int:
    """Remove the cache of the project that the working directory is in."""
    from archlint.cache.folder import default_folder, is_cache, remove

    folder = os.path.relpath(cache_dir or default_folder(os.curdir))
    if not os.path.lexists(folder):
        write(f"there is no cache at {folder}\n")
        return 0
    if not is_cache(folder):
        raise click.UsageError(f"{folder} is no cache of archlint: it has no CACHEDIR.TAG; nothing was removed")
    try:
        remove(folder)
    except OSError as error:
        raise click.ClickException(f"{folder} was not removed: {error.strerror}") from None
    write(f"removed {folder}\n")
    return 0
