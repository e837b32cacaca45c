"""Rules about modes, dropout, normalisation and initial weights."""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import Any

import pytest


def arc501(bad: Any, good: Any) -> None:
    """Two passes in eval() differ."""
    torch: Any = import_module("torch")

    x = torch.randn(4, 8)
    wrong, right = bad.Net().eval(), good.Net().eval()
    assert not torch.equal(wrong(x), wrong(x))
    assert torch.equal(right(x), right(x))


def arc502(bad: Any, good: Any) -> None:
    """There is no random operation before the output."""
    assert bad.output.op.type == "Identity"
    assert good.output.op.type != "Identity"
    assert not random_operations(bad.output)
    assert random_operations(good.output)


def arc503(bad: Any, good: Any) -> None:
    """Built for evaluation, the output depends on random numbers."""
    assert random_operations(bad.output)
    assert not random_operations(good.output)


def random_operations(tensor: Any) -> list[str]:
    """The types of all random operations that a tensor of TensorFlow 1 depends on, initial values left out."""
    seen: set[str] = set()
    todo, found = [tensor.op], []
    while todo:
        op = todo.pop()
        if op.name not in seen:
            seen.add(op.name)
            found += [op.type] if "Random" in op.type else []
            todo += [] if op.type == "VarHandleOp" else [t.op for t in op.inputs]
    return found


def arc504(bad: Any, good: Any) -> None:
    """The share of zeroes is the one that was to be kept."""
    torch: Any = import_module("torch")

    ones = torch.ones(10_000)
    assert 0.88 < (bad.net[1](ones) == 0).float().mean() < 0.92
    assert 0.08 < (good.net[1](ones) == 0).float().mean() < 0.12


def arc505(bad: Any, good: Any) -> None:
    """Nothing before a rate of 1 gets a gradient."""
    torch: Any = import_module("torch")

    x = torch.randn(4, 8)
    for page, learns in ((bad, False), (good, True)):
        page.net(x).sum().backward()
        assert bool(page.net[0].weight.grad.any()) is learns


def arc506(bad: Any, good: Any) -> None:
    """PyTorch warns, and whole steps go."""
    torch: Any = import_module("torch")

    x = torch.ones(64, 5, 8)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        gone = bad.net[1](x) == 0
    assert any("dropout2d" in str(w.message) for w in told)
    assert torch.equal(gone.any(2), gone.all(2))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        gone = good.net[1](x) == 0
    assert not torch.equal(gone.any(2), gone.all(2))


def arc507(bad: Any, good: Any) -> None:
    """The biases get no gradient to speak of; without them the output is the same."""
    torch: Any = import_module("torch")

    x = torch.randn(4, 3, 12, 12)
    weights = {k: v for k, v in bad.net.state_dict().items() if k not in ("0.bias", "3.bias")}
    good.net.load_state_dict(weights)
    y = bad.net(x)
    (y * torch.randn_like(y)).sum().backward()
    for layer in (bad.net[0], bad.net[3]):
        assert layer.bias.grad.abs().max() < 1e-4 * layer.weight.grad.abs().max()
    assert torch.allclose(y, good.net(x), atol=1e-4)


def arc508(bad: Any, good: Any) -> None:
    """In evaluation the variance of the output is smaller than in training."""
    torch: Any = import_module("torch")

    x = torch.randn(4000, 8)
    shrinks = []
    for page in (bad, good):
        for _ in range(60):
            page.net(x)
        norm = next(m for m in page.net if isinstance(m, torch.nn.BatchNorm1d))
        outputs: list[Any] = []
        norm.register_forward_hook(lambda _, __, out, outputs=outputs: outputs.append(out.var(0).mean().item()))
        page.net.eval()(x)
        shrinks.append(outputs[0])
    assert shrinks[0] < 0.75
    assert shrinks[1] == pytest.approx(1, abs=0.05)


def arc509(bad: Any, good: Any) -> None:
    """A batch of one fails in train()."""
    torch: Any = import_module("torch")

    x = torch.randn(1, 3, 8, 8)
    assert bad.net(torch.randn(2, 3, 8, 8)).shape == (2, 8, 1, 1)
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        bad.net(x)
    assert good.net(x).shape == (1, 8, 1, 1)


def arc510(bad: Any, good: Any) -> None:
    """Outputs that are normalised in training are not in evaluation."""
    torch: Any = import_module("torch")

    x = 3 + 5 * torch.randn(64, 3, 12, 12)
    off = []
    for net in (bad.Net(), good.Net()):
        for _ in range(80):
            net(x)
        off.append((net.eval()(x).var((0, 2, 3)) - 1).abs().max().item())
    assert off[0] > 0.3
    assert off[1] < 0.1


def arc511(bad: Any, good: Any) -> None:
    """The scales are those of positions, and other lengths fail."""
    torch: Any = import_module("torch")

    ids = torch.zeros(2, 30, dtype=torch.long)
    assert bad.Words().norm.weight.shape == (50,)
    with pytest.raises(RuntimeError):
        bad.Words()(ids)
    assert good.Words().norm.weight.shape == (16,)
    assert good.Words()(ids).shape == (2, 30, 16)


def arc512(bad: Any, good: Any) -> None:
    """After some steps all units are what they were, and the same."""
    np: Any = import_module("numpy")

    random = np.random.default_rng(0)
    x, y = random.normal(size=(32, 8)).astype("float32"), random.normal(size=(32, 1)).astype("float32")
    for page, learns in ((bad, False), (good, True)):
        page.model.compile(optimizer="sgd", loss="mse")
        before = np.array(page.model.layers[0].get_weights()[0])
        page.model.fit(x, y, epochs=2, verbose=0)
        after = np.array(page.model.layers[0].get_weights()[0])
        assert bool(np.any(before != after)) is learns
        assert bool(np.ptp(after, axis=1).any()) is learns


def arc513(bad: Any, good: Any) -> None:
    """The first layer multiplies the size of its inputs by twenty or more."""
    np: Any = import_module("numpy")
    keras: Any = import_module("keras")

    x = np.random.default_rng(0).normal(size=(200, 784)).astype("float32")
    for page, grows in ((bad, True), (good, False)):
        hidden = np.asarray(keras.ops.convert_to_numpy(page.model.layers[0](x)))
        assert bool(hidden.std() > 10) is grows


def arc514(bad: Any, good: Any) -> None:
    """The moving mean is where it started after a step."""
    np: Any = import_module("numpy")
    tf: Any = import_module("tensorflow").compat.v1

    x = 5 + np.random.default_rng(0).normal(size=(32, 10))
    for page, moves in ((bad, False), (good, True)):
        graph = page.x.graph
        with graph.as_default(), tf.Session(graph=graph) as session:
            mean = next(v for v in tf.global_variables() if "moving_mean" in v.name)
            session.run(tf.global_variables_initializer())
            session.run(page.train, {page.x: x})
            assert bool(np.any(session.run(mean))) is moves
