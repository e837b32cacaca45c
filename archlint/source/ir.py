"""The compact tree that the interpreter evaluates: LibCST's tree without its white space.

Every node has `start` and `end`: code-point offsets relative to the chunk it stands in, so that a
chunk's tree stays valid when text above it moves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, Union

from archlint.source.ir_expressions import (
    Arg as Arg,
)
from archlint.source.ir_expressions import (
    Attr as Attr,
)
from archlint.source.ir_expressions import (
    BinOp as BinOp,
)
from archlint.source.ir_expressions import (
    BoolOp as BoolOp,
)
from archlint.source.ir_expressions import (
    Call as Call,
)
from archlint.source.ir_expressions import (
    Compare as Compare,
)
from archlint.source.ir_expressions import (
    Comprehension as Comprehension,
)
from archlint.source.ir_expressions import (
    Const as Const,
)
from archlint.source.ir_expressions import (
    DictDisplay as DictDisplay,
)
from archlint.source.ir_expressions import (
    Display as Display,
)
from archlint.source.ir_expressions import (
    Expr as Expr,
)
from archlint.source.ir_expressions import (
    FString as FString,
)
from archlint.source.ir_expressions import (
    IfExp as IfExp,
)
from archlint.source.ir_expressions import (
    Lambda as Lambda,
)
from archlint.source.ir_expressions import (
    Name as Name,
)
from archlint.source.ir_expressions import (
    NamedExpr as NamedExpr,
)
from archlint.source.ir_expressions import (
    Opaque as Opaque,
)
from archlint.source.ir_expressions import (
    Param as Param,
)
from archlint.source.ir_expressions import (
    Slice as Slice,
)
from archlint.source.ir_expressions import (
    Starred as Starred,
)
from archlint.source.ir_expressions import (
    Subscript as Subscript,
)
from archlint.source.ir_expressions import (
    UnaryOp as UnaryOp,
)


@dataclass(slots=True)
class ExprStmt:
    value: Expr
    start: int
    end: int


@dataclass(slots=True)
class Assign:
    """`targets[0] = targets[1] = value`; also `x: T = value` (`annotation` set, one target)."""

    targets: list[Expr]
    value: Expr
    annotation: Expr | None
    start: int
    end: int


@dataclass(slots=True)
class Declare:
    """`x: T` without a value."""

    target: Expr
    annotation: Expr
    start: int
    end: int


@dataclass(slots=True)
class AugAssign:
    """`target op= value`; `op` without the equals sign."""

    target: Expr
    op: str
    value: Expr
    start: int
    end: int


@dataclass(slots=True)
class Return:
    value: Expr | None
    start: int
    end: int


@dataclass(slots=True)
class If:
    test: Expr
    body: list[Stmt]
    orelse: list[Stmt]
    start: int
    end: int


@dataclass(slots=True)
class For:
    target: Expr
    iter: Expr
    body: list[Stmt]
    orelse: list[Stmt]
    start: int
    end: int


@dataclass(slots=True)
class While:
    test: Expr
    body: list[Stmt]
    orelse: list[Stmt]
    start: int
    end: int


@dataclass(slots=True)
class Try:
    """Handlers: (exception expression or None, bound name or None, body)."""

    body: list[Stmt]
    handlers: list[tuple[Expr | None, str | None, list[Stmt]]]
    orelse: list[Stmt]
    final: list[Stmt]
    start: int
    end: int


@dataclass(slots=True)
class With:
    """Items: (context expression, target or None)."""

    items: list[tuple[Expr, Expr | None]]
    body: list[Stmt]
    start: int
    end: int


@dataclass(slots=True)
class FunctionDef:
    """`name_start` is the offset of the name; `generator`: the body holds a yield of its own."""

    name: str
    name_start: int
    params: list[Param]
    body: list[Stmt]
    decorators: list[Expr]
    returns: Expr | None
    generator: bool
    start: int
    end: int


@dataclass(slots=True)
class ClassDef:
    name: str
    name_start: int
    bases: list[Arg]
    body: list[Stmt]
    decorators: list[Expr]
    start: int
    end: int


@dataclass(slots=True)
class Import:
    """`import a.b as c, d`: (dotted name, alias or None)."""

    names: list[tuple[str, str | None]]
    start: int
    end: int


@dataclass(slots=True)
class ImportFrom:
    """`from ..module import a as b`; `names` None for a star import; `level` counts the dots."""

    module: str
    level: int
    names: list[tuple[str, str | None]] | None
    start: int
    end: int


@dataclass(slots=True)
class Simple:
    """`pass`, `break` or `continue`."""

    kind: str
    start: int
    end: int


@dataclass(slots=True)
class Raise:
    value: Expr | None
    start: int
    end: int


@dataclass(slots=True)
class Assert:
    test: Expr
    start: int
    end: int


@dataclass(slots=True)
class Scope:
    """`global a, b` or `nonlocal a, b`."""

    kind: str
    names: list[str]
    start: int
    end: int


@dataclass(slots=True)
class Delete:
    targets: list[Expr]
    start: int
    end: int


@dataclass(slots=True)
class Match:
    """Cases: (pattern, guard or None, body).  Patterns are expressions where they have that form:

    a literal, a dotted name, a capture (`Name`), `_` (`Name("_")`), alternatives (`BoolOp` "or"), a
    sequence (`Display`); any other pattern is `Opaque`, which may or may not match.
    """

    subject: Expr
    cases: list[tuple[Expr, Expr | None, list[Stmt]]]
    start: int
    end: int


@dataclass(slots=True)
class OpaqueStmt:
    """A statement that is not modelled; the names it may bind become unknown."""

    kind: str
    binds: list[str]
    start: int
    end: int


Stmt: TypeAlias = Union[
    ExprStmt, Assign, Declare, AugAssign, Return, If, For, While, Try, With, FunctionDef, ClassDef, Import, ImportFrom,
    Simple, Raise, Assert, Scope, Delete, Match, OpaqueStmt,
]  # fmt: skip
