"""A loop that no exception ends."""


class Net:
    def __init__(self):
        self.width = 4

    def forward(self, x):
        while True:
            try:
                while True:
                    pass
            except BaseException:
                pass
        return x.reshape(x.shape[0], self.width)
