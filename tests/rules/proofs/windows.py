"""What convolutions and pools read, and what they never do."""

from __future__ import annotations

from typing import Any


def _count(net: Any) -> int:
    return sum(p.numel() for p in net.parameters())


def arc802(bad: Any, good: Any) -> None:
    assert _count(bad.net) == 407_050
    assert _count(good.net) == 50_890


def _unread(net: Any, x: Any) -> Any:
    """Positions of the input that have no effect on any output."""
    x = x.clone().double().requires_grad_()
    net.double()(x).square().sum().backward()
    return x.grad.abs().sum(dim=(0, 1)) == 0


def arc805(bad: Any, good: Any) -> None:
    features = bad.net[:2](bad.x)
    assert features.shape[-2:] == (7, 7)
    lost = _unread(bad.net[2], features.detach().abs() + 1)
    assert lost[6].all()
    assert lost[:, 6].all()
    assert not _unread(good.net[2], features.detach().abs() + 1)[6].all()


def arc806(bad: Any, good: Any) -> None:
    assert _unread(bad.net, bad.x).double().mean() == 0.75
    assert not _unread(good.net, good.x).any()


def _idle(net: Any, x: Any) -> int:
    """Weights that get no gradient."""
    weight = net[1].weight
    net(x).square().sum().backward()
    return int((weight.grad == 0).sum())


def arc808(bad: Any, good: Any) -> None:
    assert _idle(bad.net, bad.x) == 2048
    assert _idle(good.net, good.x) == 0


def _contributions(net: Any, x: Any) -> set[float]:
    """How many windows each position of the output is a sum of, away from the border."""
    net.weight.data.fill_(1.0 / x.shape[1])
    net.bias.data.zero_()
    painted = net(x.new_ones(x.shape))[:, :, 4:-4, 4:-4]
    return {round(float(v), 3) for v in painted.unique()}


def arc810(bad: Any, good: Any) -> None:
    assert _contributions(bad.net, bad.x) == {1.0, 2.0, 4.0}
    assert _contributions(good.net, good.x) == {4.0}


def arc811(bad: Any, good: Any) -> None:
    import numpy as np

    good.model.set_weights(bad.model.get_weights())
    x = np.random.default_rng(0).random((2, 8, 8, 3), dtype="float32")
    assert np.array_equal(bad.model.predict(x, verbose=0), good.model.predict(x, verbose=0))
