"""Runs programs for TensorFlow 1 in a child: sources in, executed shapes out.

ARCHLINT_TEST_PYTHON is an interpreter with a current TensorFlow (else the one that runs the tests),
ARCHLINT_TF1_PYTHON one with TensorFlow 1 (Python 3.7).  What is not there is skipped.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from archlint.run.host import Children
from archlint.run.instrument import instrument
from archlint.run.records import Executed, Given, Outcome, Settings, Target, Value

FIXTURES = Path(__file__).parents[2] / "fixtures"
IMAGES = Given("images", (None, 32, 32, 3))
CURRENT = os.environ.get("ARCHLINT_TEST_PYTHON") or sys.executable
NATIVE = os.environ.get("ARCHLINT_TF1_PYTHON", "")


@dataclass(slots=True)
class Child:
    """The processes of one interpreter, and where test programs are written."""

    children: Children
    folder: Path
    native: bool
    programs: int = 0
    sites: int = 0
    texts: dict[int, str] = field(default_factory=dict)

    def run(self, source: str | Path, name: str = "", kind: str = "", **options: Any) -> Ran:
        """Run a program's function or class, or the program as a script."""
        self.programs += 1
        text = source.read_text(encoding="utf-8") if isinstance(source, Path) else dedent(source)
        path = self.folder / f"program_{self.programs}.py"
        path.write_text(text, encoding="utf-8")
        rewritten = instrument(text, self.sites)
        self.texts |= {self.sites + n: text[s.start : s.end] for n, s in enumerate(rewritten.sites)}
        self.sites += len(rewritten.sites)
        kind = kind or ("function" if name else "script")
        target = Target(f"t{self.programs}", str(path), name, kind, "tf1", **options)  # type: ignore[arg-type]
        outcome = self.children.run(target, {str(path): rewritten})
        if outcome.status == "missing":
            pytest.skip(outcome.reason)
        return Ran(outcome, self.texts)


@dataclass(slots=True)
class Ran:
    """An outcome with the text of every site."""

    outcome: Outcome
    texts: dict[int, str]

    def values(self, text: str, run: int = 0) -> list[Value]:
        """What expressions that begin with `text` evaluated to, in order."""
        visits = self.outcome.runs[run].visits
        return [visit.value for visit in visits if self.texts[visit.site].startswith(text)]

    def shape(self, text: str, run: int = 0) -> tuple[Any, ...]:
        """The shape of the one expression that begins with `text`."""
        (value,) = self.values(text, run)
        assert isinstance(value, Executed), value
        return value.shape

    @property
    def params(self) -> int | None:
        """Trainable numbers of the only model."""
        (model,) = self.outcome.models
        return model.params

    @property
    def variables(self) -> dict[str, int | None]:
        """Trainable variables of the only model, by name."""
        (model,) = self.outcome.models
        return {fact.path: fact.params for fact in model.modules if fact.cls == "variable"}

    def went_well(self) -> Ran:
        """No failure and no skipped statement."""
        assert self.outcome.status == "ran", (self.outcome.reason, self.outcome.failures)
        assert not self.outcome.failures
        assert not self.outcome.statements
        return self


@pytest.fixture(scope="module", params=["current", "native"], name="child")
def child_of_tf1(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Child]:
    """A child of each TensorFlow: what a test says must hold in both."""
    python = CURRENT if request.param == "current" else NATIVE
    if not python:
        pytest.skip("ARCHLINT_TF1_PYTHON names no interpreter with TensorFlow 1")
    folder = tmp_path_factory.mktemp(request.param)
    with Children(Settings(python=python, roots=(str(folder),))) as children:
        yield Child(children, folder, request.param == "native")
