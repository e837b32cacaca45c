"""A neighbour: it must run whatever the others do."""


class Net:
    def __init__(self):
        self.width = 4

    def forward(self, x):

        return x.reshape(x.shape[0], self.width)
