"""Layers that are computed and not used, and tensors that change under those who use them."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest


def _untrained(net: Any, *inputs: Any) -> list[str]:
    """The weights that get no gradient."""
    net(*inputs).sum().backward()
    return [name for name, weight in net.named_parameters() if weight.grad is None]


def arc606(bad: Any, good: Any) -> None:
    """No gradient reaches the norm."""
    torch: Any = import_module("torch")

    assert _untrained(bad.Classifier(), torch.randn(3, 4)) == ["norm.weight", "norm.bias"]
    assert _untrained(good.Classifier(), torch.randn(3, 4)) == []


def arc609(bad: Any, good: Any) -> None:
    """No gradient reaches the sibling."""
    torch: Any = import_module("torch")

    assert _untrained(bad.Net(), torch.randn(3, 4)) == ["fc2.weight", "fc2.bias"]
    assert _untrained(good.Net(), torch.randn(3, 4)) == []


def arc610(bad: Any, good: Any) -> None:
    """No gradient reaches any layer but the last."""
    torch: Any = import_module("torch")

    names = [f"layers.{n}.{weight}" for n in range(2) for weight in ("weight", "bias")]
    assert _untrained(bad.Stack(), torch.randn(3, 4)) == names
    assert _untrained(good.Stack(), torch.randn(3, 4)) == []


def arc611(bad: Any, good: Any) -> None:
    """Keras refuses to build the model."""
    with pytest.raises(ValueError, match="not connected"):
        bad.build()
    assert good.build().output_shape == (None, 2)


def arc612(bad: Any, good: Any) -> None:
    """Another age changes nothing."""
    np: Any = import_module("numpy")

    picture, age = np.ones((1, 32), "float32"), np.ones((1, 4), "float32")

    def moved(model: Any) -> bool:
        before, after = (np.asarray(model([picture, a]).detach()) for a in (age, age + 1))
        return not np.allclose(before, after)

    assert not moved(bad.model)
    assert moved(good.model)


def arc613(bad: Any, good: Any) -> None:
    """The model does not have the layer."""

    def kinds(model: Any) -> list[str]:
        return [type(layer).__name__ for layer in model.layers]

    assert "Dropout" not in kinds(bad.model)
    assert "Dropout" in kinds(good.model)


def arc616(bad: Any, good: Any) -> None:
    """The skip carries relu(x), and the caller's tensor changes."""
    torch: Any = import_module("torch")

    x = torch.randn(2, 3, 4, 4)
    wrong, right = bad.Residual(), good.Residual()
    right.load_state_dict(wrong.state_dict())
    given = x.clone()
    out = right(given)
    assert torch.equal(given, x)
    assert torch.allclose(out, right.branch(x) + x)
    assert torch.allclose(wrong(given), right.branch(x) + x.relu())
    assert torch.equal(given, x.relu())


def arc617(bad: Any, good: Any) -> None:
    """The backward pass raises."""
    torch: Any = import_module("torch")

    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        bad.Gate()(torch.randn(2, 4)).sum().backward()
    assert _untrained(good.Gate(), torch.randn(2, 4)) == []
