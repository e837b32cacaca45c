"""Real models run, and every inferred value held against them: `python -m benchmarks.agreement [CORPUS]…`.

Needs an interpreter with the frameworks (`--python`); each file's models run as `archlint verify` runs them.
`--record` keeps what was executed in `benchmarks/truth/`, for machines without a framework.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archlint.options import Options
from archlint.project import Project
from archlint.run.records import Default, Executed, Given, Outcome, Target, Value
from archlint.run.verify import Request, verify
from archlint.verdict import VERDICTS, ModelVerdict
from benchmarks import pool, tables
from benchmarks.corpora import Corpus, corpora

README = Path(__file__).parent / "README.md"
TRUTH = Path(__file__).parent / "truth"
CHUNK = 4
"""Files that share one process, and so one import of the framework."""

HEAD = ("corpus", "models", "run", "values", "equal", "unknown", "differs", "not reached", "known",
        "layers' parameters", "equal ", "differ", "totals equal", "CPU s")  # fmt: skip


@dataclass(slots=True)
class Result:
    """What some files gave."""

    models: list[ModelVerdict] = field(default_factory=list)
    truths: list[dict[str, Any]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    cpu: float = 0.0


@dataclass(frozen=True, slots=True)
class Task:
    """Some files of one corpus, relative to its root; `only`: models by file where not all are run."""

    root: str
    files: tuple[str, ...]
    request: Request


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the corpora and print what agrees."""
    names = [corpus.name for corpus in corpora() if corpus.executed]
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("corpus", nargs="*", help=f"of {', '.join(names)}; all by default")
    parser.add_argument("--python", default=sys.executable, help="interpreter that has the frameworks")
    parser.add_argument("--only", action="append", default=[], help="part of a file's path")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--timeout", type=float, default=120, help="seconds per model")
    parser.add_argument("--no-symbolic", action="store_true", help="numbers only, no symbolic run of PyTorch")
    parser.add_argument("--record", action="store_true", help="write benchmarks/truth/")
    parser.add_argument("--write", action="store_true", help="put the table into benchmarks/README.md")
    parser.add_argument("-v", "--verbose", action="store_true", help="print each model")
    chosen = parser.parse_args(arguments)
    unknown = set(chosen.corpus) - set(names)
    if unknown:
        parser.error(f"no such corpus: {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    rows = []
    for corpus in corpora():
        if corpus.executed and (not chosen.corpus or corpus.name in chosen.corpus):
            result = run(corpus, chosen)
            rows.append(row(corpus.name, result))
            if chosen.record:
                record(corpus, result)
    print(tables.table(HEAD, rows))
    if chosen.write:
        tables.write(README, "agreement", tables.table(HEAD, rows))


def run(corpus: Corpus, chosen: argparse.Namespace) -> Result:
    """All chosen files of one corpus."""
    root = corpus.fetch()
    total = Result()
    started = time.monotonic()
    for outcome in pool.run(verified, tasks(corpus, root, chosen), chosen.jobs, CHUNK * 30 * chosen.timeout):
        if outcome.failure:
            print(f"{corpus.name}: {' '.join(outcome.task.files)}: {outcome.failure}", flush=True)
            continue
        found: Result = outcome.result
        total.models += found.models
        total.truths += found.truths
        total.cpu += found.cpu
        for text in [*found.errors, *lines(found.models, chosen.verbose)]:
            print(text, flush=True)
    print(f"== {corpus.name}: {time.monotonic() - started:.0f} s", flush=True)
    return total


def tasks(corpus: Corpus, root: Path, chosen: argparse.Namespace) -> list[Task]:
    """Files in chunks, each with the request to run it."""
    files = [f for f in corpus.paths(root) if not corpus.sample or Path(f).stem in corpus.sample]
    files = [f for f in files if not chosen.only or any(part in f for part in chosen.only)]
    request = Request(
        python=chosen.python, timeout=chosen.timeout, symbolic=not chosen.no_symbolic, most=corpus.per_file
    )
    return [Task(str(root), tuple(files[i : i + CHUNK]), request) for i in range(0, len(files), CHUNK)]


def verified(task: Task) -> Result:
    """The models of some files, run and compared."""
    os.chdir(task.root)
    result = Result()
    kept: list[tuple[Target, Outcome]] = []
    before = time.process_time()
    _, found = verify(
        Project.of_paths(list(task.files)), Options(), task.request, observe=lambda t, o: kept.append((t, o))
    )
    result.cpu = time.process_time() - before + sum(outcome.cpu for _, outcome in kept)
    result.models = found.models
    result.errors = [*found.notes, *(f"internal error: {error}" for error in found.internal_errors)]
    for target, outcome in kept:
        result.truths += truths(target, outcome)
    return result


def lines(models: Sequence[ModelVerdict], verbose: bool) -> Iterator[str]:
    """Every difference, and with `verbose` every model."""
    for model in models:
        name = f"{model.path} {model.name}"
        if verbose:
            counts = ", ".join(f"{model.calls[v]} {v}" for v in VERDICTS if v in model.calls)
            yield f"{name}: {model.status} {model.reason} {counts} {model.unknown or ''}"
        for one in model.differences:
            yield f"{name}: {one.what}: inferred {one.inferred}, executed {one.executed} {one.declaration} {one.note}"


def row(name: str, result: Result) -> tuple[object, ...]:
    """One line of the table; a value is one visit of an expression that gives a tensor."""
    ran = [m for m in result.models if m.status in ("agrees", "differs", "failed")]
    counts = {v: sum(m.calls.get(v, 0) for m in ran) for v in VERDICTS}
    params = {v: sum(m.layers.get(v, 0) for m in ran) for v in VERDICTS}
    compared = counts["equal"] + counts["unknown"] + counts["differs"]
    whole = [m.parameters for m in ran if m.parameters is not None]
    totals = f"{sum(ours == theirs for ours, theirs in whole)} of {len(whole)}"
    known = f"{100 * (counts['equal'] + counts['differs']) / compared:.1f} %" if compared else "-"
    return (
        name, len(result.models), len(ran), compared, counts["equal"], counts["unknown"], counts["differs"],
        counts["not reached"], known, sum(params.values()), params["equal"], params["differs"], totals,
        round(result.cpu),
    )  # fmt: skip


def record(corpus: Corpus, result: Result) -> None:
    """Write the executed models of a corpus, sorted, without a time stamp: equal runs give equal files."""
    TRUTH.mkdir(exist_ok=True)
    text = "".join(json.dumps(truth) + "\n" for truth in sorted(result.truths, key=lambda t: (t["src"], t["model"])))
    path = TRUTH / corpus.recorded
    with path.open("wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as file:
        file.write(text.encode())
    print(f"recorded {len(result.truths)} models in benchmarks/truth/{path.name}", flush=True)


def truths(target: Target, outcome: Outcome) -> Iterator[dict[str, Any]]:
    """What was executed, as `benchmarks.truth` reads it."""
    given = [value for value in (*target.args, *target.kwargs.values()) if not isinstance(value, (Given, Default))]
    if outcome.status != "ran" or not outcome.runs or (given and target.framework != "tf1"):
        return  # `benchmarks.truth` evaluates builders by their defaults
    first = outcome.runs[0]
    for built in outcome.models:
        rows = [[m.path, m.cls, shape(m.output), m.params or 0] for m in built.modules]
        name = target.name if len(outcome.models) == 1 and target.name else built.name
        yield {
            "model": name, "src": os.path.relpath(target.path), "input": [list(s) for s in first.shapes],
            "out": shape(first.output), "params": built.params, "framework": target.framework,
            "arg_scope": target.arg_scope, "modules": rows,
        }  # fmt: skip


def shape(value: Value) -> list[Any] | None:
    """A shape, or the shapes of several outputs; None for anything else."""
    match value:
        case Executed():
            return list(value.shape)
        case tuple() if value and all(isinstance(one, Executed) for one in value):
            return [shape(one) for one in value]
    return None


if __name__ == "__main__":
    main()
