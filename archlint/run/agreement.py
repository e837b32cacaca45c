"""An inferred value held against an executed one, at the sizes that the run had."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from archlint.dims import Dim, Size, evaluate, show, show_shape
from archlint.interp.trace import Inferred
from archlint.run.records import Executed, Value
from archlint.values import Shape, Tensor, Unknown
from archlint.verdict import Verdict

Sizes: TypeAlias = Mapping[str, int]
"""What the symbols of the inferred shapes stood for in a run: {"N": 2, "H": 64}."""

Reading: TypeAlias = Callable[[str], int | None]
"""The number that a symbolic size of the framework is at the present point; None: cannot tell."""

_ORDER: tuple[Verdict, ...] = ("differs", "unknown", "equal")


def unreadable(text: str) -> int | None:
    """For runs with numbers: a size that is text there says nothing."""
    return None


def hold(inferred: Inferred, executed: Value, sizes: Sizes, reading: Reading = unreadable) -> Verdict | None:
    """The verdict, or None where there is nothing to hold against each other."""
    match inferred, executed:
        case _, None:
            return None
        case Unknown() | None, _:
            return "unknown" if tensors_in(executed) or isinstance(inferred, Unknown) else None
        case Tensor(), Executed():
            return of_shape(inferred.shape, executed.shape, sizes, reading)
        case (int() | Dim(), int()) if not isinstance(executed, bool):
            return of_size(inferred, executed, sizes, reading)
        case tuple(), tuple():
            return _of_items(inferred, executed, sizes, reading)
        case dict(), dict():
            shared = [key for key in inferred if key in executed]
            return _worst([hold(inferred[key], executed[key], sizes, reading) for key in shared])
    return "unknown" if tensors_in(executed) else None


def _of_items(inferred: Sequence[Any], executed: Sequence[Value], sizes: Sizes, reading: Reading) -> Verdict | None:
    if len(inferred) != len(executed):
        return "differs" if all(isinstance(v, (Tensor, int, Dim)) for v in inferred) else "unknown"
    return _worst([hold(a, b, sizes, reading) for a, b in zip(inferred, executed)])


def _worst(found: Sequence[Verdict | None]) -> Verdict | None:
    return next((verdict for verdict in _ORDER if verdict in found), None)


def of_shape(inferred: Shape, executed: Sequence[int | str | None], sizes: Sizes, reading: Reading) -> Verdict:
    """Of two shapes; a size that the framework leaves open matches any of ours."""
    if inferred is None:
        return "unknown"
    if len(inferred) != len(executed):
        return "differs"
    return _worst([of_size(a, b, sizes, reading) for a, b in zip(inferred, executed)]) or "equal"


def of_size(inferred: Size, executed: int | str | None, sizes: Sizes, reading: Reading) -> Verdict:
    """Of two sizes."""
    if executed is None:
        return "equal"
    number = reading(executed) if isinstance(executed, str) else executed
    ours = value_of(inferred, sizes)
    if ours is None or number is None:
        return "unknown"
    return "equal" if ours == number else "differs"


def value_of(size: Size, sizes: Sizes) -> int | None:
    """The number of a size; None if it, or one of its symbols, is not known."""
    if size is None or isinstance(size, int):
        return size
    try:
        return evaluate(size, sizes)
    except KeyError:
        return None


def learn(inferred: Inferred, executed: Value, sizes: dict[str, int]) -> None:
    """Take the symbols of an entry tensor from what it was: `Input((None, 10))` is (2, 7, 10)."""
    if isinstance(inferred, Tensor) and isinstance(executed, Executed) and inferred.shape is not None:
        bind(inferred.shape, executed.shape, sizes)


def bind(shape: Shape, executed: Sequence[int | str | None], sizes: dict[str, int]) -> None:
    """Symbols that stand alone in a shape take the executed size, unless they have one."""
    if shape is None or len(shape) != len(executed):
        return
    for ours, theirs in zip(shape, executed):
        name = symbol(ours)
        if name and isinstance(theirs, int):
            sizes.setdefault(name, theirs)


def symbol(size: Size) -> str:
    """The name of a size that is one symbol, else ""."""
    return str(size) if isinstance(size, Dim) and str(size).isidentifier() else ""


def tensors_in(value: Value) -> bool:
    """Is there a tensor in an executed value?"""
    match value:
        case Executed():
            return True
        case tuple():
            return any(map(tensors_in, value))
        case dict():
            return any(map(tensors_in, value.values()))
    return False


def inferred_text(value: Inferred, sizes: Sizes) -> str:
    """`(N, 64, H//2, W//2), here (2, 64, 32, 48)`."""
    match value:
        case Tensor(shape=None):
            return "unknown shape"
        case Tensor(shape=shape) if shape is not None:
            here = tuple(value_of(s, sizes) for s in shape)
            return show_shape(shape) + (f", here {show_shape(here)}" if here != shape else "")
        case Dim():
            return f"{value}, here {show(value_of(value, sizes))}"
        case Unknown():
            return f"unknown ({value.why})"
        case tuple():
            return f"[{'; '.join(inferred_text(item, sizes) for item in value)}]"
        case dict():
            return "{" + "; ".join(f"{key}: {inferred_text(item, sizes)}" for key, item in value.items()) + "}"
    return str(value)


def executed_text(value: Value) -> str:
    """`(2, 64, 31, 48)`."""
    match value:
        case Executed():
            inner = ", ".join("?" if s is None else str(s) for s in value.shape)
            return f"({inner},)" if len(value.shape) == 1 else f"({inner})"
        case tuple():
            return f"[{'; '.join(map(executed_text, value))}]"
        case dict():
            return "{" + "; ".join(f"{key}: {executed_text(item)}" for key, item in value.items()) + "}"
    return str(value)
