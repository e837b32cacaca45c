"""Makes the end of the process impossible, then goes on."""

import os
import time


class Net:
    def __init__(self):
        self.width = 4

    def forward(self, x):
        os._exit = lambda code: time.sleep(1000)
        return x.reshape(x.shape[0], self.width)
