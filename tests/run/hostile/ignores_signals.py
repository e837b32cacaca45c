"""Ignores the signal that tells it its time is over."""

import signal


class Net:
    def __init__(self):
        self.width = 4

    def forward(self, x):
        signal.signal(signal.SIGXCPU, signal.SIG_IGN)
        while True:
            pass
        return x.reshape(x.shape[0], self.width)
