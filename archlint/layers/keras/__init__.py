"""Keras 1 to 3: layers, operations, backend functions."""
