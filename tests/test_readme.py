"""The README shows what the commands print today; `--accept` takes over what they print."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest

from archlint.cli import run
from archlint.plugins import load

load("archlint_rules")
ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
CONSOLE = re.compile(r"^```console\n\$ archlint (?P<arguments>[^\n]*)\n(?P<output>.*?)^```$", re.MULTILINE | re.DOTALL)


def output(arguments: str) -> str:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        run(arguments.split())
    return "\n".join(line.rstrip() for line in printed.getvalue().splitlines()) + "\n"


def test_the_readme_shows_what_the_commands_print(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "120")
    text = README.read_text(encoding="utf-8")
    blocks = list(CONSOLE.finditer(text))
    assert blocks
    if request.config.getoption("--accept"):
        shown = CONSOLE.sub(lambda m: f"```console\n$ archlint {m['arguments']}\n{output(m['arguments'])}```", text)
        README.write_text(shown, encoding="utf-8")
        return
    for block in blocks:
        assert output(block["arguments"]) == block["output"]


def test_every_file_the_readme_names_is_there() -> None:
    text = README.read_text(encoding="utf-8")
    named = re.findall(r"\]\(([\w./-]+)\)", text) + re.findall(r"^(scripts/\w+)", text, re.MULTILINE)
    assert named
    assert not [name for name in named if not (ROOT / name).exists()]
