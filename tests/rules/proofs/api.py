"""Arguments that mean something else than they did."""

from __future__ import annotations

from typing import Any

NOTHING_TO_RUN = {
    "ARC907": "takes two packages of Keras side by side, one of them on a TensorFlow of its time",
}


def arc903(bad: Any, good: Any) -> None:
    """The maps have a third of the size."""
    assert bad.model.output_shape == (None, 10, 10, 64)
    assert good.model.output_shape == (None, 30, 30, 64)
