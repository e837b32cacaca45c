"""`archlint verify` and `archlint check --verify` as their users meet them; what is run is stood in for."""

from __future__ import annotations

import importlib.util
import io
import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from shell import BROKEN, CLEAN, ROOT, Cli, Process

from archlint.check import check_project
from archlint.cli.running import run_models
from archlint.diagnostic import Diagnostic, Report
from archlint.options import Options, RunOptions
from archlint.project import Project
from archlint.rule import Finding, rules
from archlint.run.verify import Request
from archlint.selection import active
from archlint.text import Span
from archlint.verdict import Comparison, ModelVerdict, Standing, Verification

ISOLATION = "locked: no network, no new processes, writes only in a private directory"
Judge = Callable[[ModelVerdict, Report], None]


class Runs:
    """Stands in for running models: the static findings, and verdicts that a test decides on."""

    def __init__(self) -> None:
        self.judge: Judge = lambda verdict, report: None
        self.standing: Standing = "not tested"
        self.more: dict[str, Any] = {}
        self.request = Request()
        self.options = RunOptions()

    def __call__(
        self, project: Project, options: RunOptions, request: Request, progress: Callable[[str], None] | None = None
    ) -> tuple[Report, Verification]:
        self.request, self.options = request, options
        report = check_project(project, options)
        found = Verification(isolation=ISOLATION, python="python3", frameworks={"torch": "torch 2.13.0"})
        for model in report.models:
            if request.only and model.name not in request.only.get(model.path, ()) and request.only.get(model.path):
                continue
            if progress is not None:
                progress(f"{model.path}::{model.name}")
            verdict = ModelVerdict(model.name, model.path, model.line, "torch", "agrees", calls={"equal": 2})
            self.judge(verdict, report)
            found.models.append(verdict)
            source = project.source(model.path)
            assert source is not None
            found.texts[model.path] = report.texts[model.path] = source.lines
        for name, value in self.more.items():
            setattr(found, name, value)
        report.diagnostics = [
            Diagnostic(d.code, d.name, d.severity, d.confidence, d.model, d.finding, d.standing or self.standing)
            for d in report.diagnostics
        ]
        return report, found


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Runs:
    stand_in = Runs()
    monkeypatch.setattr("archlint.run.verify.verify", stand_in)
    return stand_in


def differs(verdict: ModelVerdict, report: Report) -> None:
    verdict.status = "differs"
    verdict.calls["differs"] = 1
    one = Comparison(Span(verdict.path, 60, 70), "differs", "self.a(x)", "(N, 4)", "(2, 3)", verdict.name)
    verdict.differences.append(one)
    finding = Finding(one.span, "`self.a(x)`: inferred (N, 4), executed (2, 3)")
    name = "executed-shape-disagrees"
    report.diagnostics.append(Diagnostic("ARC007", name, "error", "proven", verdict.name, finding, "confirmed"))


def idle(verdict: ModelVerdict, report: Report) -> None:
    verdict.status, verdict.reason, verdict.calls = "not run", "No module named 'torch'", {}


def test_models_that_agree(cli: Cli, runs: Runs) -> None:
    Path("net.py").write_text(CLEAN)
    outcome = cli("verify", "net.py")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == (
        "Net  net.py:4  torch  ran\n  2 of 2 tensor values equal\n\n"
        f"1 model run, 2 of 2 values equal\nno findings\ntorch 2.13.0, run by python3\n{ISOLATION}\n"
    )


def test_a_difference_is_shown_and_fails(cli: Cli, runs: Runs) -> None:
    Path("net.py").write_text(CLEAN)
    runs.judge = differs
    outcome = cli("verify", "net.py")
    assert outcome.code == 1
    assert "  2 of 3 tensor values equal (1 differs)\n" in outcome.out
    assert "ARC007 error: `self.a(x)`: inferred (N, 4), executed (2, 3) [executed-shape-disagrees]\n" in outcome.out
    assert cli("verify", "net.py", "--exit-zero").code == 0


