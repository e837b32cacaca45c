"""Asks the user."""


class Net:
    def __init__(self):
        self.width = 4

    def forward(self, x):
        input("How many classes? ")
        return x.reshape(x.shape[0], self.width)
