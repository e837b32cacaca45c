"""Writes half an answer into every descriptor it has."""

import os


class Net:
    def __init__(self):
        self.width = 4

    def forward(self, x):
        for descriptor in range(3, 64):
            try:
                os.write(descriptor, b'{"ev": "garbage')
            except OSError:
                pass
        return x.reshape(x.shape[0], self.width)
