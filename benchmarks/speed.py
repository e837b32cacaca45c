"""Processor time of a run, beside the bare parse of the same files, and of runs that the cache answers.

python -m benchmarks.speed --write
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from archlint.files import RECENT
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
HELPER = "_utils.py"
"""Imported by most of the others."""

CLICK = "import click"


@dataclass(frozen=True, slots=True)
class Timing:
    """Least processor seconds of some runs, of the tool and of the bare parse of the files it was given."""

    what: str
    lines: int
    seconds: float
    parse: float

    def row(self) -> tuple[str, int | str, str, str, str]:
        """Cells of the table."""
        if not self.lines:
            return self.what, "-", f"{self.seconds:.2f}", "-", "-"
        return self.what, self.lines, f"{self.seconds:.2f}", f"{self.parse:.2f}", f"{self.seconds / self.parse:.2f}"


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
    with tempfile.TemporaryDirectory() as place:
        tree = Path(place, "models")
        shutil.copytree(folder, tree)
        os.environ["ARCHLINT_CACHE_DIR"] = str(Path(place, "cache"))
        os.environ["PYTHONPYCACHEPREFIX"] = str(Path(place, "bytecode"))
        return [
            Timing("`python -c 'import click'`", 0, least(runs, lambda: spent([sys.executable, "-c", CLICK])), 0.0),
            Timing("`archlint --version`", 0, least(runs, lambda: archlint("--version")), 0.0),
            *_checked("one file", [tree / ONE], runs),
            *_checked(f"{len(SLICE)} files", [tree / name for name in SLICE], runs),
            *_edited(tree, runs),
        ]


def _checked(what: str, files: Sequence[Path], runs: int) -> list[Timing]:
    """Some files without a cache, and from it."""
    paths = [str(path) for path in files]
    lines, parse = _parsed(files, runs)
    bare = least(runs, lambda: archlint("check", "--no-cache", *paths))
    archlint("check", *paths)
    cached = least(runs, lambda: archlint("check", *paths))
    return [
        Timing(f"`archlint check`, {what}", lines, bare, parse),
        Timing(f"`archlint check`, {what}, from the cache", lines, cached, parse),
    ]


def _edited(tree: Path, runs: int) -> list[Timing]:
    """A directory: first in one process, then with nothing changed, then with one file changed each time."""
    files = sorted(tree.rglob("*.py"))
    lines, parse = _parsed(files, runs)

    def edited(name: str) -> float:
        with (tree / name).open("a", encoding="utf-8") as file:
            file.write("# one more line\n")
        return archlint("check", str(tree))

    what = f"`archlint check`, {len(files)} files"
    first = archlint("check", "-j", "1", str(tree))
    time.sleep(RECENT / 1e9)  # a file that was written just now is read again
    archlint("check", str(tree))
    return [
        Timing(f"{what}, first run", lines, first, parse),
        Timing(f"{what}, nothing changed", lines, least(runs, lambda: archlint("check", str(tree))), parse),
        Timing(f"{what}, `{ONE}` changed", lines, least(runs, lambda: edited(ONE)), parse),
        Timing(f"{what}, `{HELPER}` changed", lines, least(1, lambda: edited(HELPER)), parse),
    ]


def _parsed(files: Sequence[Path], runs: int) -> tuple[int, float]:
    """Lines of some files, and seconds of their bare parse."""
    lines = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in files)
    return lines, least(runs, lambda: spent([sys.executable, "-c", PARSE, *map(str, files)]))


def least(runs: int, run: Callable[[], float]) -> float:
    """The least of some runs: the rest is noise of the machine."""
    return min(run() for _ in range(runs))


def archlint(*arguments: str) -> float:
    """Processor seconds of the command line tool; findings are no failure, a crash is."""
    return spent([sys.executable, "-m", "archlint", *arguments])


def spent(command: Sequence[str]) -> float:
    """Processor seconds of a command, its start included."""
    packages = os.pathsep.join([str(ROOT), str(ROOT / "rules")])
    environment = {**os.environ, "ARCHLINT_RULES": "archlint_rules", "PYTHONPATH": packages, "ARCHLINT_NO_CACHE": ""}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # what is installed has its bytecode
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
