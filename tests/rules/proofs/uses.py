"""Rules about what values are used as: names that are not there, tuples for tensors, methods left uncalled."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest


def arc130(bad: Any, good: Any) -> None:
    """float64 meets float32."""
    with pytest.raises(RuntimeError, match="same dtype"):
        bad.predict()
    assert good.predict().shape == (100, 1)


def arc420(bad: Any, good: Any) -> None:
    """The loss has no way to the weights."""
    with pytest.raises(RuntimeError, match="does not require grad"):
        bad.train()
    good.train()
    assert good.net.weight.grad is not None


def arc421(bad: Any, good: Any) -> None:
    """The keys are looked at with the first batch."""
    with pytest.raises(ValueError, match="dept"):
        bad.train()
    good.train()


def arc516(bad: Any, good: Any) -> None:
    """The weights stay trainable."""
    assert all(p.requires_grad for p in bad.backbone.parameters())
    assert not any(p.requires_grad for p in good.backbone.parameters())


def arc517(bad: Any, good: Any) -> None:
    """A bias has no fan in."""
    with pytest.raises(ValueError, match="fewer than 2 dimensions"):
        bad.Net()
    assert not good.Net().fc.bias.any()


def arc623(bad: Any, good: Any) -> None:
    """The name is looked up when the line is reached."""
    torch: Any = import_module("torch")

    with pytest.raises(AttributeError, match="fc_1"):
        bad.net(torch.rand(2, 8))
    assert good.net(torch.rand(2, 8)).shape == (2, 2)


def arc624(bad: Any, good: Any) -> None:
    """A tuple is no tensor."""
    with pytest.raises(TypeError, match="must be Tensor, not tuple"):
        bad.loss()
    assert good.loss().shape == ()


def arc625(bad: Any, good: Any) -> None:
    """A layer has no view."""
    torch: Any = import_module("torch")

    with pytest.raises(AttributeError, match="'ReLU' object has no attribute"):
        bad.Net()(torch.rand(2, 1, 28, 28))
    assert good.Net()(torch.rand(2, 1, 28, 28)).shape == (2, 10)


def arc626(bad: Any, good: Any) -> None:
    """The weights stay as they were."""
    torch: Any = import_module("torch")

    x = torch.rand(8, 4)
    for example, learns in ((bad, False), (good, True)):
        before = example.net.weight.detach().clone()
        example.train(x)
        assert torch.equal(before, example.net.weight) is not learns


def arc627(bad: Any, good: Any) -> None:
    """A module is no list of parameters."""
    with pytest.raises(TypeError):
        bad.optimizer()
    assert len(good.optimizer().param_groups[0]["params"]) == 2


def arc628(bad: Any, good: Any) -> None:
    """A path has its parts told by dots."""
    with pytest.raises(KeyError, match="contain"):
        bad.heads()
    assert list(good.heads()) == ["age_years"]
