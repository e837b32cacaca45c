"""Calls itself."""


class Net:
    def __init__(self):
        self.width = 4

    def forward(self, x):
        return self.forward(x)