def test_a_finding_fails_a_run_only_if_it_is_confirmed(cli: Cli, runs: Runs) -> None:
    Path("net.py").write_text(BROKEN)
    assert cli("verify", "net.py").code == 0
    runs.standing = "confirmed"
    outcome = cli("verify", "net.py", "--output-format", "concise")
    assert outcome.code == 1
    assert outcome.out.startswith("net.py:8:32: ARC102 error: ")
    assert outcome.out.endswith(" [confirmed]\n")
    assert outcome.err.splitlines()[0] == "net.py:4: Net (torch) agrees: 2 of 2 tensor values equal"
    assert "1 finding (1 error): 1 confirmed by execution" in outcome.err


def test_confirmed_warnings_fail_where_that_is_asked_for(cli: Cli, runs: Runs) -> None:
    Path("net.py").write_text(CLEAN.replace("self.conv2(self.conv1(x).relu())", "self.conv1(x)"))
    runs.standing = "confirmed"
    assert "ARC605 warning" in cli("verify", "net.py").out
    assert cli("verify", "net.py").code == 0
    assert cli("verify", "net.py", "--min-severity", "warning").code == 1


def test_json_is_one_object(cli: Cli, runs: Runs) -> None:
    Path("net.py").write_text(BROKEN)
    runs.standing = "refuted"
    runs.more = {"notes": ["said"], "internal_errors": ["Net: oh"]}
    outcome = cli("verify", "net.py", "--output-format=json", "-v")
    records = json.loads(outcome.out)
    assert [m["name"] for m in records["models"]] == ["Net"]
    assert [f["standing"] for f in records["findings"]] == ["refuted"]
    assert records["isolation"] == ISOLATION
    assert ISOLATION in outcome.err
    assert "note: said\narchlint: internal error in Net: oh\narchlint: please report this\n" in outcome.err


def test_nothing_could_be_run(cli: Cli, runs: Runs) -> None:
    Path("net.py").write_text(BROKEN)
    runs.judge = idle
    outcome = cli("verify", "net.py", "-e")
    assert outcome.code == 2
    assert "Net  net.py:4  torch  not run: No module named 'torch'\n" in outcome.out
    assert "ARC102 error: " in outcome.out
    assert outcome.err == "archlint: nothing could be run; --python names the interpreter that has the framework\n"
    Path("none.py").write_text("x = 1\n")
    outcome = cli("verify", "none.py::Net")
    assert (outcome.code, outcome.err) == (2, "archlint: no models in none.py\n")


def test_one_model_that_cannot_be_run_is_no_reason_to_fail(cli: Cli, runs: Runs) -> None:
    Path("net.py").write_text(CLEAN + CLEAN.replace("Net", "Head").replace("import torch.nn as nn\n", ""))
    runs.judge = lambda verdict, report: idle(verdict, report) if verdict.name == "Head" else None
    outcome = cli("verify", "net.py")
    assert outcome.code == 0
    assert "1 model run, 1 not run, 2 of 2 values equal\n" in outcome.out


def test_the_request_is_what_was_asked_for(cli: Cli, runs: Runs) -> None:
    Path("net.py").write_text(CLEAN)
    line = "--framework torch --args 3,width=8 --timeout 2.5 --probe --unsafe-exec --input (N,3,8,8)"
    assert cli("verify", "net.py", "--python", sys.executable, *line.split()).code == 0
    request = Request({}, sys.executable, "torch", "3,width=8", 2.5, True, True)
    assert runs.request == request
    inputs = runs.options.whole.inputs
    assert inputs == {"": (inputs[""][0], 3, 8, 8)}


