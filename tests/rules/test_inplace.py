"""What ARC617 says of two operations in a row is what PyTorch does in the backward pass."""

from __future__ import annotations

import itertools
from importlib import import_module
from typing import Any

import pytest

from archlint.check import analyze_texts
from archlint.plugins import load
from archlint.rule import rules

load("archlint_rules")

FIRST = (
    "F.relu(h)", "torch.sigmoid(h)", "h.tanh()", "h.exp()", "F.softmax(h, dim=1)", "self.norm(h)", "self.conv(h)",
    "F.max_pool2d(h, 1)", "h * h", "h * 2", "h + h", "F.gelu(h)", "F.leaky_relu(h)", "F.dropout(h, 0.5)",
    "h.view(-1)", "h * self.conv(x)", "h / self.conv(x).exp()", "h @ h", "torch.cat([h, h], 0)", "h.clone()",
    "F.interpolate(h, scale_factor=2)", "F.relu(h, inplace=True)", "h[:, :2]", "h.detach()",
)  # fmt: skip
THEN = (
    "{0} = F.relu({0}, inplace=True)", "{0} = F.dropout({0}, 0.5, inplace=True)", "{0} = {0}.mul_(2)", "{0} += 1",
    "{0}.sigmoid_()",
)  # fmt: skip

PROGRAM = """
import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 3, 1)
        self.conv = nn.Conv2d(3, 3, 1)
        self.norm = nn.BatchNorm2d(3)

    def forward(self, x):
        h = self.stem(x)
        y = {first}
        {then}
        return y.mean() + h.mean()
"""


@pytest.mark.parametrize("first", FIRST)
def test_backward_raises_where_it_is_said(first: str) -> None:
    torch: Any = pytest.importorskip("torch", exc_type=ImportError)
    if not hasattr(torch, "randn"):
        pytest.skip("no torch")
    said = {}
    for then, name in itertools.product(THEN, "hy"):
        text = PROGRAM.format(first=first, then=then.format(name))
        said[then.format(name)] = (_claimed(text), _raises(text))
    assert all(claimed == raises for claimed, raises in said.values()), said


def _claimed(text: str) -> bool:
    check = rules()["ARC617"].check
    assert check is not None
    return any(True for model in analyze_texts({"model.py": text}) for _ in check(model))


def _raises(text: str) -> bool:
    torch: Any = import_module("torch")
    names: dict[str, Any] = {}
    exec(compile(text, "model.py", "exec"), names)
    try:
        names["Net"]().train()(torch.randn(2, 3, 4, 4)).sum().backward()
    except RuntimeError as error:
        if "modified by an inplace operation" in str(error) or "is a view" in str(error):
            return True
        raise
    return False
