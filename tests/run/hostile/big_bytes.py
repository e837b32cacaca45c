"""60 GB of bytes."""


class Net:
    def __init__(self):
        self.width = 4

    def forward(self, x):
        buffer = bytearray(60 << 30)
        buffer[::4096] = b"x" * len(buffer[::4096])
        return x.reshape(x.shape[0], self.width)
