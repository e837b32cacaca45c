"""Aborts."""

import os


class Net:
    def __init__(self):
        self.width = 4

    def forward(self, x):
        os.abort()
        return x.reshape(x.shape[0], self.width)
