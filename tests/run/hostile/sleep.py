"""Never ends, and does nothing."""

import time


class Net:
    def __init__(self):
        self.width = 4

    def forward(self, x):
        time.sleep(1000)
        return x.reshape(x.shape[0], self.width)
