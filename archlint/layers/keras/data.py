"""What data a Keras model takes: its input's shape behind the batch axis, give or take a last axis of 1."""

from __future__ import annotations

from archlint.dims import Size, proven_different, proven_equal, show
from archlint.layers.spec import Fault
from archlint.values import Shape


def input_fault(expected: Shape, given: Shape, functional: bool) -> Fault | None:
    """Why an array cannot be the input; None if it can, or may.

    A functional model holds every axis against its `Input`; of a Sequential only the number of axes counts, and
    after that its layers decide.
    """
    if expected is None or given is None or not expected:
        return None
    if not _rank_fits(expected, given):
        text = f"{len(given)} axes where {len(expected)} are needed"
        return Fault("rank", "x", text, expected, given)
    if not functional or (given and not proven_different(given[-1], 1) and not proven_equal(given[-1], 1)):
        return None
    for axis, (a, b) in enumerate(zip(_stripped(expected)[1:], _stripped(given)[1:]), 1):
        if proven_different(a, b):
            return Fault("merge", "x", f"axis {axis} is {show(b)} where {show(a)} is needed", expected, given, axis)
    return None


def _rank_fits(expected: tuple[Size, ...], given: tuple[Size, ...]) -> bool:
    """One axis more is dropped, and one less is added, where it is a last axis of 1."""
    if len(given) == len(expected):
        return True
    if len(given) == len(expected) + 1:
        return not proven_different(given[-1], 1)
    return len(given) == len(expected) - 1 and not proven_different(expected[-1], 1)


def _stripped(shape: tuple[Size, ...]) -> tuple[Size, ...]:
    """Keras compares sizes without a last axis of 1 on either side."""
    return shape[:-1] if shape and proven_equal(shape[-1], 1) else shape


def as_taken(expected: Shape, given: Shape) -> Shape:
    """The shape in which the array reaches the first layer."""
    if expected is None or given is None or len(expected) == len(given):
        return given
    if len(given) == len(expected) + 1:
        return given[:-1]
    return (*given, 1) if len(given) == len(expected) - 1 else given
