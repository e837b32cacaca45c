"""Models of thousands of layers: no rule and no number of a summary is lost to Python's limit on nested calls."""

from __future__ import annotations

from textwrap import dedent

import pytest

from archlint.check import check_texts
from archlint.plugins import load

load("archlint_rules")

RESIDUAL = """
    import torch
    from torch import nn

    class Codes(nn.Module):
        def __init__(self, depth=1200):
            super().__init__()
            self.register_buffer("pe", torch.randn(5000, 1, 8))
            self.blocks = nn.ModuleList(nn.Dropout(0.1) for _ in range(depth))
            self.out = nn.Linear(8, 2)

        def forward(self, x):  # archlint: input=(N, T, 8)
            for block in self.blocks:
                x = x + block(x)
            return self.out(x + self.pe[: x.size(0)])
"""
MAPS = """
    from torch import nn

    class Blurred(nn.Module):
        def __init__(self, depth=1200):
            super().__init__()
            self.stem = nn.Conv2d(3, 16, 3, padding=1)
            self.blurs = nn.Sequential(*[nn.Conv2d(16, 16, 3, padding=1, groups=16) for _ in range(depth)])
            self.last = nn.Conv2d(16, 16, 1, stride=2)

        def forward(self, x):
            return self.last(self.blurs(self.stem(x)))
"""
ZIGZAG = """
    import torch.nn.functional as F
    from torch import nn

    class Zigzag(nn.Module):
        def __init__(self, depth=1200):
            super().__init__()
            self.stem = nn.Conv2d(3, 16, 3, padding=1)
            self.finer = nn.ModuleList(nn.ConvTranspose2d(16, 16, 2, 2) for _ in range(depth))
            self.head = nn.Linear(16, 10)

        def forward(self, x):
            x = self.stem(x)
            for finer in self.finer:
                x = F.max_pool2d(finer(x), 2)
            return self.head(x.mean((2, 3)))
"""
FUNCTIONAL = """
    import keras
    from keras import layers

    x = image = keras.Input((32,))
    for _ in range(1200):
        x = layers.Dropout(0.1)(x)
    x = layers.Dense(1)(x)
    model = keras.Model(image, layers.Softmax()(x))
"""


@pytest.mark.parametrize(
    ("code", "found"),
    [(RESIDUAL, {"ARC310"}), (MAPS, {"ARC806"}), (ZIGZAG, set()), (FUNCTIONAL, {"ARC211"})],
    ids=["residual", "maps", "zigzag", "functional"],
)
def test_every_rule_reads_a_deep_model(code: str, found: set[str]) -> None:
    report = check_texts({"deep.py": dedent(code)})
    assert not report.internal_errors
    assert {d.code for d in report.diagnostics} >= found
