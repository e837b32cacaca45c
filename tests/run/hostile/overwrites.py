"""Overwrites a file of the user."""

import os

with open(os.path.join(os.path.join(os.path.dirname(__file__), "victim"), "keep.txt"), "w") as file:
    file.write("gone")


class Net:
    def __init__(self):
        self.width = 4

    def forward(self, x):
        return x.reshape(x.shape[0], self.width)