def test_models_by_name(cli: Cli, runs: Runs) -> None:
    Path("lib").mkdir()
    for path in ("a.py", "b.py", "lib/c.py"):
        Path(path).write_text(CLEAN + CLEAN.replace("Net", "Head").replace("import torch.nn as nn\n", ""))
    assert cli("verify", "a.py::Net", "./a.py::Head", "b.py", "b.py::Net", "lib").code == 0
    assert runs.request.only == {"a.py": ("Net", "Head"), "b.py": (), os.path.join("lib", "c.py"): ()}
    assert cli("verify", "a.py", "lib").code == 0
    assert runs.request.only == {}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([".::Net"], ". is a directory; name the file: PATH::Net"),
        (["gone.py"], "no such file or directory: gone.py"),
        ([], "Missing argument 'PATH[::MODEL]...'"),
        (["net.py", "--args", "3, ("], "'3, (' are not arguments like 3, num_classes=10"),
        (["net.py", "--python", "no-such-python"], "'no-such-python' is no interpreter"),
        (["net.py", "--python", "."], "'.' is no interpreter that can be run, and no virtual environment"),
        (["net.py", "--timeout", "0"], "'--timeout'"),
        (["net.py", "--framework", "jax"], "'jax' is not one of"),
        (["net.py", "--select", "ARX"], "unknown rule 'ARX'"),
    ],
)
def test_wrong_usage(cli: Cli, runs: Runs, arguments: list[str], said: str) -> None:
    Path("net.py").write_text(CLEAN)
    outcome = cli("verify", *arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert said in outcome.err


def test_a_virtual_environment_stands_for_its_interpreter(cli: Cli, runs: Runs) -> None:
    Path("net.py").write_text(CLEAN)
    Path("venv/bin").mkdir(parents=True)
    Path("venv/bin/python").symlink_to(sys.executable)
    assert cli("verify", "net.py", "--python", "venv").code == 0
    assert runs.request.python == os.path.abspath("venv/bin/python")


def test_the_interpreter_and_the_time_can_be_configured(cli: Cli, runs: Runs) -> None:
    Path("net.py").write_text(CLEAN)
    Path("venv/bin").mkdir(parents=True)
    Path("venv/bin/python").symlink_to(sys.executable)
    Path("archlint.toml").write_text('verify = { python = "venv", timeout = 7 }\n')
    for command in (["verify"], ["check", "--verify"]):
        assert cli(*command, "net.py").code == 0
        assert (runs.request.python, runs.request.timeout) == (os.path.abspath("venv/bin/python"), 7)
    cli("verify", "net.py", "--timeout", "3", "--python", sys.executable)
    assert (runs.request.python, runs.request.timeout) == (sys.executable, 3)
    Path("archlint.toml").write_text('python = "venv/bin/python"\n')
    cli("verify", "net.py")
    assert (runs.request.python, runs.request.timeout) == (os.path.abspath("venv/bin/python"), 60)
    Path("archlint.toml").write_text('verify.python = "./none"\n')
    outcome = cli("verify", "net.py")
    assert outcome.code == 2
    assert "archlint.toml: python: '" in outcome.err
    assert "is no interpreter that can be run" in outcome.err


def test_what_execution_finds_is_selected_with_any_rules_and_can_be_ignored(cli: Cli, runs: Runs) -> None:
    Path("net.py").write_text(CLEAN)

    def ran(*more: str) -> frozenset[str]:
        cli("verify", "net.py", *more)
        return active(rules(), runs.options.of("net.py")) & {"ARC007", "ARC008", "ARC102", "ARC605"}

    assert ran() == {"ARC007", "ARC008", "ARC102", "ARC605"}
    assert ran("--select", "ARC1") == {"ARC007", "ARC008", "ARC102"}
    assert ran("--select", "ARC1", "--ignore", "ARC007") == {"ARC008", "ARC102"}
    Path("archlint.toml").write_text('select = ["ARC1"]\nignore = ["ARC008"]\n')
    assert ran() == {"ARC007", "ARC102"}


def test_check_runs_models_on_request_only(cli: Cli, runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("net.py").write_text(BROKEN)
    runs.standing = "confirmed"
    outcome = cli("check", "net.py", "--verify")
    assert outcome.code == 1
    assert "\nnote: confirmed by execution\n" in outcome.out
    assert outcome.out.endswith(
        "1 model, 3 of 3 layer calls understood, 1 finding (1 error)\n"
        "1 unsafe fix available with --fix --unsafe-fixes\n"
        f"1 model run, 2 of 2 values equal\ntorch 2.13.0, run by python3\n{ISOLATION}\n"
    )
    assert [f["standing"] for f in json.loads(cli("check", "net.py", "--verify", "--output-format=json").out)] == [
        "confirmed"
    ]
    monkeypatch.delattr("archlint.run.verify.verify")
    assert [f["standing"] for f in json.loads(cli("check", "net.py", "--output-format=json").out)] == [None]


def test_check_lists_the_models_it_ran(cli: Cli, runs: Runs) -> None:
    Path("net.py").write_text(CLEAN)
    outcome = cli("check", "net.py", "--verify", "--show-models", "--output-format", "concise")
    assert (outcome.code, outcome.out) == (0, "")
    assert "net.py:4: Net (torch) agrees: 2 of 2 tensor values equal\n1 model run" in outcome.err


def test_check_says_if_nothing_could_be_run(cli: Cli, runs: Runs) -> None:
    Path("net.py").write_text(CLEAN)
    runs.judge = idle
    outcome = cli("check", "net.py", "--verify")
    assert outcome.code == 2
    assert "\nnet.py:4: Net (torch) not run: No module named 'torch'\n0 models run, 1 not run" in outcome.out
    Path("net.py").write_text(BROKEN)
    assert cli("check", "net.py", "--verify").code == 1
    Path("net.py").write_text("x = 1\n")
    assert cli("check", "net.py", "--verify").code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--python", sys.executable], "--python and --unsafe-exec are for --verify"),
        (["--unsafe-exec"], "--python and --unsafe-exec are for --verify"),
        (["--verify", "-"], "--verify runs files, not standard input"),
    ],
)
def test_check_refuses_what_makes_no_sense(cli: Cli, runs: Runs, arguments: list[str], said: str) -> None:
    outcome = cli("check", *arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert said in outcome.err


@pytest.mark.parametrize("command", [["verify"], ["check", "--verify"]])
def test_a_system_that_cannot_fork_says_so(
    cli: Cli, runs: Runs, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    Path("net.py").write_text(CLEAN)
    monkeypatch.delattr(os, "fork")
    outcome = cli(*command, "net.py")
    assert (outcome.code, outcome.out) == (2, "")
    assert "this system has no fork: use Linux, WSL or a container" in outcome.err


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_which_model_is_on(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("CI", raising=False)  # where no line is written over
    project = Project.of_texts({"net.py": CLEAN})
    run_models(project, Options(), Request())
    assert screen.getvalue() == "\r\x1b[Knet.py::Net\r\x1b[K"
    monkeypatch.setenv("TERM", "dumb")
    run_models(project, Options(), Request())
    assert screen.getvalue().count("net.py") == 1


def test_the_help_says_what_is_enforced(cli: Cli) -> None:
    out = " ".join(cli("verify", "--help").out.split())
    assert "This executes the code of the files." in out
    assert "without network, without new processes, writing in a private directory only" in out
    assert "where the system cannot lock a model in, nothing runs without --unsafe-exec" in out


def needs(framework: str) -> None:
    module = {"tf1": "tf_slim"}.get(framework, framework)
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"needs {module}")


def frameworks() -> Iterator[Any]:
    for name, model in (("torch", "segments.py"), ("keras", "tagger.py"), ("tf1", "digits.py")):
        yield pytest.param(name, model, marks=getattr(pytest.mark, name))


@pytest.mark.parametrize(("framework", "model"), list(frameworks()))
def test_the_example_is_run(process: Process, framework: str, model: str) -> None:
    needs(framework)
    run = process("verify", str(ROOT / "fixtures/example" / model), "--output-format", "json")
    assert run.returncode in (0, 1), run.stderr
    records = json.loads(run.stdout)
    assert records["totals"]["run"] > 0
    assert records["totals"]["differs"] == 0
    assert records["totals"]["values"]["differs"] == 0
    assert records["internal_errors"] == []


@pytest.mark.torch
def test_the_readme_shows_what_verify_prints(process: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    needs("torch")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    [(arguments, shown)] = re.findall(
        r"^\$ archlint (verify [^\n]*) --python [^\n]*\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL
    )
    monkeypatch.chdir(ROOT)
    printed = process(*arguments.split()).stdout
    of_the_machine = ("torch ", "locked: ")
    assert [line for line in printed.splitlines() if not line.startswith(of_the_machine)] == [
        line for line in shown.splitlines() if not line.startswith(of_the_machine)
    ]
