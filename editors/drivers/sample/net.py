import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
        self.conv = nn.Conv2d(32, 64, 3)
        self.head = nn.Conv2d(64, 8, 1)

    def forward(self, x):
        x = self.stem(x)
        x = self.conv(x).relu()
        return self.head(x)
