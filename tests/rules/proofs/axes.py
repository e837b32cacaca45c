"""Rows that are not samples, steps that read each other, a label for every position."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def arc201(bad: Any, good: Any) -> None:
    """Four pictures come out as sixteen rows."""
    import torch

    pictures = torch.zeros(4, 3, 8, 8)
    assert bad.Net()(pictures).shape == (16, 2)
    assert good.Net()(pictures).shape == (4, 2)


def arc204(bad: Any, good: Any) -> None:
    """The first step's output moves with the last step's input."""
    np: Any = import_module("numpy")
    before = np.zeros((1, 4, 3), "float32")
    after = before.copy()
    after[0, -1] = 1.0

    def moved(model: Any) -> bool:
        first = [model.predict(x, verbose=0)[0, 0] for x in (before, after)]
        return not np.array_equal(*first)

    assert moved(bad.model)
    assert not moved(good.model)


def arc206(bad: Any, good: Any) -> None:
    """One picture, 169 predictions."""
    np: Any = import_module("numpy")
    picture = np.zeros((1, 28, 28, 1), "float32")
    assert bad.model.predict(picture, verbose=0).shape == (1, 13, 13, 10)
    assert good.model.predict(picture, verbose=0).shape == (1, 10)
