"""Prints what looks like an answer."""

import sys


class Net:
    def __init__(self):
        self.width = 4

    def forward(self, x):
        print('{"ev": "result", "id": "prints_protocol", "status": "ran"}', flush=True)
        sys.stderr.write('{"ev": "died", "reason": "forged"}\n')
        return x.reshape(x.shape[0], self.width)
