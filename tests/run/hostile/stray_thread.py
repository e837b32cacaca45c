"""Leaves a thread that would keep the process alive."""

import threading
import time


class Net:
    def __init__(self):
        self.width = 4

    def forward(self, x):
        threading.Thread(target=lambda: time.sleep(1000)).start()
        return x.reshape(x.shape[0], self.width)
