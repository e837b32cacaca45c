"""What tests of the executed mode need: an interpreter with a framework, else they are skipped and say why."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from archlint.run.host import Children
from archlint.run.instrument import Instrumented, instrument
from archlint.run.records import Attempt, Given, Outcome, Settings, Target, Value

PYTHON = os.environ.get("ARCHLINT_TEST_PYTHON") or sys.executable
"""The interpreter that models run in."""
MODULES = {"torch": "torch", "keras": "keras", "tf1": "tensorflow"}


def pytest_configure(config: pytest.Config) -> None:
    for marker in MODULES:
        config.addinivalue_line("markers", f"{marker}: needs the framework in ARCHLINT_TEST_PYTHON, else here")


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker, module in MODULES.items():
        if item.get_closest_marker(marker) is not None and not is_installed(module):
            pytest.skip(f"{PYTHON} has no {module}; set ARCHLINT_TEST_PYTHON to one that has it")


@cache
def is_installed(module: str) -> bool:
    """Can the interpreter find it?"""
    code = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({module!r}) is None)"
    return subprocess.run([PYTHON, "-I", "-c", code], timeout=60).returncode == 0


@pytest.fixture(scope="session")
def python() -> str:
    """The interpreter that models run in."""
    return PYTHON


@dataclass(slots=True)
class Plain:
    """Runs models that need no framework: `plain(sources)` writes the files and runs one model of them.

    settings: of all runs.  roots: directories that imports start from, beside that of the files.
    """

    folder: Path
    settings: Settings
    without: tuple[str, ...] = ()
    sites: dict[int, str] = field(default_factory=dict)

    def __call__(
        self, sources: str | Mapping[str, str], name: str = "Net", file: str = "model.py", **more: Any
    ) -> Outcome:
        with Children(self.settings, self.without) as children:
            return self.run(children, sources, name, file, **more)

    def run(
        self,
        children: Children,
        sources: str | Mapping[str, str],
        name: str = "Net",
        file: str = "model.py",
        **more: Any,
    ) -> Outcome:
        """The same in children that are there already."""
        files = self.write({file: sources} if isinstance(sources, str) else sources)
        kind: Any = "class" if name else "script"
        given: dict[str, Any] = {"attempts": (Attempt((Given("x", (2, 4)),), (Given("x", (3, 4)),)),), **more}
        return children.run(Target(file, str(self.folder / file), name, kind, NONE, **given), files)

    def write(self, sources: Mapping[str, str]) -> dict[str, Instrumented]:
        """Write files; the instrumented ones, and in `sites` the text of each site."""
        found: dict[str, Instrumented] = {}
        for name, text in sources.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            first = len(self.sites)
            made = found[str(path)] = instrument(text, first)
            self.sites.update((first + i, text[site.start : site.end]) for i, site in enumerate(made.sites))
        return found

    def seen(self, outcome: Outcome, run: int = 0) -> list[tuple[str, Value, str | None]]:
        """(source, value, owner) of the visits of a run."""
        return [(self.sites[v.site], v.value, v.owner) for v in outcome.runs[run].visits]


NONE: Any = "none"
"""The framework of models without a framework."""


@pytest.fixture
def plain(tmp_path: Path) -> Plain:
    """Runs models without a framework, in this interpreter."""
    folder = tmp_path / "project"
    folder.mkdir()
    return Plain(folder, Settings(sys.executable, (str(folder),), timeout=20, cpu=10, memory=4096))
