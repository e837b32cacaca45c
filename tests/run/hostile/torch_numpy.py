"""Goes through NumPy."""

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        y = x.detach().cpu().numpy()
        x = x + torch.from_numpy(y)
        return self.fc(x)
