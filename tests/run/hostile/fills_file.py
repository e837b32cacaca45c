"""Writes 100 MB into one file."""


class Net:
    def __init__(self):
        self.width = 4

    def forward(self, x):
        with open("big", "wb") as file:
            file.writelines(b"x" * 1000000 for _ in range(100))
        return x.reshape(x.shape[0], self.width)
