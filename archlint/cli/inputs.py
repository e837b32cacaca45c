"""What commands are given: `--input 'Net=(N, 3, 224, 224)'`, `PATH::MODEL`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from archlint.dims import Size


def _parsed(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, tuple[Size, ...]]:
    if not values:
        return {}
    from archlint.options import parse_input

    try:
        return dict(map(parse_input, values))
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


input_option = click.option(
    "--input",
    "inputs",
    multiple=True,
    callback=_parsed,
    metavar="[MODEL=]SHAPE",
    help="Shape of a model's input, as 'Net=(N,3,224,224)' or '(N,3,32,32)'.",
)


def path_and_model(target: str) -> tuple[str, str]:
    """`net.py::Net` as ("net.py", "Net"); no name where all models are meant, or a file is called like that."""
    if os.path.exists(target):
        return target, ""
    path, _, name = target.partition("::")
    return path, name
