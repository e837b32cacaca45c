"""Rules about recurrent and attention layers."""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import Any


def others_moved(net: Any, x: Any, change: Any) -> bool:
    """Does another first sample move the outputs of the other samples?"""
    torch: Any = import_module("torch")

    net.eval()
    with torch.no_grad():
        return not torch.allclose(net(x)[1:], net(change(x.clone()))[1:], atol=1e-6)


def add_to_first(x: Any) -> Any:
    x[0] += 1
    return x


def arc302(bad: Any, good: Any) -> None:
    """A sample's output depends on those before it in the batch."""
    torch: Any = import_module("torch")

    x = torch.randn(5, 1, 8, 8)
    assert others_moved(bad.Net(), x, add_to_first)
    assert not others_moved(good.Net(), x, add_to_first)


def arc303(bad: Any, good: Any) -> None:
    """Other words in one text change what comes out for the others."""
    torch: Any = import_module("torch")

    ids = torch.randint(1, 50, (4, 7))

    def other_words(x: Any) -> Any:
        x[0] = 0
        return x

    assert others_moved(bad.Tagger(), ids, other_words)
    assert not others_moved(good.Tagger(), ids, other_words)


def arc306(bad: Any, good: Any) -> None:
    """Rows hold states of other samples; with the axes put right they are the two directions of their own."""
    torch: Any = import_module("torch")

    x = torch.randn(5, 3, 4)
    assert others_moved(bad.Net(), x, add_to_first)
    assert not others_moved(good.Net(), x, add_to_first)


def arc307(bad: Any, good: Any) -> None:
    """The backward half of what is used does not move with the first step; that of the final state does."""
    torch: Any = import_module("torch")

    x = torch.randn(2, 6, 4)
    y = x.clone()
    y[:, 0] += 1

    def backward_moves(net: Any) -> bool:
        seen: list[Any] = []
        net.out.register_forward_pre_hook(lambda module, given: seen.append(given[0][:, 8:]))
        with torch.no_grad():
            net(x), net(y)
        return not torch.allclose(seen[0], seen[1])

    assert not backward_moves(bad.Net())
    assert backward_moves(good.Net())


def arc308(bad: Any, good: Any) -> None:
    """PyTorch says itself that it is not applied, and two passes are equal."""
    torch: Any = import_module("torch")

    x = torch.randn(5, 2, 3)
    assert torch.equal(bad.encoder(x)[0], bad.encoder(x)[0])
    assert not torch.equal(good.encoder(x)[0], good.encoder(x)[0])
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        torch.nn.LSTM(3, 4, dropout=0.5)
    assert any("dropout option adds dropout after all but last" in str(w.message) for w in told)


def arc310(bad: Any, good: Any) -> None:
    """Outputs change when samples change places, and steps that change places are not noticed."""
    torch: Any = import_module("torch")

    x, order = torch.randn(4, 6, 8), torch.tensor([1, 0, 3, 2])
    steps = torch.tensor([5, 4, 3, 2, 1, 0])

    def keeps(net: Any, axis: int, places: Any) -> bool:
        with torch.no_grad():
            moved = net(x.index_select(axis, places))
            return bool(torch.allclose(moved, net(x).index_select(axis, places), atol=1e-6))

    assert (keeps(bad.Net(), 0, order), keeps(bad.Net(), 1, steps)) == (False, True)
    assert (keeps(good.Net(), 0, order), keeps(good.Net(), 1, steps)) == (True, False)


def arc311(bad: Any, good: Any) -> None:
    """The recurrent kernel has no part in the output."""
    np: Any = import_module("numpy")

    x = np.random.default_rng(0).normal(size=(3, 30)).astype("float32")

    def matters(model: Any) -> bool:
        before = np.asarray(model.predict(x, verbose=0))
        lstm = model.layers[-1]
        kernel, recurrent, bias = lstm.get_weights()
        lstm.set_weights([kernel, recurrent * 2, bias])
        return not np.allclose(before, np.asarray(model.predict(x, verbose=0)))

    assert not matters(bad.model)
    assert matters(good.model)


def arc312(bad: Any, good: Any) -> None:
    """What stands behind a text moves its output only where the mask is lost."""
    np: Any = import_module("numpy")

    short = np.array([[3, 4, 5, 0, 0, 0, 0, 0, 0]])

    def padding_counts(model: Any) -> bool:
        before = np.asarray(model.predict(short, verbose=0))
        embedding = model.layers[0]
        weights = embedding.get_weights()[0]
        weights[0] += 1  # the vector of the padding
        embedding.set_weights([weights])
        return not np.allclose(before, np.asarray(model.predict(short, verbose=0)))

    assert padding_counts(bad.model)
    assert not padding_counts(good.model)


def arc313(bad: Any, good: Any) -> None:
    """The loss is the mean over all steps against one label."""
    np: Any = import_module("numpy")

    def shapes(names: Any) -> tuple[Any, float, float]:
        out = np.asarray(names.model.predict(names.x, verbose=0))
        label = names.y.reshape(-1, *(1,) * (out.ndim - 1))
        told = names.model.evaluate(names.x, names.y, verbose=0)
        return out.shape, float(told), float(np.square(out - label).mean())

    shape, told, every_step = shapes(bad)
    assert shape == (4, 6, 1)
    assert np.isclose(told, every_step, rtol=1e-3)
    assert shapes(good)[0] == (4, 1)
