"""Which views of permuted tensors torch refuses, told from the graph."""

from __future__ import annotations

import pytest

from archlint.check import analyze_texts
from archlint.facts.strides import torn_views

PROGRAM = """
import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.dense = nn.Linear(12, 12)
        self.rnn = nn.LSTM(12, 12, batch_first=True)

    def forward(self, x):  # archlint: input=(2, 6, 12)
        y = self.dense(x)
        return {}


Net()
"""


@pytest.mark.parametrize(
    ("expression", "torn"),
    [
        ("y.transpose(1, 2).view(2, 72)", True),
        ("y.transpose(1, 2).reshape(2, 72)", False),
        ("y.transpose(1, 2).contiguous().view(2, 72)", False),
        ("y.transpose(1, 2).view(2, 3, 4, 6)", False),
        ("y.transpose(1, 2).transpose(1, 2).view(2, 72)", False),
        ("torch.relu(y.transpose(1, 2)).view(2, 72)", True),
        ("y.transpose(0, 1).view(12, 12)", True),
        ("y.transpose(0, 1).view(6, 24)", True),
        ("y.view(2, 6, 1, 12).transpose(1, 2).view(2, 72)", False),
        ("self.rnn(y)[0].transpose(1, 2).view(2, 72)", False),
        ("y[:, :3].transpose(1, 2).view(2, 36)", False),
    ],
)
def test_a_view_is_torn_where_its_axes_are_apart(expression: str, torn: bool) -> None:
    found = [t for m in analyze_texts({"net.py": PROGRAM.format(expression)}) for t in torn_views(m.graph)]
    assert bool(found) is torn
    assert all(t.sure for _, t in found)
