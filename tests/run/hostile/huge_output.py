"""Prints 60 MB."""

import sys


class Net:
    def __init__(self):
        self.width = 4

    def forward(self, x):
        for _ in range(60):
            print("x" * 1000000)
            sys.stderr.write("y" * 1000000)
        return x.reshape(x.shape[0], self.width)
