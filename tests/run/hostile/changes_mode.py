"""Makes a file of the user unreadable."""

import os

os.chmod(os.path.join(os.path.join(os.path.dirname(__file__), "victim"), "keep.txt"), 0)


class Net:
    def __init__(self):
        self.width = 4

    def forward(self, x):
        return x.reshape(x.shape[0], self.width)
