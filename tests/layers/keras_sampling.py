"""Random shapes and arguments, mostly valid."""

from __future__ import annotations

import random
from typing import Any

from differential import Shape

Rng = random.Random


def maybe(rng: Rng, value: Any, otherwise: Any, chance: float = 0.2) -> Any:
    """`value`, or rarely `otherwise`."""
    return otherwise if rng.random() < chance else value


def shape(rng: Rng, n: int, channels: int | None = None, low: int = 1, high: int = 17) -> Shape:
    """Batch, `n` axes and channels; some open."""
    batch = maybe(rng, None, rng.choice([2, 3]))
    space = [maybe(rng, rng.randint(low, high), None, 0.1) for _ in range(n)]
    last = rng.choice([1, 2, 3, 4, 6, 8]) if channels is None else channels
    return (batch, *space, maybe(rng, last, None, 0.04))


def bent(rng: Rng, made: Shape) -> Shape:
    """The shape, rarely with an axis too few or too many."""
    roll = rng.random()
    return made[:-1] if roll < 0.04 and len(made) > 1 else (*made, 3) if roll > 0.97 else made


def some(rng: Rng, **chances: list[Any]) -> dict[str, Any]:
    """Each keyword in half of the cases, with one of its values."""
    return {name: rng.choice(values) for name, values in chances.items() if rng.random() < 0.5}


def per_axis(rng: Rng, n: int, values: list[int]) -> Any:
    """One number, or one per axis, rarely a wrong count."""
    if rng.random() < 0.7:
        return rng.choice(values)
    return [rng.choice(values) for _ in range(n if rng.random() < 0.93 else n + 1)]


def similar(rng: Rng, made: Shape, chance: float) -> Shape:
    """The shape with some sizes made 1, open or different, or an axis dropped."""
    found = [rng.choice([1, None, s, (s or 4) + 1]) if rng.random() < chance else s for s in made[1:]]
    batch = maybe(rng, made[0], rng.choice([None, 2]), 0.1)
    return (batch, *(found[1:] if rng.random() < 0.1 and len(found) > 1 else found))
