"""What every call, operator and subscript gave, visit by visit: the inferred side of the executed mode."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

from archlint.dims import Dim
from archlint.text import Span
from archlint.values import Alike, Among, DictValue, ListValue, Object, Tensor, Unknown

MAX_ITEMS = 64
MAX_NESTING = 3
MAX_VISITS = 200_000
NAMED_TUPLES = ("collections.namedtuple", "typing.NamedTuple")

Inferred: TypeAlias = "Tensor | int | Dim | tuple[Any, ...] | dict[str, Any] | Unknown | None"
"""A value that can be held against an executed one; None: nothing that has a shape or is an integer."""


@dataclass(slots=True)
class Visited:
    """One evaluation of an expression.  owner: the object that is `self` there.  certain: the evaluator knows that
    the program comes here; not so in an arm of an undecided test.  op: the layer or function that made the tensor."""

    span: Span
    value: Inferred
    owner: Object | None
    certain: bool
    op: str = ""


@dataclass(slots=True)
class Trace:
    """The visits in order of evaluation."""

    visits: list[Visited] = field(default_factory=list)

    def add(self, span: Span, value: Any, owner: Any, certain: bool) -> None:
        """Write down what an expression gave; lists as they are now, since `x.append` changes them later."""
        if len(self.visits) < MAX_VISITS:
            held = owner if isinstance(owner, Object) else None
            self.visits.append(Visited(span, comparable(value), held, certain))


def comparable(value: Any, depth: int = 0) -> Inferred:
    """The part of a value that execution can confirm."""
    match value:
        case bool() | None | str() | float():
            return None
        case int() | Dim() | Tensor() | Unknown():
            return value
        case tuple() | ListValue() if depth < MAX_NESTING:
            items = value.items if isinstance(value, ListValue) else value
            if items is None:
                why = value.why if isinstance(value, ListValue) else None
                return why.why if isinstance(why, (Alike, Among)) else why
            return tuple(comparable(item, depth + 1) for item in items[:MAX_ITEMS])
        case DictValue() if depth < MAX_NESTING and value.items is not None and value.default is None:
            return {str(key): comparable(item, depth + 1) for key, item in list(value.items.items())[:MAX_ITEMS]}
        case Object() if depth < MAX_NESTING:
            return _record(value, depth)
    return None


def _record(value: Object, depth: int) -> Inferred:
    """`Output(logits=x)` of a class that derives from dict, `Point(x, y)` of a named tuple: what they hold."""
    from archlint.interp.python import mappings

    held = mappings.storage(value)
    if held is not None:
        return comparable(held, depth)
    if value.kind in NAMED_TUPLES and value.items is not None:
        return comparable(tuple(value.items.values()), depth)
    return None


def settled(value: Inferred, refresh: Any) -> Inferred:
    """The value once every entry tensor has its shape: `h = relu(x)` stands before the layer that settles `x`."""
    match value:
        case Tensor():
            return refresh(value) if value.shape is None else value
        case tuple():
            return tuple(settled(item, refresh) for item in value)
        case dict():
            return {key: settled(item, refresh) for key, item in value.items()}
    return value
