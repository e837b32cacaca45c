"""Words about a shape, and the shape."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest


def arc707(bad: Any, good: Any) -> None:
    """The output has the shape that the finding says, not that of the comment (None, 128, 98, 98)."""
    assert bad.model.output_shape == good.model.output_shape == (None, 98, 98, 128)


def arc705(bad: Any, good: Any) -> None:
    """What is called logits sums to 1 in each row; logits do not."""
    torch = import_module("torch")
    x, ones = torch.randn(4, 8), torch.ones(4)
    assert torch.allclose(bad.Classifier()(x).sum(1), ones)
    net = good.Classifier()
    assert torch.allclose(net(x).sum(1), ones)
    assert not torch.allclose(net.head(x).sum(1), ones)


def arc709(bad: Any, good: Any) -> None:
    """The type checker raises on every call."""
    torch, checks = import_module("torch"), import_module("jaxtyping")
    image = torch.zeros(2, 3, 8, 8)
    with pytest.raises(checks.TypeCheckError):
        bad.Encoder()(image)
    assert good.Encoder()(image).shape == (2, 10)


def arc703(bad: Any, good: Any) -> None:
    """What is called conv1 is a fully connected layer, and in checkpoints, too."""
    linear = import_module("torch.nn").Linear
    assert isinstance(bad.Net().conv1, linear)
    assert list(bad.Net().state_dict()) == ["conv1.weight", "conv1.bias"]
    assert isinstance(good.Net().fc1, linear)
