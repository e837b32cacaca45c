"""Leaves in the middle of the forward pass."""

import sys


class Net:
    def __init__(self):
        self.width = 4

    def forward(self, x):
        sys.exit(3)
        return x.reshape(x.shape[0], self.width)
