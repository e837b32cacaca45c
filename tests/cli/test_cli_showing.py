"""What `archlint check` tells besides findings, and `archlint config`, `init` and `completion`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from shell import BROKEN, CLEAN, ROOT, Cli, Process

pytestmark = pytest.mark.skipif(sys.version_info < (3, 11), reason="tomllib")

OPEN = """\
import torch.nn as nn


class Net(nn.Module):
    def __init__(self, width, classes=2):
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3, padding=1)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(64, classes)

    def forward(self, x):
        return self.head(self.pool(self.conv(x)).flatten(1))
"""
"""What `head` needs depends on `width`, which nothing says."""


def test_the_files_are_listed_and_not_checked(cli: Cli) -> None:
    Path("pkg").mkdir()
    for name in ("b.py", "a.py", "pkg/c.py", "pkg/d.ipynb", "pkg/e.txt"):
        Path(name).write_text(BROKEN)
    outcome = cli("check", "--show-files", "--extend-exclude", "b.py,pkg/c*")
    assert (outcome.code, outcome.out, outcome.err) == (0, "a.py\npkg/d.ipynb\n", "")
    assert cli("check", "--show-files", "b.py", "--exclude", "b.py").out == "b.py\n"
    assert cli("check", "--show-files", "b.py", "--exclude", "b.py", "--force-exclude").out == ""


def test_standard_input_is_left_out_where_exclusion_is_forced(process: Process, tmp_path: Path) -> None:
    (tmp_path / "archlint.toml").write_text('extend-exclude = ["old"]\n')
    name = str(tmp_path / "old" / "net.py")
    config = ["--config", str(tmp_path / "archlint.toml")]
    assert process("check", "-", "--stdin-filename", name, *config, stdin=BROKEN).returncode == 1
    forced = process("check", "-", "--stdin-filename", name, *config, "--force-exclude", stdin=BROKEN)
    assert (forced.returncode, forced.stdout) == (0, "no models in 0 files, no findings\n")


@pytest.mark.parametrize("arguments", [["--force-exclude", "--extend-exclude", "old"], []])
def test_standard_input_that_is_not_fixed_is_given_back(process: Process, arguments: list[str]) -> None:
    text = BROKEN if arguments else "(" + BROKEN
    run = process("check", "-", "--fix", "--stdin-filename", "old/net.py", *arguments, stdin=text)
    assert run.stdout == text


def test_settings_are_shown_with_their_origin(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("pkg").mkdir()
    Path("pkg/net.py").write_text(CLEAN)
    Path("archlint.toml").write_text('ignore = ["ARC605"]\nrules.ARC803.budget-gib = 3\nverify.timeout = 5\n')
    Path("pkg/archlint.toml").write_text('extend = "../archlint.toml"\nignore = ["ARC1"]\n')
    monkeypatch.setenv("ARCHLINT_CACHE_DIR", "build/cache")
    arguments = ["--show-settings", "--output-format", "json", "--per-file-ignores", "x:ARC2", "--config", "fix=true"]
    outcome = cli("check", "pkg/net.py", *arguments)
    assert outcome.code == 0
    rows = dict(line.split("  # ") for line in outcome.out.splitlines() if "  # " in line)
    stated = {key.rstrip(): origin for key, origin in rows.items()}
    assert stated['ignore = ["ARC605", "ARC1"]'] == "archlint.toml, pkg/archlint.toml"
    assert stated["rules.ARC803.budget-gib = 3"] == "archlint.toml"
    assert stated["verify.timeout = 5"] == "archlint.toml"
    assert stated['output-format = "json"'] == "command line"
    assert stated['per-file-ignores.x = ["ARC2"]'] == "command line"
    assert stated["fix = true"] == "--config fix"
    assert stated['cache-dir = "build/cache"'] == "ARCHLINT_CACHE_DIR"
    assert stated["respect-gitignore = true"] == "default"
    assert "# pkg/net.py\n# " in outcome.out
    assert "ARC102" in outcome.out.partition("select = ")[0]
    assert "ARC102" not in cli("check", ".", "--show-settings").out


def test_what_is_shown_can_be_read_again(cli: Cli) -> None:
    """The settings as they are shown are a configuration that says the same."""
    Path("archlint.toml").write_text('select = ["ARC1"]\nseverity.ARC102 = "info"\nextend-exclude = ["a b", "\\\\"]\n')
    shown = cli("check", "--show-settings").out
    Path("archlint.toml").write_text(shown)
    again = cli("check", "--show-settings").out
    assert again.replace("archlint.toml", "default") == shown.replace("archlint.toml", "default")


def test_statistics_count_by_rule(cli: Cli) -> None:
    for name in "abc":
        Path(f"{name}.py").write_text(BROKEN)
    Path("d.py").write_text(
        CLEAN.replace("super().__init__()\n", "super().__init__()\n        self.more = nn.Linear(2, 2)\n")
    )
    outcome = cli("check", "--statistics")
    assert outcome.code == 1
    assert outcome.out.startswith("3  ARC102  [ ] channel-mismatch\n1  ARC605  [ ] unused-layer\n")
    assert "[*] channel-mismatch" in cli("check", "--statistics", "--unsafe-fixes").out
    counted = json.loads(cli("check", "--statistics", "--output-format", "json").out)
    assert counted[0] == {"code": "ARC102", "name": "channel-mismatch", "count": 3, "fixable": 0}
    assert cli("check", "--statistics", "-o", "counts.txt").code == 1
    assert Path("counts.txt").read_text().startswith("3  ARC102")


def test_a_configured_model_is_built_and_called_as_it_says(cli: Cli) -> None:
    Path("net.py").write_text(OPEN)
    assert cli("check").code == 0
    Path("archlint.toml").write_text('[models."net:Net"]\nargs = { width = 32, classes = 10 }\n')
    assert "in_features=64" in cli("check").out
    Path("archlint.toml").write_text('[models."net:Net"]\nargs = [64, 10]\ninputs = { x = ["N", 3, 32, 24] }\n')
    assert cli("check").code == 0
    summary = cli("summary", "net.py").out
    assert "inputs        x (N, 3, 32, 24)  (configuration)" in summary
    assert "(N, 10)" in summary
    assert "(N, 3, 8, 8)  (command line)" in cli("summary", "net.py", "--input", "(N, 3, 8, 8)").out
    assert "(N, 3, H, W)  (first layer)" in cli("summary", "net.py", "--isolated").out
    Path("net.py").write_text(OPEN.replace("(self, x):", "(self, x):  # archlint: input=(N, 3, 16, 16)"))
    assert "(N, 3, 16, 16)  (directive)" in cli("summary", "net.py").out


def test_an_argument_that_is_not_taken_is_said(cli: Cli) -> None:
    Path("net.py").write_text(OPEN)
    Path("archlint.toml").write_text('[models."net:Net"]\nargs = { widht = 32 }\n')
    assert "note: net.py: Net is configured with `widht`, which it does not take" in cli("check").err


def test_the_keys_are_listed_and_explained(cli: Cli) -> None:
    listed = cli("config").out
    assert "per-file-ignores " in listed
    assert "verify.timeout " in listed
    explained = cli("config", "output-format").out
    assert 'default  "full"' in explained
    assert "type     one of full, concise" in explained
    assert cli("config", "verify").out.count("example") == 2
    wrong = cli("config", "extend_exclude")
    assert wrong.code == 2
    assert "did you mean 'extend-exclude'?" in wrong.err
    assert {row["key"] for row in json.loads(cli("config", "--output-format", "json").out)} >= {
        "select",
        "verify.python",
    }


def test_init_writes_a_file_of_its_own(cli: Cli) -> None:
    outcome = cli("init")
    assert (outcome.code, outcome.out, outcome.err) == (0, "", "wrote archlint.toml\n")
    text = Path("archlint.toml").read_text()
    assert '# select = ["ARC1", "ARC6"]\n' in text
    again = cli("init")
    assert "archlint.toml configures archlint already; it stays as it is" in again.err
    assert Path("archlint.toml").read_text() == text
    assert cli("check").code == 0


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_init_adds_to_a_pyproject(cli: Cli, end: str) -> None:
    before = f'[project]{end}name = "x"  # ä{end}'
    Path("pyproject.toml").write_bytes(before.encode())
    printed = cli("init", "--stdout").out
    assert Path("pyproject.toml").read_bytes() == before.encode()
    assert cli("init").err == "wrote [tool.archlint] to pyproject.toml\n"
    text = Path("pyproject.toml").read_bytes().decode()
    assert text == before + end + printed.replace("\n", end)
    assert "[tool.archlint]" in printed
    assert not Path("archlint.toml").exists()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[tool.ruff.lint]\nselect = ['E']\n", "[tool.ruff.lint]\nexternal = [\"ARC\"]\nselect = ['E']\n"),
        ("[tool.ruff.lint]\nexternal = ['V']\n", "[tool.ruff.lint]\nexternal = ['V', \"ARC\"]\n"),
        ("[tool.ruff.lint]\nexternal = [\n  'V',\n]\n", "[tool.ruff.lint]\nexternal = [\n  'V', \"ARC\",\n]\n"),
        ("[tool.ruff.lint]\nexternal = []\n", '[tool.ruff.lint]\nexternal = ["ARC"]\n'),
        ("[tool.ruff]\nlint.external = ['V']\n", "[tool.ruff]\nlint.external = ['V', \"ARC\"]\n"),
        ("[tool.ruff]\nline-length = 9", '[tool.ruff]\nline-length = 9\n\n[tool.ruff.lint]\nexternal = ["ARC"]\n'),
    ],
)
def test_init_tells_ruff_whose_codes_they_are(cli: Cli, before: str, after: str) -> None:
    Path("archlint.toml").write_text("")
    Path("pyproject.toml").write_text(before)
    outcome = cli("init")
    assert outcome.code == 0
    assert 'pyproject.toml: Ruff\'s lint.external now has "ARC"' in outcome.err
    assert Path("pyproject.toml").read_text() == after
    assert "Ruff" not in cli("init").err
    assert Path("pyproject.toml").read_text() == after


@pytest.mark.parametrize(
    "text",
    [
        "[tool.ruff.lint]\nexternal = ['ARC']\n",
        "[project]\nname = 'x'\n",
        "[tool.ruff]\nlint = { external = ['ARC'] }\n",
    ],
)
def test_init_leaves_alone_what_is_right(cli: Cli, text: str) -> None:
    Path("archlint.toml").write_text("")
    Path("pyproject.toml").write_text(text)
    assert "Ruff" not in cli("init").err
    assert Path("pyproject.toml").read_text() == text


def test_init_says_what_to_add_where_no_edit_is_sure(cli: Cli) -> None:
    text = "[tool.ruff]\nlint = { select = ['E'] }\n"
    Path("pyproject.toml").write_text(text)
    outcome = cli("init")
    assert outcome.code == 0
    assert "pyproject.toml: add lint.external = ['ARC'] for Ruff" in outcome.err
    assert Path("pyproject.toml").read_text().startswith(text)


def test_init_reads_ruffs_own_file(cli: Cli) -> None:
    Path("ruff.toml").write_text("line-length = 100\n")
    assert 'ruff.toml: Ruff\'s lint.external now has "ARC"' in cli("init").err
    assert Path("ruff.toml").read_text() == 'line-length = 100\n\n[lint]\nexternal = ["ARC"]\n'


def test_init_does_not_touch_what_it_cannot_read(cli: Cli) -> None:
    Path("pyproject.toml").write_text("[project\n")
    outcome = cli("init")
    assert outcome.code == 2
    assert "pyproject.toml was not changed" in outcome.err
    assert "Traceback" not in outcome.err
    assert Path("pyproject.toml").read_text() == "[project\n"


def completed(process: Process, words: str, place: int) -> list[str]:
    run = process(_ARCHLINT_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=str(place))
    return [line.partition(",")[2] for line in run.stdout.splitlines()]


def test_a_shell_completes_commands_options_rules_and_keys(process: Process) -> None:
    assert completed(process, "archlint che", 1) == ["check"]
    assert "--per-file-ignores" in completed(process, "archlint check --per", 2)
    assert completed(process, "archlint check --select ARC1,channel-mis", 3) == ["ARC1,channel-mismatch"]
    assert completed(process, "archlint rule ARC10", 2)[:2] == ["ARC101", "ARC102"]
    assert completed(process, "archlint config verify.t", 2) == ["verify.timeout"]
    assert completed(process, "archlint check --output-format js", 3) == ["json", "json-lines"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell_is_valid(cli: Cli, shell: str) -> None:
    script = cli("completion", shell).out
    assert "_ARCHLINT_COMPLETE" in script
    if shutil.which(shell):
        assert subprocess.run([shell, "-n"], input=script, text=True, capture_output=True).returncode == 0


@pytest.mark.skipif(shutil.which("fish") is None, reason="there is no fish")
def test_fish_shows_what_an_option_is_for(cli: Cli, process: Process) -> None:
    Path("archlint.fish").write_text(cli("completion", "fish").out)
    Path("archlint").write_text(f'#!/bin/sh\nexec {sys.executable} -m archlint "$@"\n')
    Path("archlint").chmod(0o755)
    path = os.pathsep.join([str(ROOT), str(ROOT / "rules")])
    own = {"PATH": f"{Path.cwd()}:{os.environ['PATH']}", "PYTHONPATH": path, "ARCHLINT_RULES": "archlint_rules"}
    script = "source archlint.fish; complete -C 'archlint check --sel'"
    done = subprocess.run(["fish", "-c", script], env={**os.environ, **own}, text=True, capture_output=True)
    assert done.stdout == "--select\tRules to run: codes, prefixes (ARC1), names, ALL.\n"
