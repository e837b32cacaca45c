"""Where a command takes its settings from: `--config`, `--isolated`, the environment, configuration files.

An option that is not given is what the environment says, then what the configuration nearest to here says:

    @click.command(context_settings={"default_map": FromConfiguration("output_format", "fix")})
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from archlint.cli.option_groups import Command

if TYPE_CHECKING:
    from archlint.configuration import Configuration
    from archlint.configuration.reading import Layer

FILE = "ARCHLINT_CONFIG"
MIRRORS = {"ARCHLINT_OUTPUT_FORMAT": "output-format", "ARCHLINT_CACHE_DIR": "cache-dir"}
CONFIG, ISOLATED, FOUND = "archlint.config", "archlint.isolated", "archlint.configuration"


def _kept(ctx: click.Context, param: click.Parameter, value: Any) -> Any:
    ctx.meta[f"archlint.{param.name}"] = value
    return value


config_option = click.option(
    "--config", multiple=True, is_eager=True, expose_value=False, callback=_kept, metavar="FILE|KEY=VALUE",
    help="A configuration file instead of those found, or one key of it: 'severity.ARC603=\"off\"'.",
)  # fmt: skip
isolated_option = click.option(
    "--isolated", is_flag=True, is_eager=True, expose_value=False, callback=_kept, help="Read no configuration files."
)


def configuration_options(command: Command) -> Command:
    """`--config` and `--isolated`."""
    return config_option(isolated_option(command))


def configured() -> Configuration:
    """The configuration that this command line means.  Raises ConfigurationError, and UsageError for options of it."""
    ctx = click.get_current_context()
    if FOUND not in ctx.meta:
        ctx.meta[FOUND] = _configuration(ctx.meta.get(CONFIG, ()), ctx.meta.get(ISOLATED, False))
    found: Configuration = ctx.meta[FOUND]
    return found


def configure(*options: Mapping[str, Any]) -> Configuration:
    """The same with keys that other options of the command line set.  A second call reads the files anew."""
    from archlint.configuration.reading import Layer

    values = {key: value for one in options for key, value in one.items()}
    before = configured()
    del click.get_current_context().meta[FOUND]
    return before.under(Layer(values, "command line", os.getcwd())) if values else before


def _configuration(config: tuple[str, ...], isolated: bool) -> Configuration:
    from archlint.configuration import Configuration

    files = [one for one in config if "=" not in one or os.path.isfile(one)]
    if len(files) > 1:
        raise click.UsageError(f"--config names one file, not {len(files)}: {', '.join(files)}")
    if isolated and files:
        raise click.UsageError("--isolated reads no configuration file, --config FILE reads one")
    over = (*_environment(), *(_layer(one) for one in config if one not in files))
    if isolated:
        return Configuration(over, ())
    file = files[0] if files else os.environ.get(FILE, "")
    if file and not os.path.isfile(file):
        raise click.UsageError(f"{'--config' if files else FILE}: there is no file {file}")
    return Configuration.of_file(file, over) if file else Configuration(over)


def _environment() -> Iterator[Layer]:
    from archlint.configuration.kinds import fits
    from archlint.configuration.reading import Layer
    from archlint.configuration.settings import declared

    for variable, key in MIRRORS.items():
        value, known = os.environ.get(variable), declared(key)
        if value and known is not None and fits(known.kind, value):  # what does not fit is refused by its option
            yield Layer({key: value}, variable, os.getcwd())


def _layer(text: str) -> Layer:
    """`severity.ARC603="off"`; a value that is no TOML is a text: `output-format=concise`."""
    from archlint.configuration.kinds import quoted
    from archlint.configuration.reading import Layer, parsed, refuse

    key, _, value = text.partition("=")
    try:
        values = parsed(text)
    except ValueError:
        try:
            values = parsed(f"{key}={quoted(value.strip())}")
        except ValueError as error:
            raise click.UsageError(f"--config '{text}' is not KEY=VALUE as in TOML: {error}") from None
    refuse(values, f"--config '{text}'")
    if "extend" in values:
        raise click.UsageError("--config sets no 'extend'; name the file: --config FILE")
    return Layer(values, f"--config {key.strip()}", os.getcwd())


def _from_here(path: str) -> str:
    try:
        return os.path.relpath(path)
    except ValueError:  # another drive
        return path


def is_configured(name: str) -> bool:
    """Does the value of a parameter come from a configuration file, not from the command line?"""
    return click.get_current_context().get_parameter_source(name) is ParameterSource.DEFAULT_MAP


class FromConfiguration(Mapping[str, Any]):
    """Defaults of a command's options, by the names of its parameters: click asks when an option is not given."""

    def __init__(self, *names: str) -> None:
        self.names = names

    def __getitem__(self, name: str) -> Any:
        ctx = click.get_current_context(silent=True)
        if name not in self.names or ctx is None or ctx.resilient_parsing or ISOLATED not in ctx.meta:
            raise KeyError(name)  # `--help` before `--config` is read: the built-in defaults are shown
        from archlint.configuration.kinds import PATH
        from archlint.configuration.settings import declared

        key = name.replace("_", "-")
        stated, known = configured().at(os.curdir).stated(key), declared(key)
        if stated.origin == "default" or known is None:
            raise KeyError(name)
        return _from_here(stated.path) if known.kind is PATH else stated.value

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)
