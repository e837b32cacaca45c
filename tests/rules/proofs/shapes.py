"""What the shape rules call a defect, where no exception says so."""

from __future__ import annotations

import warnings
from typing import Any

import pytest


def arc110(bad: Any, good: Any) -> None:
    """A multiple of 4 runs, the next size fails; the fixed one takes both."""
    import torch

    for side, fits in ((64, True), (65, False)):
        picture = torch.zeros(1, 3, side, side)
        assert good.Net()(picture).shape[2:] == (side, side)
        if fits:
            bad.Net()(picture)
        else:
            with pytest.raises(RuntimeError, match="Sizes of tensors must match"):
                bad.Net()(picture)


def arc122(bad: Any, good: Any) -> None:
    """The kernel reads rows as channels: 224 of them, and the map has 2 rows and 112 columns."""
    assert bad.model.layers[0].kernel.shape == (3, 3, 224, 32)
    assert good.model.layers[0].kernel.shape == (3, 3, 3, 32)
    assert bad.model.output_shape == (None, 2, 112, 32)
    assert good.model.output_shape == (None, 112, 112, 32)


def arc123(bad: Any, good: Any) -> None:
    """Both models are the same: the argument did nothing."""
    assert bad.model.layers[-1].kernel.shape == good.model.layers[-1].kernel.shape == (5408, 50)


def arc125(bad: Any, good: Any) -> None:
    """There is no row for the last index."""
    import torch

    assert good.Positions()(torch.zeros(512, 16)).shape == (512, 16)
    with pytest.raises(IndexError, match="index out of range"):
        bad.Positions()(torch.zeros(512, 16))


def arc129(bad: Any, good: Any) -> None:
    """The last sample's output depends on the first sample."""
    import torch

    for net, leaks in ((bad.Stacked(), True), (good.Stacked(), False)):
        x = torch.randn(4, 5, 8, requires_grad=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            net(x)[3].sum().backward()
        assert x.grad is not None
        assert bool(x.grad[0].any()) is leaks
