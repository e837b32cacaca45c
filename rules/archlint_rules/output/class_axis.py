"""Where the classes are: torch's losses read them on axis 1."""

from __future__ import annotations

from archlint.rule import Shape, proven_different, proven_equal


def classes_last(scores: Shape, labels: Shape) -> bool:
    """Do labels `(N, T)` say that scores `(N, T, K)` have their classes on the last axis?"""
    if scores is None or labels is None or len(scores) < 3 or len(labels) != len(scores) - 1:
        return False
    return all(proven_equal(a, b) for a, b in zip(labels, scores[:-1])) and any(
        proven_different(a, b) for a, b in zip(labels, scores[:1] + scores[2:])
    )
