"""Layers without the activation of those beside them are the one map that the message names, when they are executed."""

from __future__ import annotations

import re
from typing import Any

import pytest

from archlint.check import check_texts
from archlint.plugins import load

load("archlint_rules")

BLOCK = """import torch.nn as nn

net = nn.Sequential(
    nn.Conv2d(3, 8, 3),
    nn.BatchNorm2d(8),{between}
    nn.Conv2d(8, 8, 3),
    nn.BatchNorm2d(8),
    nn.ReLU(),
)
"""


def messages(source: str) -> list[str]:
    """What the rule says of a program."""
    return [d.finding.message for d in check_texts({"model.py": source}).diagnostics if d.code == "ARC416"]


def executed(source: str) -> Any:
    """The block without its last two layers, evaluated after it has seen a batch."""
    torch = pytest.importorskip("torch", exc_type=ImportError)
    names: dict[str, Any] = {}
    exec(source, names)
    torch.manual_seed(0)
    names["net"](torch.randn(8, 3, 16, 16))
    return names["net"][:-2].eval()


def nonlinearity(net: Any) -> float:
    """How far the block is from an affine map: f(a) + f(b) - f(0) against f(a + b)."""
    torch = pytest.importorskip("torch", exc_type=ImportError)
    a, b = torch.randn(2, 1, 3, 16, 16)
    with torch.no_grad():
        return float((net(a) + net(b) - net(0 * a) - net(a + b)).abs().max())


@pytest.mark.parametrize("between", ["", "\n    nn.Dropout(0.2),"])
def test_a_block_without_its_activation_is_affine_and_as_wide_as_the_message_says(between: str) -> None:
    source = BLOCK.format(between=between)
    (message,) = messages(source)
    found = re.search(r"one (\d)x(\d) convolution from 3 to 8 \((\d+) weights, they have (\d+) parameters\)", message)
    assert found is not None
    net = executed(source)
    torch = pytest.importorskip("torch", exc_type=ImportError)
    assert nonlinearity(net) < 1e-4
    dot = torch.zeros(1, 3, 15, 15)
    dot[..., 7, 7] = 1
    with torch.no_grad():
        seen = ((net(dot) - net(0 * dot)).abs() > 1e-6).any(dim=1)[0].nonzero()
    high, wide = (seen.max(dim=0).values - seen.min(dim=0).values + 1).tolist()
    assert (high, wide) == (int(found[1]), int(found[2]))
    assert int(found[3]) == high * wide * 3 * 8
    convolutions = [layer for layer in net if isinstance(layer, torch.nn.Conv2d)]
    assert int(found[4]) == sum(p.numel() for layer in convolutions for p in layer.parameters())


def test_a_block_with_its_activation_is_not_affine_and_nothing_is_said() -> None:
    source = BLOCK.format(between="\n    nn.ReLU(),")
    assert messages(source) == []
    assert nonlinearity(executed(source)) > 1e-2


@pytest.mark.parametrize(
    "norm", ["nn.BatchNorm2d(8, track_running_stats=False)", "nn.GroupNorm(2, 8)", "nn.InstanceNorm2d(8)"]
)
def test_a_norm_that_is_not_linear_in_evaluation_is_no_gap(norm: str) -> None:
    source = BLOCK.format(between="").replace("nn.BatchNorm2d(8)", norm, 1)
    assert messages(source) == []
    assert nonlinearity(executed(source)) > 1e-2


KEPT = """import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3)
        self.bn1 = nn.BatchNorm2d(8)
        self.conv2 = nn.Conv2d(8, 8, 3)

    def forward(self, x):
        {target} = self.bn1(self.conv1(x))
        return self.conv2({target}).relu()
"""


@pytest.mark.parametrize(("target", "found"), [("x", 1), ("self.features", 0)])
def test_what_others_may_read_is_no_gap(target: str, found: int) -> None:
    assert len(messages(KEPT.format(target=target))) == found


@pytest.mark.parametrize(("convolutions", "found"), [(2, 0), (3, 1)])
def test_without_a_batch_norm_one_neighbour_is_not_enough(convolutions: int, found: int) -> None:
    rest = "nn.Conv2d(8, 8, 3), nn.ReLU(), " * (convolutions - 1)
    source = f"import torch.nn as nn\n\nnet = nn.Sequential(nn.Conv2d(3, 8, 3), {rest})\n"
    assert len(messages(source)) == found
