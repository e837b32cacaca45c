"""Runs the command line in this process, and as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from shell import ROOT, Cli, Outcome, Process

from archlint.cli import run
from archlint.plugins import VARIABLE, load


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """`cli("check", "a.py")` in an empty working directory."""
    load("archlint_rules")
    monkeypatch.chdir(tmp_path)
    for variable in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("ARCHLINT_NO_CACHE", "1")  # tests replace parts of archlint, which the cache does not see

    def call(*arguments: str) -> Outcome:
        capsys.readouterr()
        code = run(list(arguments))
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return call


@pytest.fixture
def process() -> Process:
    """The same as a process: `process("check", "-", stdin="…")`."""

    def call(*arguments: str, stdin: str = "", **more: str) -> subprocess.CompletedProcess[str]:
        path = os.pathsep.join([str(ROOT), str(ROOT / "rules")])
        environment = {**os.environ, "PYTHONPATH": path, VARIABLE: "archlint_rules", "ARCHLINT_NO_CACHE": "1", **more}
        command = [sys.executable, "-m", "archlint", *arguments]
        return subprocess.run(command, input=stdin, capture_output=True, text=True, env=environment)

    return call
