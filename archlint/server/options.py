"""Which options apply to a page: of the configuration nearest to it, and of the editor's settings."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from archlint.server.settings import Settings

if TYPE_CHECKING:
    from archlint.configuration import Configuration
    from archlint.options import RunOptions


def options_for(path: str, folder: str, settings: Settings) -> tuple[RunOptions, list[str]]:
    """What applies to a file and to those around it, and what is wrong with it; then nothing is configured."""
    from archlint.configuration import Configuration, ConfigurationError

    problems: list[str] = []
    configuration = Configuration()
    try:
        if settings.configuration:
            configuration = Configuration.of_file(os.path.join(folder, settings.configuration), folder=folder)
        found = _run(_edited(configuration, settings, folder), folder)
        found.of(path)
    except ConfigurationError as error:
        problems.append(str(error))
        found = _run(_edited(Configuration(only=()), settings, folder), folder)
    return found, problems


def _edited(configuration: Configuration, settings: Settings, folder: str) -> Configuration:
    """The configuration below what is set in the editor."""
    from archlint.configuration.reading import Layer

    values = {"select": list(settings.select), "ignore": list(settings.ignore)}
    stated = {key: value for key, value in values.items() if value}
    return configuration.under(Layer(stated, "the editor's settings", folder)) if stated else configuration


def _run(configuration: Configuration, folder: str) -> RunOptions:
    """The options by the paths of a project that starts in a folder."""
    from archlint.configuration.by_file import ByFile
    from archlint.options import Options, RunOptions

    by_file = ByFile(configuration, Options())

    def absolute(path: str) -> str:
        return os.path.normpath(os.path.join(folder, path))

    return RunOptions(
        by_file.whole,
        lambda path: by_file.options(absolute(path)),
        lambda path: by_file.key(absolute(path)),
        lambda path: by_file.ignored(absolute(path)),
    )
