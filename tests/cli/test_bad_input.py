"""What cannot be read or written is said in a line; nothing else is lost by it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from shell import BROKEN, ROOT, Cli

from archlint.plugins import VARIABLE

FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="the system has no /dev/full")


def shell(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A line of shell in a folder; `$archlint` is the command."""
    path = os.pathsep.join([str(ROOT), str(ROOT / "rules")])
    own = {"PYTHONPATH": path, VARIABLE: "archlint_rules", "archlint": f"{sys.executable} -m archlint"}
    command = ["sh", "-c", script]
    return subprocess.run(command, cwd=folder, env={**os.environ, **own}, capture_output=True, text=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "archlint.toml").touch()
    (tmp_path / "net.py").write_text(BROKEN)
    return tmp_path


@needs_full
@pytest.mark.parametrize("options", ["", "--output-format json", "--output-format sarif", "--statistics"])
def test_findings_that_cannot_be_written_are_an_error(folder: Path, options: str) -> None:
    """`> findings.txt` on a full disk: exit code 1 would say that they are there to read."""
    done = shell(f"$archlint check {options} > /dev/full", folder)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == "Error: standard output cannot be written: No space left on device"


def test_closed_streams_are_no_crash(folder: Path) -> None:
    assert shell("$archlint check >&-", folder).returncode == 1
    done = shell("$archlint check --output-format concise 2>&-", folder)
    assert (done.returncode, done.stdout.count("ARC102")) == (1, 1)
    done = shell("$archlint check - <&-", folder)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (2, "Error: standard input is closed")
    assert shell("$archlint check >&- 2>&- <&-", folder).returncode == 1
    assert shell("$archlint check", folder).returncode == 1  # from the cache that those have kept


def test_a_reader_that_has_gone_is_no_error(folder: Path) -> None:
    for number in range(30):
        (folder / f"net{number}.py").write_text(BROKEN)
    done = shell("$archlint check --output-format concise | head -n 1; $archlint rule --all | head -n 1", folder)
    assert (done.stdout.count("\n"), "Error" in done.stderr, "rror:" in done.stderr) == (2, False, False)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_named_file_that_may_not_be_read_hides_no_other(cli: Cli) -> None:
    Path("net.py").write_text(BROKEN)
    Path("secret.py").write_text(BROKEN)
    Path("secret.py").chmod(0)
    outcome = cli("check", "net.py", "secret.py", "--output-format", "concise")
    assert "net.py:8:32: ARC102" in outcome.out
    assert "secret.py:1:1: ARC001 error: not read: Permission denied" in outcome.out
    Path("closed").mkdir(mode=0)
    assert "closed/net.py: Permission denied" in cli("check", "closed/net.py").err


def test_a_directory_is_no_baseline(cli: Cli) -> None:
    Path("old").mkdir()
    for option in ([], ["--update-baseline"]):
        outcome = cli("check", "--baseline", "old", *option)
        assert (outcome.code, outcome.err.splitlines()[-1]) == (2, "Error: old is a directory, and no baseline")


def test_arguments_are_no_options(cli: Cli) -> None:
    assert "[PATH|-]" not in cli("check", "--help").out.partition("Rules:")[2]


def test_what_archlint_cannot_read_fails_no_run(cli: Cli) -> None:
    """A table that a program wrote is Python, if too large to analyse; the models beside it are checked."""
    table = "import torch\n\nTABLE = [" + ", ".join(map(str, range(60_000))) + "]\n"
    Path("table.py").write_text(table)
    outcome = cli("check", "table.py", "--output-format", "concise")
    assert (outcome.code, outcome.out) == (0, "table.py:3:1: ARC001 info: too large to analyse\n")
    Path("table.py").write_text(table + BROKEN + "print 1\n")
    outcome = cli("check", "table.py", "--output-format", "concise")
    assert (outcome.code, outcome.out.count("error: ")) == (1, 2)
