"""Rules about which axis is the batch, the steps and the features."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest


def _moved(net: Any, x: Any, sample: int = 0) -> bool:
    """Does the output of a sample move when the others change?"""
    torch: Any = import_module("torch")
    y = x.clone()
    y[torch.arange(len(x)) != sample] += 1
    return bool((net(x)[sample] - net(y)[sample]).abs().max() > 1e-6)


def arc207(bad: Any, good: Any) -> None:
    """A batch of one has no axis any more."""
    torch: Any = import_module("torch")
    wrong, right = bad.Regressor(), good.Regressor()
    assert wrong(torch.zeros(3, 8)).shape == right(torch.zeros(3, 8)).shape == (3,)
    assert wrong(torch.zeros(1, 8)).shape == ()
    assert right(torch.zeros(1, 8)).shape == (1,)


def arc212(bad: Any, good: Any) -> None:
    """With equal values for all keys, a weighted mean gives that value."""
    torch: Any = import_module("torch")
    x = torch.randn(2, 5, 16)
    for module, mean in ((bad.Attend(), False), (good.Attend(), True)):
        torch.nn.init.zeros_(module.v.weight)
        torch.nn.init.ones_(module.v.bias)
        given = module(x)
        assert torch.allclose(given, torch.ones_like(given), atol=1e-5) is mean


def arc213(bad: Any, good: Any) -> None:
    """Three samples give six predictions."""
    torch: Any = import_module("torch")
    assert bad.Branches()(torch.zeros(3, 4)).shape == (6, 2)
    assert good.Branches()(torch.zeros(3, 4)).shape == (3, 2)


def arc214(bad: Any, good: Any) -> None:
    """One sample's output depends on the others."""
    torch: Any = import_module("torch")
    x = torch.randn(3, 5, 8)
    assert _moved(bad.Centred(), x)
    assert not _moved(good.Centred(), x)


def arc215(bad: Any, good: Any) -> None:
    """Every second channel is gone, and every column still there."""
    assert bad.model.output_shape == (None, 4, 7, 14)
    assert good.model.output_shape == (None, 8, 7, 7)


def arc216(bad: Any, good: Any) -> None:
    """One residue moves the output everywhere, instead of where the window covers it; another length fails."""
    torch: Any = import_module("torch")
    ids = torch.zeros(1, 100, dtype=torch.long)
    other = ids.clone()
    other[0, 0] = 1

    def moved(net: Any) -> int:
        return int(((net(ids) - net(other)).abs().sum(1) > 1e-6).sum())

    wrong, right = bad.Protein(), good.Protein()
    assert moved(wrong) == wrong(ids).shape[2]
    assert moved(right) == 1
    with pytest.raises(RuntimeError, match="channels"):
        wrong(ids[:, :90])
    assert right(ids[:, :90]).shape == (1, 16, 83)


def arc217(bad: Any, good: Any) -> None:
    """A row for each step of one sample, not for each sample."""
    torch: Any = import_module("torch")
    x = torch.randn(3, 5, 8)
    assert bad.Last()(x).shape == (5, 2)
    assert good.Last()(x).shape == (3, 2)
    assert not _moved(good.Last(), x)
