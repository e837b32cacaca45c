"""Keywords that TensorFlow renamed on its way from 0.x to 2.x: a declaration has one of them, this maps the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archlint.layers.spec import function

Call = tuple[list[Any], dict[str, Any]]
Rewrite = Callable[[list[Any], dict[str, Any]], Call]


def renamed(**names: str) -> Rewrite:
    """Old keyword to new: `renamed(dim="axis")`.  Both at once is left to fail, as it does in TensorFlow."""

    def rewrite(args: list[Any], kwargs: dict[str, Any]) -> Call:
        return args, {new_name(key, kwargs): value for key, value in kwargs.items()}

    def new_name(key: str, kwargs: dict[str, Any]) -> str:
        new = names.get(key, key)
        return key if new != key and new in kwargs and kwargs[new] is not None else new

    return rewrite


def both(*rewrites: Rewrite) -> Rewrite:
    """Several rewrites, one after the other."""

    def rewrite(args: list[Any], kwargs: dict[str, Any]) -> Call:
        for each in rewrites:
            args, kwargs = each(args, kwargs)
        return args, kwargs

    return rewrite


AXIS = renamed(reduction_indices="axis", dim="axis", dimension="axis", keep_dims="keepdims", squeeze_dims="axis")
"""What TensorFlow 1.0 made of the many words for an axis."""


def each(*names: str, family: str, legacy: Rewrite | None = None) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare several functions that do the same to shapes, each on its own; spaces in a name separate its aliases."""

    def add(fn: Callable[..., Any]) -> Callable[..., Any]:
        for name in names:
            function(*name.split(), family=family, legacy=legacy)(fn)
        return fn

    return add


def in_math(*words: str) -> tuple[str, ...]:
    """`tensorflow.NAME` and its alias `tensorflow.math.NAME`, for each word; older words for it after a `/`."""
    return tuple(
        " ".join(f"tensorflow.{module}{name}" for name in word.split("/") for module in ("", "math.")) for word in words
    )
