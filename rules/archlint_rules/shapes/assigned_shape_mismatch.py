"""ARC132: a tensor that is written to a place of another shape."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import FileFacts, Finding, rule, show_shape
from archlint_rules.wiring.places import text_at, unguarded


@rule("ARC132", "assigned-shape-mismatch", severity="error", category="shapes", scope="file")
def assigned_shape_mismatch(facts: FileFacts) -> Iterator[Finding]:
    """`pe[:, 1::2] = torch.cos(angles)` with an odd number of columns."""
    for slip in unguarded(facts, "does not fit place"):
        room, given = slip.numbers
        yield Finding(
            slip.span,
            f"`{text_at(facts, slip.span)}` is {show_shape(room)}, and {show_shape(given)} is written to it",
            label=f"a place for {show_shape(room)}",
            help="write what has the shape of the place"
            + (": cut the last axis to its size" if narrower(room, given) else ""),
        )


def narrower(room: tuple[object, ...], given: tuple[object, ...]) -> bool:
    """Is only the last axis too long?"""
    same = len(room) == len(given) > 0 and room[:-1] == given[:-1]
    return same and isinstance(room[-1], int) and isinstance(given[-1], int) and room[-1] < given[-1]
