"""A slice of a Sequential keeps the names of its children, as its paths in `state_dict` show."""

from __future__ import annotations

from archlint.check import analyze_texts

NET = """
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        body = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 4, 3))
        self.tail = nn.Sequential(*[nn.Conv2d(3, 8, 1)], body[1:])

    def forward(self, x):
        return self.tail(x)
"""


def test_names_are_kept() -> None:
    [model] = analyze_texts({"net.py": NET})
    assert [n.path for n in model.nodes if n.family != "input"] == ["tail.0", "tail.1.1", "tail.1.2"]
