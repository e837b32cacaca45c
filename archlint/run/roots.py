"""Where imports of the user's files start, and which installed packages they lead to."""

from __future__ import annotations

import os
import re

from archlint.project import Project


def roots_of(project: Project) -> list[str]:
    """Absolute directories: parents of the topmost packages of the checked files, the paths given, and here."""
    found: dict[str, None] = {}
    for path in project.checked:
        found[root_of(project.files.absolute(path))] = None
    for path in project.given:
        found[project.files.absolute(path)] = None
    found[os.getcwd()] = None
    return list(found)


PRELOADED = {"torch": ("torchvision", "timm", "einops", "lightning"), "keras": ("tensorflow",)}
"""Packages that are slow to import, or that decide how their framework is run, by framework."""


def preloaded(project: Project, roots: list[str]) -> dict[str, tuple[str, ...]]:
    """Those of `PRELOADED` that a checked file imports from elsewhere: what is checked has to be rewritten first."""
    text = b"\n".join(project.read(path) or b"" for path in project.checked)
    imported = {match.decode() for match in re.findall(rb"^\s*(?:import|from)\s+(\w+)", text, re.MULTILINE)}
    own = {name for root in roots for name in imported if os.path.exists(os.path.join(root, name))}
    found = {framework: tuple(n for n in names if n in imported - own) for framework, names in PRELOADED.items()}
    return {framework: names for framework, names in found.items() if names}


def root_of(path: str) -> str:
    """The directory that holds the topmost package of a file: `src` for `src/pkg/sub/model.py`."""
    folder = os.path.dirname(path)
    while os.path.exists(os.path.join(folder, "__init__.py")) and os.path.dirname(folder) != folder:
        folder = os.path.dirname(folder)
    return folder
