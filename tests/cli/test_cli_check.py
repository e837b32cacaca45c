"""`archlint check` as its user meets it."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from shell import BROKEN, CLEAN, Cli, Process

import archlint.rule
from archlint.rule import Finding, Model, Rule

ONE_ERROR = """\
1 model, 3 of 3 layer calls understood, 1 finding (1 error)
1 unsafe fix available with --fix --unsafe-fixes
"""
ODD = """

from nowhere import thing


class Odd(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Linear(3, 4)

    def forward(self, x):
        return self.head(thing(x))
"""


def test_a_clean_file_passes_and_the_closing_line_says_what_was_understood(cli: Cli) -> None:
    Path("net.py").write_text(CLEAN)
    outcome = cli("check", "net.py")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == "1 model, 3 of 3 layer calls understood, no findings\n"


def test_a_finding_is_shown_with_its_source(cli: Cli) -> None:
    Path("net.py").write_text(BROKEN)
    outcome = cli("check")
    assert outcome.code == 1
    assert outcome.out.startswith("ARC102 error: ")
    assert " --> net.py:8:32\n" in outcome.out
    assert "8 |         self.conv2 = nn.Conv2d(64, 32, 3)\n" in outcome.out
    assert outcome.out.endswith(f"\n{ONE_ERROR}")


def test_concise_is_one_line_a_finding(cli: Cli) -> None:
    Path("net.py").write_text(BROKEN)
    outcome = cli("check", "--output-format", "concise")
    assert re.fullmatch(r"net\.py:8:32: ARC102 error: .*64.*16.*\n", outcome.out)
    assert outcome.err == ONE_ERROR


def test_json_is_nothing_but_json(cli: Cli) -> None:
    Path("net.py").write_text(BROKEN)
    outcome = cli("check", "--output-format=json", "--show-models", "-v")
    [record] = json.loads(outcome.out)
    assert record["code"] == "ARC102"
    assert record["name"] == "channel-mismatch"
    assert record["location"] == {"row": 8, "column": 32}
    assert record["model"] == "Net"
    assert outcome.code == 1
    assert "1 finding" in outcome.err


def test_rules_are_selected_and_ignored_by_code_prefix_and_name(cli: Cli) -> None:
    Path("net.py").write_text(BROKEN)
    assert cli("check", "--ignore", "ARC102").code == 0
    assert cli("check", "--ignore", "ARC9,channel-mismatch").code == 0
    assert cli("check", "--select", "ARC2", "--select", "ARC3").code == 0
    assert cli("check", "--select", "ARC102").code == 1
    assert cli("check", "--select", "ALL", "--ignore", "ARC1").code == 0


def test_an_unknown_rule_is_wrong_usage(cli: Cli) -> None:
    Path("net.py").write_text(BROKEN)
    outcome = cli("check", "--select", "chanel-mismatch")
    assert (outcome.code, outcome.out) == (2, "")
    assert "unknown rule 'chanel-mismatch'; did you mean 'channel-mismatch'?" in outcome.err


def test_a_path_that_does_not_exist_is_wrong_usage(cli: Cli) -> None:
    outcome = cli("check", "nowhere.py")
    assert (outcome.code, outcome.out) == (2, "")
    assert "no such file or directory: nowhere.py" in outcome.err


@pytest.mark.parametrize("shape", ["Net=(N, 3", "x", "(N, 0)"])
def test_a_malformed_shape_is_wrong_usage(cli: Cli, shape: str) -> None:
    outcome = cli("check", "--input", shape)
    assert outcome.code == 2
    assert "is not a shape like (N, 3, 32, 32)" in outcome.err


def test_the_shape_of_an_input_can_be_given(cli: Cli) -> None:
    Path("net.py").write_text(CLEAN)
    assert cli("check", "--input", "Net=(N, 3, 32, 32)").code == 0
    outcome = cli("check", "--input", "(N, 3, 4, 4)")
    assert outcome.code == 1
    assert "4" in outcome.out


def test_exit_zero_reports_and_passes(cli: Cli) -> None:
    Path("net.py").write_text(BROKEN)
    outcome = cli("check", "-e")
    assert outcome.code == 0
    assert "ARC102" in outcome.out


def test_a_comment_silences_a_finding(cli: Cli) -> None:
    Path("net.py").write_text(BROKEN.replace("64, 32, 3)", "64, 32, 3)  # archlint: ignore[ARC102]"))
    assert cli("check", "--select", "ARC1").code == 0


def test_a_file_that_does_not_parse_is_a_finding_and_the_others_are_checked(cli: Cli) -> None:
    Path("bad.py").write_text("import torch\nx = (1,\n")
    Path("latin.py").write_bytes(b"import torch  # \xe9\n")
    Path("net.py").write_text(BROKEN)
    outcome = cli("check", "--output-format", "concise")
    assert outcome.code == 1
    lines = [line.split(" ", 2)[:2] for line in outcome.out.splitlines()]
    assert [code for _, code in lines] == ["ARC001", "ARC001", "ARC102"]
    assert lines[0][0].startswith("bad.py:2:")
    assert lines[1][0] == "latin.py:1:1:"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n",
        b"\xef\xbb\xbfimport torch\n",
        b"import torch\x00\n",
        b"import torch\r\nx = 1\r\n",
        b"import torch\rx = 1\r",
        b"import torch\n" + b"x = (" + b"1, " * 100_000 + b")",
        b"import torch\nx = " + b"(" * 300 + b")" * 300,
        b"import torch\nx = " + b"-" * 5000 + b"1\n",
        b"import torch\nx = " + b"1+" * 5000 + b"1\n",
        b"import torch\n" + b"if x:\n" * 3,
        "import torch\nclass Net(torch.nn.Module): 漢 = '\u202e'\n".encode(),
        b"import torch\nprint 'hello'\n",
    ],
    ids=range(13),
)  # fmt: skip
def test_no_file_makes_a_traceback(cli: Cli, data: bytes) -> None:
    Path("odd.py").write_bytes(data)
    outcome = cli("check", "odd.py")
    assert outcome.code in (0, 1)
    assert "Traceback" not in outcome.err
    assert "internal error" not in outcome.err


def test_an_empty_directory_and_a_loop_of_links_pass(cli: Cli) -> None:
    Path("empty").mkdir()
    os.symlink("..", "empty/loop")
    assert cli("check", "empty").out == "no models in 0 files, no findings\n"


def test_models_are_listed_on_request(cli: Cli) -> None:
    Path("net.py").write_text(CLEAN + ODD)
    outcome = cli("check", "--show-models")
    assert "net.py:4: Net (torch), 3 of 3 layer calls understood\n" in outcome.out
    assert "net.py:17: Odd (torch), " in outcome.out
    assert "thing" in cli("check", "-v").out


def test_a_rule_that_fails_costs_only_its_own_findings(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(model: Model) -> Iterator[Finding]:
        raise KeyError("gone")

    broken = Rule("LAB001", "lab-broken", "error", "proven", "lab", "model", True, fail, "lab", None)
    monkeypatch.setitem(archlint.rule._RULES, "LAB001", broken)
    Path("net.py").write_text(BROKEN)
    outcome = cli("check")
    assert outcome.code == 1
    assert outcome.out.startswith("ARC102 error: ")
    assert outcome.err == (
        "archlint: internal error in net.py: LAB001 on Net: KeyError: 'gone'\narchlint: please report this\n"
    )


def test_standard_input_is_checked_under_the_name_it_is_given(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("pkg").mkdir()
    Path("pkg/blocks.py").write_text("import torch.nn as nn\nWIDTH = 64\n")
    text = "from blocks import WIDTH\n" + BROKEN.replace("64, 32", "WIDTH, 32")

    def stdin(text: str) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))

    stdin(text)
    outcome = cli("check", "-", "--stdin-filename", "pkg/net.py", "--output-format", "concise")
    assert outcome.out.startswith("pkg/net.py:9:32: ARC102 ")
    stdin(BROKEN)
    assert cli("check", "--output-format", "concise", "-").out.startswith("-:8:32: ARC102 ")
    stdin(BROKEN)
    assert cli("check", "-", "other.py").code == 2


def test_colours_are_for_terminals_or_on_request(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("net.py").write_text(BROKEN)
    assert "\x1b" not in cli("check").out
    assert "\x1b" in cli("check", "--color", "always").out
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b" in cli("check").out
    assert "\x1b" not in cli("check", "--output-format", "json").out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in cli("check").out
    assert "\x1b" in cli("check", "--color", "always").out


def test_a_reader_that_leaves_is_no_error(process: Process, tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text("\n\n".join(BROKEN.replace("Net", f"Net{n}") for n in range(40)))
    script = f"{sys.executable} -m archlint check {tmp_path} | head -c 100; echo ${{PIPESTATUS[0]}}"
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": f"{root}:{root / 'rules'}", "ARCHLINT_RULES": "archlint_rules"}
    run = subprocess.run(["bash", "-c", script], capture_output=True, text=True, env=environment)
    assert run.stderr == ""
    assert run.stdout.endswith("1\n")


def test_a_terminal_that_knows_only_ascii_gets_escapes(process: Process, tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(BROKEN.replace("3)\n\n", "3)  # 漢字\n\n"))
    run = process("check", str(tmp_path), PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert run.returncode == 1
    assert "\\u6f22" in run.stdout
    assert run.stderr == ""
