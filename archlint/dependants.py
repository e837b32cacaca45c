"""Which files of a project may change in what they build when others change: those that import them, at any depth."""

from __future__ import annotations

from collections.abc import Iterable

from archlint.project import Project


def dependants(project: Project, changed: Iterable[str], candidates: Iterable[str]) -> list[str]:
    """Those of the candidates that import a changed file, directly or through others, without the changed ones.

    Paths are as `project` shows them.  What a file imports is read from its text, wherever the statement stands.
    """
    importers: dict[str, list[str]] = {}
    for path in dict.fromkeys(candidates):
        for imported in project.depends_on(path):
            importers.setdefault(imported, []).append(path)
    known = set(changed)
    pending, found = list(known), set()
    for path in pending:  # grows while it is walked
        new = set(importers.get(path, ())) - known
        known |= new
        found |= new
        pending += new
    return sorted(found)
