"""Parses a command line that is not there."""

import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--data", required=True)
arguments = parser.parse_args()


class Net:
    def __init__(self):
        self.width = 4

    def forward(self, x):
        return x.reshape(x.shape[0], self.width)
