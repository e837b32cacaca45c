"""archlint: static analysis of deep-learning model definitions."""

__version__ = "0.1.0"
