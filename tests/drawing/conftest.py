"""A real browser, where there is one."""

from __future__ import annotations

from drawings import browse

__all__ = ["browse"]
