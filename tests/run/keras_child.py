"""Runs Keras programs of the tests in a child."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from archlint.run.host import Children
from archlint.run.instrument import instrument
from archlint.run.records import BuiltModel, Executed, Outcome, Target, Value


@dataclass(slots=True)
class Child:
    """The processes of one interpreter, and where test programs are written."""

    children: Children
    folder: Path
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
        kind = kind or ("script" if not name else "class" if name[0].isupper() else "function")
        target = Target(f"k{self.programs}", str(path), name, kind, "keras", **options)  # type: ignore[arg-type]
        outcome = self.children.run(target, {str(path): rewritten})
        if outcome.status == "missing":
            pytest.skip(outcome.reason)
        return Ran(outcome, self.texts)

    @property
    def version(self) -> str:
        """`keras 3.15.1 (jax)`."""
        return self.children.frameworks.get("keras", "")


@dataclass(slots=True)
class Ran:
    """An outcome with the text of every site."""

    outcome: Outcome
    texts: dict[int, str]

    def values(self, text: str, run: int = 0) -> list[Value]:
        """What an expression evaluated to, each time."""
        return [visit.value for visit in self.outcome.runs[run].visits if self.texts[visit.site] == text]

    def shapes(self, text: str, run: int = 0) -> list[Any]:
        """Shapes of a tensor expression, each time."""
        return [value.shape if isinstance(value, Executed) else value for value in self.values(text, run)]

    def owners(self, text: str) -> list[str | None]:
        """Which layer was `self` each time."""
        return [visit.owner for visit in self.outcome.runs[0].visits if self.texts[visit.site] == text]

    @property
    def model(self) -> BuiltModel:
        """The only model."""
        (model,) = self.outcome.models
        return model

    def layers(self, model: BuiltModel | None = None) -> list[tuple[str, str, int | None, Any]]:
        """(path, class, parameters, output shape)."""
        facts = (model or self.model).modules
        return [(m.path, m.cls, m.params, m.output.shape if isinstance(m.output, Executed) else None) for m in facts]
