"""The model collections: fetched from PyPI at pinned versions, unpacked, never installed or imported."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Corpus:
    """One package: `folder` below its root is what is checked.

    executed: `benchmarks.agreement` runs its models, `per_file` of each file (0: all), of the files in `sample` (none
    named: of all).
    """

    name: str
    version: str
    folder: str
    licence: str
    executed: bool = False
    per_file: int = 0
    sample: tuple[str, ...] = ()

    @property
    def recorded(self) -> str:
        """Name of the file in `benchmarks/truth/` that holds what was executed."""
        return f"{self.name}-{self.version}.jsonl.gz"

    def fetch(self) -> Path:
        """Root of the unpacked package; downloads it when it is not there yet."""
        root = cache() / f"{self.name}-{self.version}"
        if not root.is_dir():
            _unpack(self, root)
        return root


def corpora() -> list[Corpus]:
    """The corpora of corpora.toml."""
    toml = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    with (HERE / "corpora.toml").open("rb") as file:
        return [Corpus(name, **facts) for name, facts in toml.load(file).items()]


def cache() -> Path:
    """`$ARCHLINT_CORPORA`, or `.corpora` beside the package."""
    return Path(os.environ.get("ARCHLINT_CORPORA") or HERE.parent / ".corpora")


def _unpack(corpus: Corpus, root: Path) -> None:
    """Download the wheel beside its place and move it there whole, so that a broken run leaves nothing behind."""
    root.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root.parent) as work:
        wheel = _download(corpus, Path(work))
        target = Path(work) / "unpacked"
        with zipfile.ZipFile(wheel) as archive:
            names = [n for n in archive.namelist() if n.endswith(".py") or ".dist-info/" in n]
            archive.extractall(target, names)
        shutil.move(target, root)


def _download(corpus: Corpus, work: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--dest", str(work)]
    done = subprocess.run([*command, f"{corpus.name}=={corpus.version}"], capture_output=True, text=True, check=False)
    wheels = list(work.glob("*.whl"))
    if done.returncode or not wheels:
        reason = (done.stderr.strip().splitlines() or ["no wheel came"])[-1]
        raise SystemExit(
            f"{corpus.name} {corpus.version} could not be downloaded: {reason}\n"
            f"The corpora need a network once; or put the unpacked wheel into {cache()}/{corpus.name}-{corpus.version}."
        )
    return wheels[0]


if __name__ == "__main__":
    for each in corpora():
        print(f"{each.name} {each.version} ({each.licence}): {each.fetch()}")
