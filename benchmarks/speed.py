"""Processor time of a run, beside the bare parse of the same files: `python -m benchmarks.speed`."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import tables
from benchmarks.corpora import corpora

README = Path(__file__).parent / "README.md"
ROOT = Path(__file__).parent.parent
PARSE = """
import sys
from libcst import parse_module
for path in sys.argv[1:]:
    parse_module(open(path, encoding="utf-8").read())
"""
SLICE = ("alexnet.py", "densenet.py", "inception.py", "mnasnet.py", "resnet.py", "squeezenet.py", "vgg.py")
ONE = "vgg.py"


@dataclass(frozen=True, slots=True)
class Timing:
    """Least processor seconds of some runs, of the tool and of the bare parse of the files it read."""

    what: str
    lines: int
    seconds: float
    parse: float

    def row(self) -> tuple[str, int | str, str, str, str]:
        """Cells of the table."""
        if not self.lines:
            return self.what, "-", f"{self.seconds:.2f}", "-", "-"
        return self.what, self.lines, f"{self.seconds:.2f}", f"{self.parse:.2f}", f"{self.seconds / self.parse:.1f}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--runs", type=int, default=3, help="the least of so many runs counts")
    parser.add_argument("--write", action="store_true", help="put the table into benchmarks/README.md")
    chosen = parser.parse_args(arguments)
    text = report(measure(chosen.runs))
    print(text)
    if chosen.write:
        tables.write(README, "speed", text)


def measure(runs: int) -> list[Timing]:
    """Each case in processes of its own: nothing is warm but the disk."""
    torchvision = next(corpus for corpus in corpora() if corpus.name == "torchvision")
    folder = torchvision.fetch() / torchvision.folder
    return [
        Timing("`archlint --version`", 0, least(runs, lambda: archlint("--version")), 0.0),
        _checked("one file", [folder / ONE], runs),
        _checked(f"{len(SLICE)} files", [folder / name for name in SLICE], runs),
    ]


def _checked(what: str, files: Sequence[Path], runs: int) -> Timing:
    paths = [str(path) for path in files]
    lines = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in files)
    seconds = least(runs, lambda: archlint("check", *paths))
    parse = least(runs, lambda: spent([sys.executable, "-c", PARSE, *paths]))
    return Timing(f"`archlint check`, {what}", lines, seconds, parse)


def least(runs: int, run: Callable[[], float]) -> float:
    """The least of some runs: the rest is noise of the machine."""
    return min(run() for _ in range(runs))


def archlint(*arguments: str) -> float:
    """Processor seconds of the command line tool; findings are no failure, a crash is."""
    return spent([sys.executable, "-m", "archlint", *arguments])


def spent(command: Sequence[str]) -> float:
    """Processor seconds of a command, its start included."""
    packages = os.pathsep.join([str(ROOT), str(ROOT / "rules")])
    environment = {**os.environ, "ARCHLINT_RULES": "archlint_rules", "PYTHONPATH": packages}
    before = os.times()
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    after = os.times()
    if done.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(command[:4])} failed: {done.stderr.strip()[-400:]}")
    return after.children_user + after.children_system - before.children_user - before.children_system


def report(timings: Sequence[Timing]) -> str:
    """One row per case."""
    return tables.table(("run", "lines", "CPU s", "bare parse s", "ratio"), [timing.row() for timing in timings])


if __name__ == "__main__":
    main()
