"""Imports packages that are not installed."""

import not_installed_package
from not_installed_package.sub import Thing

Thing(not_installed_package.VERSION)


class Net:
    def __init__(self):
        self.width = 4

    def forward(self, x):
        return x.reshape(x.shape[0], self.width)
