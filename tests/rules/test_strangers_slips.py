"""Mistakes in strangers' PyTorch programs, found whatever the words, and programs like them that are right."""

from __future__ import annotations

from textwrap import dedent

import pytest

from archlint.check import check_texts
from archlint.plugins import load

load("archlint_rules")
HEAD = "import numpy as np\nimport torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
COLUMN = """
    rng = np.random.{made}
    x = rng.normal(size=(200, 5)).astype(np.float32)
    y = x @ np.ones(5, dtype=np.float32)
    net = nn.Linear(5, 1)
    loss = nn.MSELoss()(net(torch.from_numpy(x)){behind}, torch.from_numpy(y.astype(np.float32)))
"""
Q = """
    net, target = nn.Linear(4, 2), nn.Linear(4, 2)
    states, actions, rewards = torch.rand(16, 4), torch.randint(0, 2, (16, 1)), torch.rand(16)
    chosen = net(states).gather(1, actions)
    wanted = rewards + 0.9 * target(states).max(1)[0].detach()
    loss = F.mse_loss(chosen, wanted.unsqueeze(1))
    loss.backward()
"""
HEADS = """
    class Attention(nn.Module):
        def __init__(self, width=32, heads=4):
            super().__init__()
            self.heads, self.split = heads, nn.Linear(width, width)

        def forward(self, x):
            b, t, e = x.size()
            v = self.split(x).view(b, t, self.heads, e // self.heads).permute(0, 2, 1, 3)
            return v{swapped}.reshape(b, t, e)

    out = Attention()(torch.rand(6, {steps}, 32))
"""
OPEN = """
    class Base(nn.Module):
        def __init__(self, depth=None):
            super().__init__()
            assert depth is not None
            self.pool = nn.Linear(4, 4)

    class Net(Base):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.fc = nn.Linear(4, 4)

        def forward(self, x):
            return self.fc(self.pool(x))
"""


@pytest.mark.parametrize(
    ("program", "code"),
    [
        (COLUMN.format(made="default_rng(0)", behind=""), "ARC128"),
        (COLUMN.format(made="RandomState(0)", behind=""), "ARC128"),
        (HEADS.format(swapped="", steps=10), "ARC203"),
        ("net = nn.Linear(2, 1)\nfor x in [torch.rand(3, 2)]:\n    n = net(x).size[0]\n", "ARC131"),
        ("net = nn.Linear(2, 1).eval\nnet = nn.Linear(2, 1)\nnet.eval\n", "ARC626"),
    ],
)
def test_is_found(program: str, code: str) -> None:
    assert code in codes(program)


@pytest.mark.parametrize(
    "program",
    [
        COLUMN.format(made="default_rng(0)", behind=".squeeze(-1)"),
        Q,
        HEADS.format(swapped=".transpose(1, 2)", steps=10),
        HEADS.format(swapped=".transpose(1, 2)", steps=16),
        OPEN,
    ],
)
def test_is_right(program: str) -> None:
    assert codes(program) == []


def test_the_batch_read_as_channels_is_one_finding_without_a_fix() -> None:
    """`nn.Conv2d(1, …)` on spectrograms (8, 64, 101): not 8 channels, and the norm behind it is right."""
    program = """
        net = nn.Sequential(nn.Conv2d(1, 32, 3), nn.BatchNorm2d(32), nn.ReLU())
        out = net(torch.rand(8, 64, 101))
    """
    (found,) = check_texts({"net.py": HEAD + dedent(program)}).diagnostics
    assert (found.code, found.finding.edits) == ("ARC102", ())
    assert "x.unsqueeze(1)" in found.finding.help


def codes(program: str) -> list[str]:
    report = check_texts({"net.py": HEAD + dedent(program)})
    return [d.code for d in report.diagnostics if d.severity != "info"]
