"""What the evaluation of a file gave, kept beside the corpora: a rule that changes need not wait for the evaluator."""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import shutil
import zlib
from functools import lru_cache
from pathlib import Path

from archlint.check import SYNTAX_ERROR, FileResult, check_file
from archlint.options import Options
from archlint.project import Project
from archlint.rule import rules
from benchmarks.corpora import cache

ENGINE = Path(__file__).parent.parent / "archlint"
SEES = ("source", "interp", "layers", "check.py", "dims.py", "graph.py", "imports.py", "model.py", "project.py",
        "text.py", "values.py")  # fmt: skip
"""The modules on which the evaluated models depend."""


def evaluated(project: Project, root: Path, path: str) -> FileResult:
    """The models of a file, what was noted on the way, and findings of syntax; from the store where it is there."""
    place = store() / root.name / f"{path.replace('/', '.')}.pickle.z"
    try:
        kept = pickle.loads(zlib.decompress(place.read_bytes()))
    except (OSError, zlib.error, pickle.PickleError, EOFError, AttributeError, ImportError):
        kept = None
    if isinstance(kept, FileResult):
        return kept
    result = check_file(project, path, Options(), [r for r in rules().values() if r.code == SYNTAX_ERROR])
    if result.internal_errors:
        return result
    with contextlib.suppress(RecursionError, pickle.PickleError, AttributeError, TypeError):
        # what is too deep, or holds a function, is not kept: it is evaluated again
        _keep(place, zlib.compress(pickle.dumps(result, 5), 1))
    return result


def _keep(place: Path, data: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = place.with_suffix(f".{os.getpid()}")
    beside.write_bytes(data)
    beside.replace(place)


def store() -> Path:
    """The folder for the engine as it is now."""
    return cache() / ".evaluated" / fingerprint()


def forget_others() -> None:
    """Remove what other states of the engine left."""
    for folder in (cache() / ".evaluated").glob("*"):
        if folder.name != fingerprint():
            shutil.rmtree(folder, ignore_errors=True)


@lru_cache(maxsize=1)
def fingerprint() -> str:
    """A short name for the state of the engine's source."""
    found = hashlib.sha256()
    for name in SEES:
        for file in sorted((ENGINE / name).glob("**/*.py")) or [ENGINE / name]:
            found.update(file.read_bytes())
    return found.hexdigest()[:16]
