"""Fetches a page."""

import urllib.request

urllib.request.urlopen("http://192.0.2.1/weights").read()


class Net:
    def __init__(self):
        self.width = 4

    def forward(self, x):
        return x.reshape(x.shape[0], self.width)
