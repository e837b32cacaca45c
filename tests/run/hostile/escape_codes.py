"""Its error would clear the terminal."""


class Net:
    def __init__(self):
        self.width = 4

    def forward(self, x):
        raise ValueError("\x1b[2J\x1b]0;owned\x07gone")
        return x.reshape(x.shape[0], self.width)
