"""docs/graph.md shows what `archlint graph` prints today."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from archlint.cli import run
from archlint.plugins import load

ROOT = Path(__file__).parents[2]
CONSOLE = re.compile(r"^```console\n\$ archlint ([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_page_shows_what_the_command_prints(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    load("archlint_rules")
    monkeypatch.chdir(ROOT)
    blocks = CONSOLE.findall((ROOT / "docs" / "graph.md").read_text(encoding="utf-8"))
    assert blocks
    for arguments, printed in blocks:
        assert run(arguments.split()) == 0
        assert capsys.readouterr().out == printed
