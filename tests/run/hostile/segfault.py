"""Reads address 0."""

import ctypes


class Net:
    def __init__(self):
        self.width = 4

    def forward(self, x):
        ctypes.string_at(0)
        return x.reshape(x.shape[0], self.width)
