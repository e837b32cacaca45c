"""Expressions of the compact tree, see `archlint.source.ir`.

Every node has `start` and `end`: code-point offsets relative to the chunk it stands in, so that a
chunk's tree stays valid when text above it moves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias, Union


@dataclass(slots=True)
class Const:
    """A literal: int, float, complex, str, bytes, bool, None or Ellipsis."""

    value: Any
    start: int
    end: int


@dataclass(slots=True)
class Name:
    id: str
    start: int
    end: int


@dataclass(slots=True)
class Attr:
    """`value.attr`; `attr_start` is the offset of the attribute's name."""

    value: Expr
    attr: str
    attr_start: int
    start: int
    end: int


@dataclass(slots=True)
class Arg:
    """One argument of a call: `star` is "", "*" or "**"."""

    value: Expr
    keyword: str | None
    star: str
    start: int
    end: int


@dataclass(slots=True)
class Call:
    func: Expr
    args: list[Arg]
    start: int
    end: int


@dataclass(slots=True)
class BinOp:
    """`op` is the operator as written: + - * / // % ** @ << >> & | ^."""

    op: str
    left: Expr
    right: Expr
    start: int
    end: int


@dataclass(slots=True)
class UnaryOp:
    """`op` is one of: - + ~ not."""

    op: str
    operand: Expr
    start: int
    end: int


@dataclass(slots=True)
class BoolOp:
    """`op` is `and` or `or`."""

    op: str
    left: Expr
    right: Expr
    start: int
    end: int


@dataclass(slots=True)
class Compare:
    """`left op[0] comparators[0] op[1] …`; ops as written, `not in` and `is not` with one space."""

    left: Expr
    ops: list[str]
    comparators: list[Expr]
    start: int
    end: int


@dataclass(slots=True)
class Display:
    """A tuple, list or set display: `kind` is `tuple`, `list` or `set`; items may be Starred."""

    kind: str
    items: list[Expr]
    start: int
    end: int


@dataclass(slots=True)
class DictDisplay:
    """A dict display; a key None means `**value`."""

    items: list[tuple[Expr | None, Expr]]
    start: int
    end: int


@dataclass(slots=True)
class Starred:
    value: Expr
    start: int
    end: int


@dataclass(slots=True)
class Subscript:
    """`value[index]`; several indices are a tuple Display, a slice is a Slice."""

    value: Expr
    index: Expr
    start: int
    end: int


@dataclass(slots=True)
class Slice:
    lower: Expr | None
    upper: Expr | None
    step: Expr | None
    start: int
    end: int


@dataclass(slots=True)
class IfExp:
    test: Expr
    body: Expr
    orelse: Expr
    start: int
    end: int


@dataclass(slots=True)
class Comprehension:
    """`kind` is `list`, `set`, `dict` or `generator`; `key` only for dict.

    `generators`: (target, iterable, conditions), outermost first.
    """

    kind: str
    key: Expr | None
    element: Expr
    generators: list[tuple[Expr, Expr, list[Expr]]]
    start: int
    end: int


@dataclass(slots=True)
class FString:
    """Parts are literal strings or (expression, format spec as text or None, conversion or None)."""

    parts: list[str | tuple[Expr, str | None, str | None]]
    start: int
    end: int


@dataclass(slots=True)
class NamedExpr:
    target: Expr
    value: Expr
    start: int
    end: int


@dataclass(slots=True)
class Param:
    """A parameter: `kind` is `posonly`, `normal`, `star`, `kwonly` or `doublestar`."""

    name: str
    kind: str
    default: Expr | None
    annotation: Expr | None
    start: int
    end: int


@dataclass(slots=True)
class Lambda:
    params: list[Param]
    body: Expr
    start: int
    end: int


@dataclass(slots=True)
class Opaque:
    """An expression that is not modelled (await, yield …); `kind` names it, `parts` are evaluated."""

    kind: str
    parts: list[Expr]
    start: int
    end: int


Expr: TypeAlias = Union[
    Const, Name, Attr, Call, BinOp, UnaryOp, BoolOp, Compare, Display, DictDisplay, Starred, Subscript, Slice, IfExp,
    Comprehension, FString, NamedExpr, Lambda, Opaque,
]  # fmt: skip
