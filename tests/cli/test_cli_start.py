"""Starting up: what a command costs, and what it says when it cannot begin."""

from __future__ import annotations

import importlib.metadata
import os
import resource
import subprocess
import sys
from pathlib import Path

import click
import pytest
from shell import ROOT, Cli, Process

import archlint.rule
from archlint import __version__
from archlint.cli import app
from archlint.plugins import VARIABLE

HEAVY = ("libcst", "networkx", "archlint.interp", "archlint.check", "archlint.rule", "archlint.run", "rich")


def _seconds(*command: str) -> float:
    """CPU seconds of the fastest of three runs."""
    taken = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *command], check=True, capture_output=True, cwd=ROOT)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        taken.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(taken)


def test_the_version_is_cheap(process: Process) -> None:
    assert process("--version").stdout == f"archlint {__version__}\n"
    script = "from archlint.cli import run; run(['--version'])"
    assert _seconds("-c", script) < 1.5 * _seconds("-c", "import click")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--version"],
        ["--help"],
        ["check", "--help"],
        ["summary", "--help"],
        ["verify", "--help"],
        ["rule", "--help"],
        ["config"],
        ["init", "--stdout"],
        ["completion", "fish"],
    ],
)
def test_nothing_is_imported_that_is_not_needed(arguments: list[str]) -> None:
    script = f"import sys; from archlint.cli import run; run({arguments}); print(*sys.modules, file=sys.stderr)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT)
    assert not [name for name in run.stderr.split() if name.startswith(HEAVY)]


def test_the_options_of_check_are_in_sections(cli: Cli) -> None:
    text = cli("check", "--help").out
    titles = ["Rules:", "Files:", "Fixes:", "Suppressions and baseline:", "Models:", "Output:", "Others:"]
    assert [line for line in text.splitlines() if line in titles] == titles
    options = {
        name
        for param in app.get_command(click.Context(app), "check").params
        if not getattr(param, "hidden", False)
        for name in param.opts
    }
    assert not [
        name for name in options if name.startswith("--") and f"{name} " not in text and f"{name}\n" not in text
    ]
    others = text.partition("Others:")[2]
    assert others.count("  -") <= 8


def test_an_unknown_command_is_refused_with_a_hint(cli: Cli) -> None:
    outcome = cli("chek", "a.py")
    assert outcome.code == 2
    assert "no such command 'chek'; did you mean 'check'?" in outcome.err
    Path("net.py").write_text("")
    assert "for a path: archlint check net.py" in cli("net.py").err


def test_without_rules_one_sentence_says_so(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archlint.rule, "_RULES", {})
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda **group: ())
    outcome = cli("check")
    assert outcome.code == 2
    assert "no rules are installed: run `pip install -e .`" in outcome.err


def test_a_rule_pack_that_does_not_load_is_named(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("mypack.py").write_text("1 / 0\n")
    monkeypatch.syspath_prepend(os.getcwd())
    monkeypatch.setenv(VARIABLE, "mypack")
    outcome = cli("check")
    assert outcome.code == 2
    assert "the rule pack 'mypack' cannot be loaded: ZeroDivisionError" in outcome.err


def test_a_rule_pack_that_is_not_installed_can_be_named(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("lab").mkdir()
    Path("lab/__init__.py").write_text("")
    Path("lab/naming.py").write_text(
        "from archlint.rule import rule\n\n"
        "@rule('LAB001', 'lab-naming', severity='info', category='lab')\n"
        "def lab_naming(model):\n    '''Nothing.'''\n    return iter(())\n"
    )
    monkeypatch.syspath_prepend(os.getcwd())
    monkeypatch.setenv(VARIABLE, "lab")
    monkeypatch.setattr(archlint.rule, "_RULES", dict(archlint.rule._RULES))
    assert "LAB001 lab-naming" in cli("rule", "LAB001").out


def test_an_internal_error_is_one_line(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise TypeError("unexpected")

    monkeypatch.setattr("archlint.project.Project.of_paths", fail)
    outcome = cli("check")
    assert outcome.code == 2
    assert outcome.err.startswith("archlint: internal error at test_cli_start.py:")
    assert "Traceback" not in outcome.err
