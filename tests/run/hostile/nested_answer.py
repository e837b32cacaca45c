"""Answers with a million brackets."""

import json


class Net:
    def __init__(self):
        self.width = 4

    def forward(self, x):
        json.dumps = lambda *_, **__: "[" * 1000000
        return x.reshape(x.shape[0], self.width)
