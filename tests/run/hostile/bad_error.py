"""An error that cannot be shown."""


class Unshowable(Exception):
    def __str__(self):
        raise RuntimeError("no text")


class Net:
    def __init__(self):
        self.width = 4

    def forward(self, x):
        raise Unshowable()
        return x.reshape(x.shape[0], self.width)
