"""The model collections: fetched from PyPI at pinned versions, unpacked, never installed or imported."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent
EXAMPLES = "examples"
FENCED = re.compile(r"^```(?:python|py)[ \t]*\n(.*?)^```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Corpus:
    """One package: `folder` below its root is what is checked.

    executed: `benchmarks.agreement` runs its models, `per_file` of each file (0: all), of the files in `sample` (none
    named: of all).  files: which files of the folder are checked.  wide: large, of `benchmarks.ecosystem` alone.
    examples: the Python in the package's description is checked, too, and run as scripts.  beside: corpora whose
    packages lie beside this one, as libraries lie beside a project.  package: what it is part of, where that has
    another name.  named: which of the files, by name without ending.
    """

    name: str
    version: str
    folder: str
    licence: str
    executed: bool = False
    per_file: int = 0
    sample: tuple[str, ...] = ()
    files: str = "**/*.py"
    wide: bool = False
    examples: bool = False
    beside: tuple[str, ...] = ()
    package: str = ""
    named: tuple[str, ...] = ()

    @property
    def recorded(self) -> str:
        """Name of the file in `benchmarks/truth/` that holds what was executed."""
        return f"{self.name}-{self.version}.jsonl.gz"

    def fetch(self) -> Path:
        """Root of the unpacked package; downloads it when it is not there yet."""
        root = cache() / f"{self.package or self.name}-{self.version}"
        if not root.is_dir():
            _unpack(self, root)
        if self.examples and not (root / EXAMPLES).is_dir():
            _write_examples(root)
        for other in corpora(wide=True):
            if other.name in self.beside and not (root / other.name).exists():
                (root / other.name).symlink_to(other.fetch().resolve() / other.name)
        return root

    def paths(self, root: Path) -> list[str]:
        """The files that are checked, relative to the root."""
        found = [p for p in sorted((root / self.folder).glob(self.files)) if not self.named or p.stem in self.named]
        found += sorted((root / EXAMPLES).glob("*.py")) if self.examples else []
        return [str(path.relative_to(root)) for path in found]


def corpora(wide: bool = False) -> list[Corpus]:
    """The corpora of corpora.toml; the wide ones only if they are asked for."""
    toml = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    with (HERE / "corpora.toml").open("rb") as file:
        found = [Corpus(name, **facts) for name, facts in toml.load(file).items()]
    return [corpus for corpus in found if wide or not corpus.wide]


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


def _write_examples(root: Path) -> None:
    """`examples/01.py` and so on: the code of the description that the package carries."""
    folder = root / EXAMPLES
    folder.mkdir()
    for path in sorted(root.glob("*.dist-info/METADATA")):
        for number, text in enumerate(examples(path.read_text(encoding="utf-8")), 1):
            (folder / f"{number:02}.py").write_text(text, encoding="utf-8")


def examples(description: str) -> list[str]:
    """The fenced Python of a text; each block with those imports of earlier ones that it goes on from."""
    found: list[str] = []
    imported: dict[str, str] = {}
    for text in FENCED.findall(description):
        try:
            tree = ast.parse(text)
        except SyntaxError:  # an excerpt, `model = Net(...`
            continue
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        own: dict[str, str] = {}
        for node in ast.walk(tree):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                own |= {(alias.asname or alias.name).partition(".")[0]: ast.unparse(node) for alias in node.names}
        before = dict.fromkeys(line for name, line in imported.items() if name in names and name not in own)
        found.append("".join(f"{line}\n" for line in before) + text)
        imported |= own
    return found


def _download(corpus: Corpus, work: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--dest", str(work)]
    wanted = f"{corpus.package or corpus.name}=={corpus.version}"
    done = subprocess.run([*command, wanted], capture_output=True, text=True, check=False)
    wheels = list(work.glob("*.whl"))
    if done.returncode or not wheels:
        reason = (done.stderr.strip().splitlines() or ["no wheel came"])[-1]
        raise SystemExit(
            f"{corpus.name} {corpus.version} could not be downloaded: {reason}\n"
            f"The corpora need a network once; or put the unpacked wheel into {cache()}/{corpus.name}-{corpus.version}."
        )
    return wheels[0]


if __name__ == "__main__":
    for each in corpora(wide=True):
        print(f"{each.name} {each.version} ({each.licence}): {each.fetch()}")
