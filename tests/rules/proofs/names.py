"""Words about a shape, and the shape."""

from __future__ import annotations

from typing import Any


def arc707(bad: Any, good: Any) -> None:
    """The output has the shape that the finding says, not that of the comment (None, 128, 98, 98)."""
    assert bad.model.output_shape == good.model.output_shape == (None, 98, 98, 128)
