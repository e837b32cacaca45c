"""Closes every descriptor it has."""

import os


class Net:
    def __init__(self):
        self.width = 4

    def forward(self, x):
        for descriptor in range(64):
            try:
                os.close(descriptor)
            except OSError:
                pass
        return x.reshape(x.shape[0], self.width)
