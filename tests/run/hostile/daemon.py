"""Leaves a process behind that outlives it."""

import os
import time


class Net:
    def __init__(self):
        self.width = 4

    def forward(self, x):
        if os.fork() == 0:
            os.setsid()
            time.sleep(30)
            os._exit(0)
        return x.reshape(x.shape[0], self.width)
