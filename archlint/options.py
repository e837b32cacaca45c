"""What a run is asked to do, and how the user writes the shape of an input."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from archlint.dims import Dim, Size, var

if TYPE_CHECKING:
    from archlint.rule import Severity

RANK: dict[Severity, int] = {"info": 0, "warning": 1, "error": 2}
"""Severities from advice to certain failure."""


@dataclass(frozen=True, slots=True)
class Options:
    """One run.

    select, ignore: codes, prefixes (`ARC1`), names or `ALL`; an empty `select` is the default profile.
    inputs: shapes of entry tensors by `Net`, `Net.x`, or "" (the first input of every model).
    settings: by the name of a rule, the keyword arguments of its check.
    threshold: the least severity that makes the run fail.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    inputs: Mapping[str, tuple[Size, ...]] = field(default_factory=dict)
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    threshold: Severity = "warning"


def parse_input(text: str) -> tuple[str, tuple[Size, ...]]:
    """`Net=(N, 3, 224, 224)` as ("Net", shape); without a name the shape is for every model."""
    name, equals, shape = text.partition("=")
    if not equals:
        name, shape = "", text
    return name.strip(), parse_shape(shape)


def parse_shape(text: str) -> tuple[Size, ...]:
    """A shape as written: `(N, 3, 2*H, 32)`.  A name is a symbol, `None`, `?` and `_` an unknown size.

    Raises ValueError with a sentence for the user.
    """
    wanted = f"'{text.strip()}' is not a shape like (N, 3, 32, 32)"
    try:
        tree = ast.parse(text.strip().replace("?", "_"), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise ValueError(wanted) from None
    if not isinstance(tree, (ast.Tuple, ast.List)):
        raise ValueError(wanted)
    return tuple(_size(item, wanted) for item in tree.elts)


def _size(tree: ast.expr, wanted: str) -> Size:
    match tree:
        case ast.Constant(value=None) | ast.Name(id="_"):
            return None
        case _:
            size = _term(tree, wanted)
            if isinstance(size, int) and size < 1:
                raise ValueError(f"{wanted}: a size is at least 1, not {size}")
            return size


def _term(tree: ast.expr, wanted: str) -> int | Dim:
    match tree:
        case ast.Constant(value=int(value)) if not isinstance(value, bool):
            return value
        case ast.Name(id=name):
            return var(name)
        case ast.BinOp(left=left, op=operator, right=right):
            a, b = _term(left, wanted), _term(right, wanted)
            match operator:
                case ast.Add():
                    return a + b
                case ast.Sub():
                    return a - b
                case ast.Mult():
                    return a * b
                case ast.FloorDiv() if isinstance(b, int) and b > 0:
                    return a // b
    raise ValueError(wanted)
