"""A symbolic run of the framework: its formulas at sizes that its own guards allow, where ours must agree."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product

from archlint.dims import Dim
from archlint.interp.targeted import Traced
from archlint.run.agreement import Reading, Sizes, symbol, value_of
from archlint.run.formulas import all_hold, size_at
from archlint.run.records import Attempt, Run
from archlint.text import Span
from archlint.values import Shape

POINTS = 3
_TRIED = 20
_STEPS = (0, 1, 2, 3, 8, 16, 32, 33, 64)
"""Added to the sizes of the first run, so that remainders of halving and patching differ."""


def points(run: Run, attempt: Attempt | None, traced: Traced) -> Iterator[tuple[Sizes, Reading, str]]:
    """Our symbols, the framework's sizes, and a note on the point, for a few points that every guard allows."""
    if attempt is None:
        return
    theirs = _symbols(run, attempt)
    found = 0
    for values in _candidates(theirs):
        if found == POINTS:
            return
        if all_hold(run.guards, values):
            found += 1
            ours = _ours(run, traced.entries, values)
            at = ", ".join(f"{name}={value}" for name, value in ours.items())
            yield ours, _reading(values), f"by the framework's own formula, at {at}"


@dataclass(frozen=True, slots=True)
class Condition:
    """A layer that takes one number of features only: do its framework and we let the same input sizes through?"""

    span: Span
    features: str
    guard: str
    agrees: bool
    point: str


def conditions(run: Run, attempt: Attempt | None, traced: Traced) -> Iterator[Condition]:
    """Guards like `Eq(12*((s44//4))*((s73//4)), 768)` against the size that we infer before `nn.Linear(768, …)`.

    Held at sizes that pass and at sizes that do not: the formulas themselves are compared where every guard holds.
    """
    if attempt is None or run.strategy != "symbolic":
        return
    start = _symbols(run, attempt)
    for node in (node for model in traced.models for node in model.family("dense")):
        wanted, features = node.args.get("in_features"), node.inputs[0].features if node.inputs else None
        if not isinstance(wanted, int) or not isinstance(features, Dim) or node.branch:
            continue
        for guard in run.guards:
            if not re.fullmatch(rf"Eq\((.*), {wanted}\)|Eq\({wanted}, (.*)\)", guard):
                continue
            told = _condition(run, traced, start, guard, features, wanted)
            if told is not None:
                yield Condition(node.span, str(features), guard, *told)


def _condition(
    run: Run, traced: Traced, start: Mapping[str, int], guard: str, features: Dim, wanted: int
) -> tuple[bool, str] | None:
    """Whether both say the same at every point, and the last point; None where nothing can be told."""
    at = None
    for values in islice(_candidates(start), _TRIED):
        ours, theirs = value_of(features, _ours(run, traced.entries, values)), all_hold((guard,), values)
        if ours is None or theirs is None:
            return None
        at = ", ".join(f"{name}={value}" for name, value in _ours(run, traced.entries, values).items())
        if (ours == wanted) != theirs:
            return False, at
    return None if at is None else (True, at)


def _symbols(run: Run, attempt: Attempt) -> dict[str, int]:
    """The framework's symbols with the sizes that they had in the first run."""
    found: dict[str, int] = {}
    for shape, tensor in zip(run.shapes, attempt.tensors):
        for size, number_then in zip(shape, tensor.shape):
            if isinstance(size, str) and number_then is not None:
                found.setdefault(size, number_then)
    return found


def _candidates(start: Mapping[str, int]) -> Iterator[dict[str, int]]:
    """All symbols moved together first, then one by one, then in all combinations of a few steps."""
    names = list(start)
    seen: set[tuple[int, ...]] = set()
    steps: list[Sequence[int]] = [(step,) * len(names) for step in _STEPS]
    steps += [
        tuple(step if i == place else 0 for i in range(len(names))) for place in range(len(names)) for step in _STEPS
    ]
    steps += list(product((0, 1, 32), repeat=min(len(names), 4)))
    for step in steps:
        moved = tuple(start[name] + more for name, more in zip(names, step))
        if len(moved) == len(names) and moved not in seen:
            seen.add(moved)
            yield dict(zip(names, moved))


def _ours(run: Run, entries: Sequence[tuple[str, Shape]], values: Mapping[str, int]) -> dict[str, int]:
    found: dict[str, int] = {}
    for (_, shape), executed in zip(entries, run.shapes):
        for ours, theirs in zip(shape or (), executed):
            name = symbol(ours)
            value = values.get(theirs) if isinstance(theirs, str) else theirs
            if name and value is not None:
                found.setdefault(name, value)
    return found


def _reading(values: Mapping[str, int]) -> Reading:
    known: dict[str, int | None] = {}

    def read(text: str) -> int | None:
        if text not in known:
            known[text] = size_at(text, values)
        return known[text]

    return read
