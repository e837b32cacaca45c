"""Leaves files and a link to the user's in its own directory, which is allowed."""

import os
import tempfile


class Net:
    def __init__(self):
        self.width = 4

    def forward(self, x):
        os.symlink(os.path.join(os.path.dirname(__file__), "victim"), "link")
        open("left.txt", "w").write("x")
        tempfile.mkdtemp()
        return x.reshape(x.shape[0], self.width)
