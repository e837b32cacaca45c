"""The configuration: `[tool.archlint]` of a pyproject.toml, or an archlint.toml, nearest to the files it is for."""

from __future__ import annotations

from archlint.configuration.kinds import ConfigurationError
from archlint.configuration.settings import Configuration, Settings, Stated

__all__ = ["Configuration", "ConfigurationError", "Settings", "Stated"]
