"""What is understood of real model collections: `python -m benchmarks.coverage [--corpus NAME] [--write]`."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from archlint.check import check_file
from archlint.model import Model
from archlint.options import Options
from archlint.plugins import load_rules
from archlint.project import Project
from archlint.rule import Rule, rules
from archlint.selection import enabled
from archlint.suppress import suppress
from benchmarks import pool, tables
from benchmarks.causes import causes
from benchmarks.corpora import Corpus, corpora

ROOT = Path(__file__).parent.parent
README = Path(__file__).parent / "README.md"
Task = tuple[str, str]


@dataclass(slots=True)
class Totals:
    """One file's numbers, or a corpus's."""

    files: int = 0
    models: int = 0
    calls: int = 0
    known: int = 0
    findings: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    shown: list[str] = field(default_factory=list)
    stops: Counter[str] = field(default_factory=Counter)
    internal: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, other: Totals) -> None:
        """Add another file's numbers."""
        self.files += other.files
        self.models += other.models
        self.calls += other.calls
        self.known += other.known
        self.seconds += other.seconds
        self.shown += other.shown
        self.failed += other.failed
        for name in ("findings", "codes", "stops", "internal"):
            getattr(self, name).update(getattr(other, name))


def main(arguments: Sequence[str] | None = None) -> None:
    """Check every file of the corpora and print what was understood."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--corpus", action="append", choices=[c.name for c in corpora()])
    parser.add_argument("--file", action="append", default=[], help="only files whose path contains this")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=300, help="wall limit per file")
    parser.add_argument("--findings", action="store_true", help="print every finding")
    parser.add_argument("--write", action="store_true", help="put the tables into benchmarks/README.md")
    chosen = parser.parse_args(arguments)
    _rules()  # a pack that cannot be loaded fails here, once
    found: dict[str, Totals] = {}
    for corpus in corpora():
        if not chosen.corpus or corpus.name in chosen.corpus:
            found[corpus.name] = measure(corpus, chosen.file, chosen.jobs, chosen.seconds)
            _print(corpus.name, found[corpus.name], chosen.findings)
    print(report(found))
    if chosen.write:
        tables.write(README, "coverage", report(found))


def measure(corpus: Corpus, only: Sequence[str], jobs: int, seconds: float) -> Totals:
    """Every file of a corpus, two at a time."""
    root = corpus.fetch()
    paths = [path for path in corpus.paths(root) if not only or any(part in path for part in only)]
    total = Totals()
    for outcome in pool.run(check, [(str(root), path) for path in paths], jobs, seconds):
        if outcome.failure:
            total.add(Totals(files=1, failed=[f"{outcome.task[1]}: {outcome.failure}"]))
        else:
            total.add(outcome.result)
    return total


@lru_cache(maxsize=1)
def _project(root: str) -> Project:
    os.chdir(root)
    return Project.of_paths([])


@lru_cache(maxsize=1)
def _rules() -> list[Rule]:
    sys.path.append(str(ROOT / "rules"))  # the pack need not be installed
    load_rules("archlint_rules")
    known = rules()
    active = enabled(known, (), ())
    return [rule for rule in known.values() if rule.code in active]


def check(task: Task) -> Totals:
    """One file."""
    root, path = task
    project = _project(root)
    started = time.process_time()
    total = Totals(files=1)
    if project.may_hold_model(path):
        result = check_file(project, path, Options(), _rules())
        _count(total, result.models)
        for diagnostic in suppress(result.diagnostics, project.source).kept:
            total.findings[diagnostic.severity] += 1
            total.codes[diagnostic.code] += 1
            total.shown.append(f"{diagnostic.path} {diagnostic.model}: {diagnostic.code} {diagnostic.finding.message}")
        total.internal.update(result.internal_errors)
    total.seconds = time.process_time() - started
    return total


def _count(total: Totals, models: Sequence[Model]) -> None:
    """Models, layer calls, and what stopped those that are not understood."""
    for model in models:
        known, calls = model.understood
        total.models += 1
        total.known += known
        total.calls += calls
        total.stops.update(causes(model))


def report(found: dict[str, Totals]) -> str:
    """The table of all corpora, then what stops the rest."""
    head = ("corpus", "files", "models", "layer calls", "known", "errors", "warnings", "infos", "internal", "CPU s")
    parts = [tables.table(head, [_row(name, totals) for name, totals in found.items()])]
    for name, totals in found.items():
        if totals.stops:
            reasons = tables.table(("first cause", "layer calls"), totals.stops.most_common(15))
            parts.append(f"What stops the rest in {name}:\n\n{reasons}")
    return "\n\n".join(parts)


def _row(name: str, totals: Totals) -> tuple[object, ...]:
    findings = [totals.findings[severity] for severity in ("error", "warning", "info")]
    internal = sum(totals.internal.values()) + len(totals.failed)
    known = share(totals.known, totals.calls)
    return name, totals.files, totals.models, totals.calls, known, *findings, internal, round(totals.seconds)


def share(part: int, whole: int) -> str:
    """A share in per cent, never rounded up to all of it."""
    if not whole:
        return "-"
    return f"{int(1000 * part / whole) / 10:.1f} %"


def _print(name: str, total: Totals, findings: bool) -> None:
    """What is not in the table: findings by rule, our own errors, files that could not be finished."""
    print(f"== {name}: {dict(total.codes.most_common())}")
    for line in dict.fromkeys(total.shown) if findings else ():
        print(f"   {line}")
    for error, count in total.internal.most_common(12):
        print(f"   internal error, {count} x {error}")
    for failure in total.failed:
        print(f"   not finished: {failure}")


if __name__ == "__main__":
    main()
