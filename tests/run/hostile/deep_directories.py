"""Leaves a tree of directories that is too deep to be removed by recursion."""

import os
import tempfile


class Net:
    def __init__(self):
        self.width = 4

    def forward(self, x):
        os.chdir(tempfile.mkdtemp())
        for _ in range(3000):
            os.mkdir("d")
            os.chdir("d")
        return x.reshape(x.shape[0], self.width)
