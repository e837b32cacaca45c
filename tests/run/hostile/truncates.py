"""Empties a file of the user without opening it for writing."""

import os

keep = os.path.join(os.path.join(os.path.dirname(__file__), "victim"), "keep.txt")
try:
    os.close(os.open(keep, os.O_RDONLY | os.O_TRUNC))
finally:
    os.truncate(keep, 0)


class Net:
    def __init__(self):
        self.width = 4

    def forward(self, x):
        return x.reshape(x.shape[0], self.width)
