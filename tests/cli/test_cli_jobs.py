"""Several processes, shares of the files, progress: the findings are those of one process."""

from __future__ import annotations

import io
import os
import signal
from pathlib import Path

import pytest
from shell import BROKEN, CLEAN, Cli

import archlint.check
from archlint import workers
from archlint.cli.progress import bar, counted
from archlint.configuration import Configuration
from archlint.configuration.by_file import run_options
from archlint.options import Options, RunOptions
from archlint.plugins import VARIABLE
from archlint.project import Project


def _write_project() -> None:
    Path("pkg").mkdir()
    Path("pkg/__init__.py").write_text("")
    Path("pkg/sizes.py").write_text("WIDTH = 24\n")
    for number in range(6):
        Path(f"pkg/net{number}.py").write_text(BROKEN if number % 2 else CLEAN)
    Path("pkg/wide.py").write_text("from pkg.sizes import WIDTH\n" + CLEAN.replace("(16, 32", "(WIDTH, 32"))
    Path("pkg/broken.py").write_text("import torch\ndef f(:\n")
    Path("pkg/excused.py").write_text(BROKEN.replace("64, 32, 3)", "64, 32, 3)  # archlint: ignore[ARC102]"))
    Path("pkg/idle.py").write_text(CLEAN + "\n\nx = 1  # archlint: ignore[ARC102]\n")
    Path("pkg/archlint.toml").write_text('[per-file-ignores]\n"net1.py" = ["ARC102"]\n')


def test_several_processes_find_what_one_finds(cli: Cli) -> None:
    _write_project()
    for name in ("concise", "json", "full"):
        one = cli("check", "-j", "1", "--output-format", name)
        assert one.code == 1
        assert cli("check", "-j", "3", "--output-format", name) == one
    assert "net3.py:8:32: ARC102" in cli("check", "-j", "3", "--output-format", "concise").out


def test_workers_that_start_anew_find_the_same(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    _write_project()
    monkeypatch.setenv(VARIABLE, "archlint_rules")
    project, options = Project.of_paths(["."]), run_options(Configuration(), Options())
    alone = {path: archlint.check.check_one(project, path, options) for path in project.checked}
    for outcome in workers.check_in_workers(project.fresh(), project.checked, options, 2, "spawn"):
        expected = alone.pop(outcome.path)
        assert outcome.diagnostics == expected.diagnostics
        assert (outcome.models, outcome.used) == (expected.models, expected.used)
        assert outcome.asked.modules == expected.asked.modules
        texts, there = outcome.asked.texts, expected.asked.texts
        assert {path: held[0] for path, held in texts.items()} == {path: held[0] for path, held in there.items()}
    assert not alone


def test_a_worker_that_dies_costs_its_file_alone(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    check_file = archlint.check.check_file

    def deadly(project: Project, path: str, *more: object) -> object:
        if path == "bad.py":
            os.kill(os.getpid(), signal.SIGKILL)
        return check_file(project, path, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(archlint.check, "check_file", deadly)
    for name in ("a.py", "bad.py", "c.py", "d.py"):
        Path(name).write_text(BROKEN)
    outcome = cli("check", "-j", "2", "--output-format", "concise")
    assert outcome.out.count("ARC102") == 3
    assert "archlint: internal error in bad.py: the process that checked it was ended by SIGKILL" in outcome.err


def test_what_is_wrong_with_the_options_is_said_by_workers_too(cli: Cli) -> None:
    _write_project()
    Path("pkg/archlint.toml").write_text('ignore = ["ARC999"]\n')
    one, several = cli("check", "-j", "1"), cli("check", "-j", "3")
    assert one == several
    assert (one.code, "unknown rule 'ARC999'" in one.err) == (2, True)


def test_few_files_are_not_worth_a_process() -> None:
    few, many = ["a"] * workers.FEW, ["a"] * 400
    assert workers.number_of_workers(few, None, "fork") == 1
    assert workers.number_of_workers(few, 4, "fork") == 4
    assert workers.number_of_workers(["a"], 4, "fork") == 1
    assert 1 <= workers.number_of_workers(many, None, "fork") <= min(workers.processors(), workers.MOST)


def test_shares_are_all_files_each_once(cli: Cli) -> None:
    _write_project()
    every = cli("check", "--output-format", "concise", "--ignore", "ARC005").out.splitlines()
    shares = [cli("check", "--output-format", "concise", "--shard", f"{i}/3").out.splitlines() for i in (1, 2, 3)]
    assert sorted(line for share in shares for line in share) == sorted(every)
    assert cli("check", "--shard", "4/3").code == 2
    assert "is not like 2/4" in cli("check", "--shard", "half").err


def test_a_share_knows_what_files_outside_of_it_read(cli: Cli) -> None:
    unused = CLEAN.replace("        self.conv2 =", "        self.spare = nn.Conv2d(3, 4, 1)\n        self.conv2 =")
    Path("net.py").write_text(unused)
    Path("use.py").write_text("from net import Net\n\nprint(Net().spare)\n")
    for number in (1, 2, 3, 4):
        assert "spare" not in cli("check", "--min-severity", "info", "--shard", f"{number}/4").out


def test_timings_name_phases_and_rules(cli: Cli) -> None:
    Path("a.py").write_text(BROKEN)
    outcome = cli("check", "--timings")
    assert "evaluation" in outcome.err
    assert "parsing" in outcome.err
    assert "s of processor time for 1 of 1 file" in outcome.err


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_drawn_on_a_terminal_when_it_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("archlint.cli.progress.PATIENCE", 0.0)
    terminal, pipe = Terminal(), io.StringIO()
    for stream in (terminal, pipe):
        with counted(stream, 4) as step:
            step("a.py")
    assert f"{bar(1, 4)} 1/4 a.py" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\x1b[K")
    assert pipe.getvalue() == ""
    assert bar(1, 2) == "[############------------]"


def test_the_first_second_is_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal()
    with counted(terminal, 4) as step:
        step("a.py")
    assert "a.py" not in terminal.getvalue()


def test_options_that_are_one_for_all_files_are_given_to_workers(cli: Cli) -> None:
    Path("a.py").write_text(BROKEN)
    Path("b.py").write_text(BROKEN)
    project = Project.of_paths(["a.py", "b.py"])
    found = list(workers.check_in_workers(project, project.checked, RunOptions(Options(ignore=("ARC102",))), 2))
    assert [outcome.diagnostics for outcome in found] == [[], []]
