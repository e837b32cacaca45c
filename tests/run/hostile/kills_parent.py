"""Kills the process that started it."""

import os
import signal


class Net:
    def __init__(self):
        self.width = 4

    def forward(self, x):
        os.kill(os.getppid(), signal.SIGKILL)
        return x.reshape(x.shape[0], self.width)
