"""The top-level packages that archlint knows by declarations."""

from __future__ import annotations

FRAMEWORKS = ("torch", "keras", "tensorflow", "tf_slim", "tf_keras")
"""Their source is never read."""
