"""Our models against recorded runs of the frameworks: `python -m benchmarks.truth [--corpus NAME] [--only PART]`."""

from __future__ import annotations

import argparse
import gzip
import json
import os
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from archlint.dims import Size
from archlint.interp.entry import Directives
from archlint.interp.targeted import traced
from archlint.model import Model
from archlint.project import Project
from archlint.run.layers import Comparison, Truth, compare, recorded
from benchmarks import pool, tables
from benchmarks.corpora import Corpus, corpora

KINDS = {
    "total": "total parameters",
    "output": "output shape of the model",
    "shape": "output shape of a module",
    "params": "own parameters of a module",
    "path": "module that was never applied",
}
README = Path(__file__).parent / "README.md"
RECORDED = Path(__file__).parent / "truth"
Task = tuple[str, str, tuple[Truth, ...]]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print totals and every difference; `--out` also writes the differences to a file as they come in."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--corpus", action="append", choices=[c.name for c in corpora() if c.executed])
    parser.add_argument("--only", action="append", default=[], help="part of a file's path or of a model's name")
    parser.add_argument("--models", type=int, default=0, help="at most so many models per file")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=240, help="wall limit per file")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--write", action="store_true", help="put the table into benchmarks/README.md")
    chosen = parser.parse_args(arguments)
    found: dict[str, list[Comparison]] = {}
    for corpus in corpora():
        if corpus.executed and (not chosen.corpus or corpus.name in chosen.corpus):
            found[corpus.name] = _corpus(corpus, chosen)
    print(report(found))
    if chosen.write:
        tables.write(README, "truth", report(found))


def _corpus(corpus: Corpus, chosen: argparse.Namespace) -> list[Comparison]:
    root = corpus.fetch()
    truths = read(RECORDED / corpus.recorded)
    if chosen.only:
        truths = [t for t in truths if any(part in f"{t.file} {t.model}" for part in chosen.only)]
    tasks = _tasks(corpus, root, truths, chosen.models)
    started = time.monotonic()
    found: list[Comparison] = []
    for outcome in pool.run(check, tasks, chosen.jobs, chosen.seconds):
        if outcome.failure:
            print(f"{corpus.name}: {os.path.basename(outcome.task[1])}: {outcome.failure}", flush=True)
            continue
        found += outcome.result
        text = "".join(map(differing, outcome.result))
        print(text, end="", flush=True)
        if chosen.out:
            with chosen.out.open("a") as file:
                file.write(text)
    print(summary(corpus.name, found, time.monotonic() - started), flush=True)
    return found


def read(path: Path) -> list[Truth]:
    """The recorded models of one corpus."""
    with gzip.open(path, "rt") as file:
        return [recorded(record) for record in map(json.loads, file) if "err" not in record]


def _tasks(corpus: Corpus, root: Path, truths: Sequence[Truth], limit: int) -> list[Task]:
    """One task per file; records without a file are looked for by the name of their builder."""
    grouped: dict[str, list[Truth]] = {}
    for truth in truths:
        path = truth.file or _defining(root, corpus.folder, truth.model)
        if path:
            grouped.setdefault(path, []).append(truth)
    return [(str(root), path, tuple(group[:limit] if limit else group)) for path, group in grouped.items()]


def _defining(root: Path, folder: str, builder: str) -> str:
    for path in sorted((root / folder).glob("**/*.py")):
        if f"def {builder}(" in path.read_text(encoding="utf-8"):
            return str(path.relative_to(root))
    return ""


@lru_cache(maxsize=2)
def _project(root: str) -> Project:
    return Project.of_paths([])


def check(task: Task) -> list[Comparison]:
    """The recorded models of one file against ours."""
    root, path, truths = task
    os.chdir(root)
    return [compare(inferred(_project(root), path, t), t) for t in truths]


def inferred(project: Project, path: str, truth: Truth) -> Model | None:
    """The model of a builder of the file, on the input that it was executed with; else of a variable of its module."""
    source = project.source(path)
    if source is None:
        return None
    shapes: dict[str, tuple[Size, ...]] = {truth.model: truth.shape} if truth.shape else {}
    found = traced(source, project, Directives([], shapes), truth.model, arg_scope=truth.arg_scope, visits=False)
    if not found.models:
        found = traced(source, project, Directives([], {}), "", visits=False)
        found.models = [model for model in found.models if model.name == truth.model]
    if found.internal_errors:
        print(path, Counter(found.internal_errors).most_common(5), flush=True)
    return found.models[0] if found.models else None


def differing(comparison: Comparison) -> str:
    """What is wrong in one model, like differences once."""
    kinds: dict[tuple[str, str], list[str]] = {}
    for d in comparison.differences:
        kinds.setdefault((d.what, d.kind), []).append(f"{d.path or '(model)'}: ours {d.ours}, theirs {d.theirs}")
    lines = [
        f"{comparison.file} {comparison.model}: {len(places)} x {what} {kind}: {places[0]}\n"
        for (what, kind), places in kinds.items()
    ]
    return "".join(lines)


def summary(name: str, found: Sequence[Comparison], seconds: float) -> str:
    """The models of one corpus that differ."""
    wrong = [comparison.model for comparison in found if comparison.differences]
    return f"== {name}: {len(found)} models in {seconds:.0f} s; {len(wrong)} with a difference {' '.join(wrong)}"


VERDICTS = ("equal", "unknown", "differs", "missing", "no model")


def report(found: Mapping[str, Sequence[Comparison]]) -> str:
    """One row per corpus and kind of number."""
    rows: list[tuple[object, ...]] = []
    for name, comparisons in found.items():
        counts: Counter[tuple[str, str]] = Counter()
        for comparison in comparisons:
            counts += comparison.counts
        for what, title in KINDS.items():
            numbers = [counts[what, verdict] for verdict in VERDICTS]
            if any(numbers):
                rows.append((f"{name}: {title}", *numbers))
    return tables.table(("number", *VERDICTS), rows)


if __name__ == "__main__":
    main()
