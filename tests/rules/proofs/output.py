"""What outputs, activations and losses do to training: ARC4xx."""

from __future__ import annotations

import math
from typing import Any

import pytest

NOTHING_TO_RUN: dict[str, str] = {}


def arc401(bad: Any, good: Any) -> None:
    """The best that a model can say has a loss above 0; scores have none."""
    torch = pytest.importorskip("torch")
    label = torch.zeros(1, dtype=torch.long)
    sure = 1e4 * torch.eye(10)[:1]
    assert bad.criterion(bad.net[1](sure), label).item() == pytest.approx(math.log(1 + 9 / math.e), abs=1e-4)
    assert good.criterion(sure, label).item() == pytest.approx(0)
    assert len(good.net) == 1


def arc403(bad: Any, good: Any) -> None:
    """A likelihood below 0, and one that is 0 at best."""
    assert -1 <= bad.loss.item() < 0
    assert good.loss.item() > 0


def arc404(bad: Any, good: Any) -> None:
    """Outputs outside of [0, 1], and probabilities."""
    numpy = pytest.importorskip("numpy")
    data = 10 * numpy.random.default_rng(0).normal(size=(64, 8))
    raw, fine = bad.model.predict(data, verbose=0), good.model.predict(data, verbose=0)
    assert raw.min() < 0
    assert raw.max() > 1
    assert fine.sum(axis=-1) == pytest.approx(1, abs=1e-4)


def arc405(bad: Any, good: Any) -> None:
    """However sure the model is, the loss stays."""
    torch = pytest.importorskip("torch")
    sure, yes = torch.full((1, 1), 1e4), torch.ones(1, 1)
    assert bad.criterion(bad.net[1](sure), yes).item() == pytest.approx(0.3133, abs=1e-3)
    assert bad.criterion(bad.net[1](-sure), 0 * yes).item() == pytest.approx(math.log(2), abs=1e-3)
    assert good.criterion(sure, yes).item() == pytest.approx(0)


def arc407(bad: Any, good: Any) -> None:
    """No loss and no gradient."""
    for example, learns in ((bad, False), (good, True)):
        example.loss.backward()
        assert (example.loss.item() > 0) is learns
        assert bool(example.net[0].weight.grad.abs().sum() > 0) is learns


def arc408(bad: Any, good: Any) -> None:
    """The least score is 0; with plain scores it is below."""
    assert bad.scores.min().item() == 0
    assert good.scores.min().item() < 0


def arc409(bad: Any, good: Any) -> None:
    """The last operation is a ReLU, which nobody wrote."""
    assert bad.output.op.type == "Relu"
    assert good.output.op.type != "Relu"


def arc410(bad: Any, good: Any) -> None:
    """The classes' probabilities do not add up to 1."""
    numpy = pytest.importorskip("numpy")
    data = numpy.random.default_rng(0).normal(size=(16, 8))
    assert abs(bad.model.predict(data, verbose=0).sum(axis=-1) - 1).max() > 0.01
    assert good.model.predict(data, verbose=0).sum(axis=-1) == pytest.approx(1, abs=1e-4)


def arc416(bad: Any, good: Any) -> None:
    """f(a + b) + f(0) is f(a) + f(b) for one of them."""
    torch = pytest.importorskip("torch")
    a, b = torch.randn(2, 8, 64)
    for example, linear in ((bad, True), (good, False)):
        f = example.net.eval()
        assert bool(torch.allclose(f(a + b) + f(0 * a), f(a) + f(b), atol=1e-4)) is linear


def arc419(bad: Any, good: Any) -> None:
    """-inf and a gradient that is nan where the scores are far apart."""
    torch = pytest.importorskip("torch")
    for example, finite in ((bad, False), (good, True)):
        net = example.Net()
        with torch.no_grad():
            net.out.weight.copy_(torch.tensor([[0.0, 0.0], [200.0, 0.0]]))
        logs = net(torch.ones(1, 2))
        (logs * torch.tensor([[1.0, 0.0]])).sum().backward()
        assert bool(torch.isfinite(logs).all()) is finite
        assert bool(torch.isfinite(net.out.weight.grad).all()) is finite


def arc406(bad: Any, good: Any) -> None:
    """A score outside of [0, 1] raises."""
    with pytest.raises(RuntimeError, match="between 0 and 1"):
        bad.step()
    assert math.isfinite(good.step().item())


def arc412(bad: Any, good: Any) -> None:
    """PyTorch refuses labels for time steps where it reads classes."""
    with pytest.raises((RuntimeError, ValueError), match="Expected target size"):
        bad.step()
    assert good.step().item() > 0


def arc413(bad: Any, good: Any) -> None:
    """Ten classes: none can get more than e / (e + 9)."""
    numpy = pytest.importorskip("numpy")
    data = 100 * numpy.random.default_rng(0).normal(size=(64, 8))
    assert bad.model.predict(data, verbose=0).max() <= math.e / (math.e + 9) + 1e-4
    assert good.model.predict(data, verbose=0).max() > 0.9


def arc414(bad: Any, good: Any) -> None:
    """Some of the outputs are 0 while training."""
    torch = pytest.importorskip("torch")
    x = torch.randn(64, 20)
    assert bool((bad.net(x) == 0).any())
    assert not bool((good.net(x) == 0).any())


def arc417(bad: Any, good: Any) -> None:
    """The first layer gets no gradient."""
    torch = pytest.importorskip("torch")
    for example, learns in ((bad, False), (good, True)):
        net = example.Net()
        net(torch.randn(16, 4)).sum().backward()
        assert bool(net.a.weight.grad.abs().sum() > 0) is learns
        assert bool(net.b.weight.grad.abs().sum() > 0)
