"""Kills the process that holds the framework."""

import os
import signal

from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        os.kill(os.getppid(), signal.SIGKILL)
        return self.fc(x)
