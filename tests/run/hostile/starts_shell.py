"""Starts a shell; the exit status tells that it could not."""

import os

if os.system("touch " + os.path.join(os.path.dirname(__file__), "victim", "pwned")) != 0:
    raise OSError("no shell")


class Net:
    def __init__(self):
        self.width = 4

    def forward(self, x):
        return x.reshape(x.shape[0], self.width)
