"""The manifest of the hooks: every entry is a command that exists and does what a hook is to do."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

yaml = pytest.importorskip("yaml")

ROOT = Path(__file__).parents[2]
HOOKS: dict[str, dict[str, Any]] = {
    hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
}


def run_hook(name: str, *paths: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """The command of a hook, also where archlint is not installed."""
    program, *arguments = HOOKS[name]["entry"].split()
    assert program == "archlint"
    command = [sys.executable, "-m", "archlint", *arguments, *paths]
    path = os.pathsep.join([str(ROOT), str(ROOT / "rules")])
    environment = {**os.environ, "ARCHLINT_RULES": "archlint_rules", "PYTHONPATH": path}
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=environment)


def test_there_are_three_hooks_for_python_and_notebooks() -> None:
    assert list(HOOKS) == ["archlint", "archlint-fix", "archlint-verify"]
    assert all(hook["types_or"] == ["python", "jupyter"] for hook in HOOKS.values())
    assert all(hook["require_serial"] for hook in HOOKS.values())
    assert HOOKS["archlint-verify"]["language"] == "system"
    assert HOOKS["archlint-verify"]["stages"] == ["pre-push", "manual"]


def test_archlint_refuses_what_has_findings() -> None:
    refused = run_hook("archlint", "fixtures/example/tagger.py")
    assert (refused.returncode, "ARC204" in refused.stdout) == (1, True), refused.stderr
    assert run_hook("archlint", "fixtures/models/vgg16.py").returncode == 0


def test_archlint_fix_fixes_and_then_passes(tmp_path: Path) -> None:
    shutil.copy(ROOT / "fixtures" / "example" / "segments.py", tmp_path)
    first = run_hook("archlint-fix", "segments.py", folder=tmp_path)
    assert first.returncode == 1, first.stderr
    assert "ModuleList" in (tmp_path / "segments.py").read_text()
    clean = "import torch.nn as nn\n\nnet = nn.Sequential(nn.Linear(8, 4), nn.ReLU(), nn.Linear(4, 2))\n"
    (tmp_path / "clean.py").write_text(clean)
    assert run_hook("archlint-fix", "clean.py", folder=tmp_path).returncode == 0


def test_archlint_verify_passes_where_no_model_changed(tmp_path: Path) -> None:
    (tmp_path / "words.py").write_text("WORDS = 3\n")
    passed = run_hook("archlint-verify", "words.py", folder=tmp_path)
    assert passed.returncode == 0, passed.stdout + passed.stderr


def test_a_notebook_is_covered(tmp_path: Path) -> None:
    code = "import torch.nn as nn\nnet = nn.Sequential(nn.Linear(8, 4), nn.ReLU(), nn.Linear(6, 2))\n"
    (tmp_path / "net.ipynb").write_text(notebook(code))
    refused = run_hook("archlint", "net.ipynb", folder=tmp_path)
    assert refused.returncode == 1, refused.stderr
    assert "ARC104" in refused.stdout


def notebook(code: str) -> str:
    """A notebook with one cell of code."""
    cell = {"cell_type": "code", "execution_count": None, "id": "a", "metadata": {}, "outputs": [], "source": code}
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return json.dumps({"cells": [cell], "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}, indent=1)
