"""Models to draw."""

from __future__ import annotations

RESIDUAL = """\
import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, width, skip):
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, padding=1)
        self.norm = nn.BatchNorm2d(width)
        self.skip = nn.Sequential(nn.Conv2d(width, width, 1), nn.BatchNorm2d(width)) if skip else None

    def forward(self, x):
        y = self.norm(self.conv(x))
        if self.skip is not None:
            x = self.skip(x)
        return torch.relu(x + y)


class Net(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, padding=1)
        self.stage = nn.Sequential(Block(8, True), Block(8, False), Block(8, False), Block(8, False))
        self.head = nn.Linear(8 * 32 * 32, classes)

    def forward(self, x):  # archlint: input=(N, 3, 32, 32)
        return self.head(self.stage(self.stem(x)).flatten(1))
"""
"""Net: stem, stage (one block with a skip of two layers, three alike without), flatten, head."""

WRONG = RESIDUAL.replace("8 * 32 * 32", "8 * 16 * 16")
"""The head declares a quarter of the features that it gets: ARC104."""

HOSTILE = """\
from keras import Input, Model
from keras.layers import Dense

x = inputs = Input((4,), name='a"b')
x = Dense(3, name='<b>[x] `z`\\\\ "q"</script>#1;é\U0001f600')(x)
x = Dense(2, name="end")(x)
model = Model(inputs, x)
"""
"""Layer names that mean something to every format."""
