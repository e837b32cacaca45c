"""Never ends, and works all the time."""


class Net:
    def __init__(self):
        self.width = 4

    def forward(self, x):
        while True:
            pass
        return x.reshape(x.shape[0], self.width)
