"""Starts a program."""

import subprocess

subprocess.check_call(["true"])


class Net:
    def __init__(self):
        self.width = 4

    def forward(self, x):
        return x.reshape(x.shape[0], self.width)
