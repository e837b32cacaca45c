"""Rules about the order of axes."""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import Any

import pytest


def arc203(bad: Any, good: Any) -> None:
    """What goes in at step 0 comes out at step 0, and nowhere else."""
    torch: Any = import_module("torch")

    def moved(net: Any) -> list[int]:
        x = torch.randn(1, 6, 8)
        y = x.clone()
        y[:, 0] += 1
        difference = (net(x) - net(y)).abs().sum((0, 2))
        return [step for step, much in enumerate(difference) if much > 1e-6]

    assert moved(good.Attention()) == [0]
    assert moved(bad.Attention()) == [0, 3]


def arc209(bad: Any, good: Any) -> None:
    """PyTorch warns that it chooses, and chooses the axis that is then written."""

    torch: Any = import_module("torch")

    x = torch.randn(2, 3, 4, 4)
    wrong, right = bad.Pixels(), good.Pixels()
    right.load_state_dict(wrong.state_dict())
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        chosen = wrong(x)
    assert any("Implicit dimension choice" in str(w.message) for w in told)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert torch.equal(chosen, right(x))


def arc210(bad: Any, good: Any) -> None:
    """One sample's output depends on another's input, and its row does not sum to 1."""
    torch: Any = import_module("torch")

    x = torch.randn(3, 8)
    y = x.clone()
    y[0] += 1
    wrong, right = bad.Net(), good.Net()
    assert not torch.allclose(wrong(x)[1:], wrong(y)[1:])
    assert torch.allclose(right(x)[1:], right(y)[1:])
    assert not torch.allclose(wrong(x).sum(1), torch.ones(3))
    assert torch.allclose(right(x).sum(1), torch.ones(3))


def arc211(bad: Any, good: Any) -> None:
    """The output is 1 whatever comes in."""
    np: Any = import_module("numpy")

    x = np.random.default_rng(0).normal(size=(5, 8)).astype("float32")
    assert np.all(np.asarray(bad.model.predict(x, verbose=0)) == 1)
    assert np.ptp(np.asarray(good.model.predict(x, verbose=0))) > 0


def arc202(bad: Any, good: Any) -> None:
    """It fails for every batch but one size."""

    torch: Any = import_module("torch")

    for batch in (2, 3):
        with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
            bad.Net()(torch.zeros(batch, 1, 8, 8))
        assert good.Net()(torch.zeros(batch, 1, 8, 8)).shape == (batch, 10)
    assert bad.Net()(torch.zeros(1, 1, 8, 8)).shape == (10,)


def arc208(bad: Any, good: Any) -> None:
    """The loss of two samples is not the mean of their own losses."""
    torch: Any = import_module("torch")

    x, y = torch.randn(5, 4), torch.randn(5)
    wrong, right = bad.Regressor(), good.Regressor()
    right.load_state_dict(wrong.state_dict())
    own = torch.stack([(wrong.fc(a) - b).square().squeeze() for a, b in zip(x, y)]).mean()
    assert torch.allclose(right(x, y), own)
    assert not torch.allclose(wrong(x, y), own)
