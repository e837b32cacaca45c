"""The hooks as users have them: pre-commit and prek install archlint, and `git commit` is refused or goes through."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from test_hook_manifest import notebook

ROOT = Path(__file__).parents[2]
OFFLINE = re.compile(r"No matching distribution|Failed to establish|Temporary failure|ConnectionError|Could not fetch")

BLOCKS = "import torch.nn as nn\n\n\ndef stem():\n    return nn.Conv2d(3, 16, 3)\n"
NET = """\
import torch.nn as nn

from blocks import stem


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = stem()
        self.conv = nn.Conv2d(16, 32, 3)

    def forward(self, x):
        return self.conv(self.stem(x).relu())
"""
UNREGISTERED = """\
import torch.nn as nn


class Stack(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = [nn.Linear(4, 4) for _ in range(3)]

    def forward(self, x):
        for block in self.blocks:
            x = block(x).relu()
        return x
"""
BROKEN_CELL = "import torch.nn as nn\nnet = nn.Sequential(nn.Linear(8, 4), nn.ReLU(), nn.Linear(6, 2))\n"


@dataclass(frozen=True, slots=True)
class Repository:
    """A scratch repository in which a hook is installed."""

    folder: Path
    environment: dict[str, str]

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=600, check=False
        )

    def commit(self, **files: str) -> tuple[bool, str]:
        """Write `blocks="…"` to blocks.py and commit it: was it accepted, and what was said?"""
        for name, text in files.items():
            (self.folder / (name if "." in name else f"{name}.py")).write_text(text)
        self.run("git", "add", "-A")
        done = self.run("git", "commit", "-m", "a change")
        return done.returncode == 0, done.stdout + done.stderr


def program(name: str) -> str:
    """pre-commit or prek: beside the interpreter, or wherever it is installed."""
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.is_file() else shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This working tree as a repository with a commit, from which hooks are installed."""
    folder = tmp_path_factory.mktemp("released")
    for name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / name, folder)
    for name in ("archlint", "rules"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    git(folder, "init", "--quiet")
    git(folder, "add", "-A")
    git(folder, "commit", "--quiet", "-m", "archlint")
    return folder


def git(folder: Path, *arguments: str) -> str:
    who = ["-c", "user.name=A", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false"]
    return subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module", params=["pre-commit", "prek"])
def installed(
    request: pytest.FixtureRequest, released: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Repository]:
    """`installed("archlint")`: a scratch repository with that hook; the environment of the hooks is built once."""
    runner = program(request.param)
    home = tmp_path_factory.mktemp("home")
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("GIT_") and key != "PYTHONPATH"},
        "PRE_COMMIT_HOME": str(home), "PREK_HOME": str(home), "NO_COLOR": "1",
        "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@b.c", "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@b.c",
    }  # fmt: skip
    revision = git(released, "rev-parse", "HEAD").strip()

    def install(hook: str) -> Repository:
        made = Repository(tmp_path_factory.mktemp(hook), environment)
        made.run("git", "init", "--quiet")
        config = f"repos:\n- repo: {released}\n  rev: {revision}\n  hooks:\n  - id: {hook}\n"
        (made.folder / ".pre-commit-config.yaml").write_text(config)
        done = made.run(runner, "install", "--install-hooks")
        if OFFLINE.search(done.stdout + done.stderr):
            pytest.skip("the packages that archlint needs cannot be had here")
        assert done.returncode == 0, done.stdout + done.stderr
        return made

    return install


def test_the_manifest_is_valid(released: Path) -> None:
    command = [program("pre-commit"), "validate-manifest", ".pre-commit-hooks.yaml"]
    done = subprocess.run(command, cwd=released, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_a_commit_that_breaks_a_model_is_refused(installed: Callable[[str], Repository]) -> None:
    repository = installed("archlint")
    accepted, said = repository.commit(blocks=BLOCKS, net=NET)
    assert accepted, said

    accepted, said = repository.commit(net=NET.replace("Conv2d(16, 32", "Conv2d(64, 32"))
    assert not accepted
    assert "ARC102" in said
    assert "net.py" in said
    accepted, said = repository.commit(net=NET)
    assert "nothing to commit" in said, said

    accepted, said = repository.commit(blocks=BLOCKS.replace("(3, 16", "(3, 8"))
    assert not accepted, "the change of a helper breaks the model that imports it"
    assert "net.py" in said
    accepted, said = repository.commit(blocks=BLOCKS.replace("(3, 16", "(3, 8"), net=NET.replace("(16, 32", "(8, 32"))
    assert accepted, said

    accepted, said = repository.commit(**{"net.ipynb": notebook(BROKEN_CELL)})
    assert not accepted
    assert "ARC104" in said
    accepted, said = repository.commit(**{"net.ipynb": notebook(BROKEN_CELL.replace("6, 2", "4, 2"))})
    assert accepted, said


def test_a_commit_is_fixed_and_then_accepted(installed: Callable[[str], Repository]) -> None:
    repository = installed("archlint-fix")
    accepted, said = repository.commit(stack=UNREGISTERED)
    assert not accepted
    assert "ModuleList" in (repository.folder / "stack.py").read_text(), said
    accepted, said = repository.commit()
    assert accepted, said
