"""Wants to be called with arguments."""

import sys

sys.exit("usage: train.py DATA")


class Net:
    def __init__(self):
        self.width = 4

    def forward(self, x):
        return x.reshape(x.shape[0], self.width)
