"""Weights that nobody trains."""

from __future__ import annotations

from typing import Any


def arc602(bad: Any, good: Any) -> None:
    """An optimizer is given none of the layers."""
    assert list(bad.Stack().parameters()) == []
    assert sum(p.numel() for p in good.Stack().parameters()) == 60


def arc605(bad: Any, good: Any) -> None:
    """No gradient reaches the layer."""
    import torch

    def untrained(net: Any) -> list[str]:
        net(torch.ones(2, 64)).sum().backward()
        return [name for name, weight in net.named_parameters() if weight.grad is None]

    assert untrained(bad.Classifier()) == ["norm.weight", "norm.bias"]
    assert untrained(good.Classifier()) == []
