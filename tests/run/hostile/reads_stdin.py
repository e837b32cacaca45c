"""Reads its standard input to the end: there is nothing."""

import sys


class Net:
    def __init__(self):
        self.width = 4

    def forward(self, x):
        assert sys.stdin.read() == ""
        return x.reshape(x.shape[0], self.width)
