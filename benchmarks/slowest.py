"""The entry points that take longest, and the memory their files need: `python -m benchmarks.slowest [FILE…]`."""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import tables
from benchmarks.corpora import corpora

ROOT = Path(__file__).parent.parent
SECONDS, MEGABYTES = 2.0, 400
"""What one model may take."""


@dataclass(frozen=True, slots=True)
class Cost:
    """One entry point: processor seconds, with the reading of what it is the first to import; peak of its file."""

    file: str
    name: str
    seconds: float
    megabytes: int
    cut_off: bool


def main(arguments: Sequence[str] | None = None) -> None:
    """Evaluate each file in a process of its own and print the slowest entry points."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("files", nargs="*", help="files below the present folder; without any, the corpora's")
    parser.add_argument("--corpus", action="append", default=[], choices=[c.name for c in corpora()])
    parser.add_argument("--most", type=int, default=15, help="how many to print")
    parser.add_argument("--here", metavar="FILE", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.here:
        print(json.dumps(evaluate(chosen.here)))
        return
    costs = [cost for folder, path in _files(chosen.files, chosen.corpus) for cost in measured(folder, path)]
    print(report(costs, chosen.most))


def _files(files: Sequence[str], names: Sequence[str]) -> Iterator[tuple[Path, str]]:
    for path in files:
        yield Path.cwd(), path
    for corpus in corpora() if not files else ():
        if not names or corpus.name in names:
            root = corpus.fetch()
            for found in sorted((root / corpus.folder).glob("**/*.py")):
                yield root, str(found.relative_to(root))


def evaluate(path: str) -> list[tuple[str, float, int, bool]]:
    """Name, processor seconds, peak of this process in megabytes, and whether the file was cut off."""
    from archlint.interp.entry import Directives, analyse
    from archlint.project import Project
    from archlint.source.index import build
    from archlint.values import Reason

    project = Project.of_paths([path])
    source = project.source(path)
    if source is None or not project.may_hold_model(path):
        return []
    found = analyse(source, build(source), project, Directives([], {}))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    cut_off = any(stop.why == Reason.BUDGET for stop in found.stops)
    return [(name, seconds, peak, cut_off) for name, seconds in found.seconds]


def measured(folder: Path, path: str) -> list[Cost]:
    """What one file's entry points cost."""
    command = [sys.executable, "-m", "benchmarks.slowest", "--here", path]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        raise SystemExit(f"{path}: {done.stderr.strip()[-400:]}")
    return [Cost(path, *entry) for entry in json.loads(done.stdout)]


def report(costs: Sequence[Cost], most: int) -> str:
    """The slowest, and how many are within what a model may take."""
    slowest = sorted(costs, key=lambda cost: -cost.seconds)[:most]
    rows = [
        (f"{c.file}: {c.name}", f"{c.seconds:.2f}", c.megabytes, "cut off" if c.cut_off else "whole") for c in slowest
    ]
    within = sum(cost.seconds <= SECONDS for cost in costs)
    large = len({cost.file for cost in costs if cost.megabytes > MEGABYTES})
    return (
        tables.table(("entry point", "CPU s", "peak MB of the file", "file"), rows)
        + f"\n\n{within} of {len(costs)} entry points within {SECONDS:.0f} s; {large} files above {MEGABYTES} MB."
    )


if __name__ == "__main__":
    main()
