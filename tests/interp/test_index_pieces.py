"""Indices on their way to a subscript: sums of integers, the places of the greatest, slices made by hand."""

from __future__ import annotations

import textwrap

import pytest

from archlint.check import analyze_texts

HEAD = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.last = nn.Identity()

    def forward(self, x):
        BODY
        return self.last(y)

Net()(torch.zeros(4, 16, 8))
"""


def shape(body: str) -> object:
    """What the body makes `y`, for `x` of (4, 16, 8)."""
    text = HEAD.replace("BODY", textwrap.indent(textwrap.dedent(body), " " * 8).strip())
    [model] = analyze_texts({"net.py": text})
    return next(node.output.shape for node in model.nodes if node.path == "last")


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ("table = torch.zeros(9, 5)\ny = table[(torch.ones(7, 2).long() * torch.tensor([3, 1])).sum(dim=-1)]", (7, 5)),
        ("table = torch.zeros(9, 5)\ny = table[torch.zeros(3, 7, 2).bool().sum(-1)]", (3, 7, 5)),
        ("rows = torch.arange(4)[:, None]\ny = x[rows, torch.rand(4, 16).topk(k=3, dim=-1).indices]", (4, 3, 8)),
        ("y = x.max(dim=1).values", (4, 8)),
        ("y = x[(*((slice(None),) * 2), *((None,) * 3), ...)]", (4, 16, 1, 1, 1, 8)),
        ("y = x[slice(1, 3), slice(4)]", (2, 4, 8)),
        ("y = x.relu() if torch.is_tensor(x) else x.sum()", (4, 16, 8)),
        ("y = torch.nn.utils.rnn.pad_sequence(x.unbind(0), batch_first=True)", (4, 16, 8)),
    ],
)
def test_subscript(body: str, wanted: tuple[int, ...]) -> None:
    assert shape(body) == wanted
