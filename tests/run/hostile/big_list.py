"""Takes what it can get, and hides the error."""

import mmap


class Net:
    def __init__(self):
        self.width = 4

    def forward(self, x):
        taken = []
        while True:
            try:
                taken.append(mmap.mmap(-1, 64 << 20))
            except OSError:
                raise ValueError(f"{64 * len(taken)} MB") from None
