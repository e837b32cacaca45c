"""Reads a number out of a tensor."""

from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        n = int(x.max().item())
        x = x * n
        return self.fc(x)
