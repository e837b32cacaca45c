"""`archlint check --fix` as its user meets it."""

from __future__ import annotations

import codecs
import os
import stat
from pathlib import Path

import pytest
from shell import BROKEN, CLEAN, Cli, Process

STALE = "\n\nwidth = 3  # archlint: ignore[ARC102]\n"
"""A suppression of nothing: its fix is safe."""


def test_an_unsafe_fix_is_applied_only_where_that_is_asked_for(cli: Cli) -> None:
    Path("net.py").write_text(BROKEN)
    outcome = cli("check", "--fix", "net.py")
    assert (outcome.code, Path("net.py").read_text()) == (1, BROKEN)
    assert outcome.out.endswith("nothing to fix\n1 model, 3 of 3 layer calls understood, 1 finding (1 error)\n"
                                "1 unsafe fix available with --unsafe-fixes\n")  # fmt: skip
    outcome = cli("check", "--fix", "--unsafe-fixes", "net.py")
    assert (outcome.code, Path("net.py").read_text()) == (0, CLEAN)
    assert outcome.out == "1 finding fixed in 1 file\n1 model, 3 of 3 layer calls understood, no findings\n"
    assert cli("check", "--fix", "--unsafe-fixes", "net.py").out.startswith("nothing to fix\n")


def test_a_fixable_finding_is_marked_and_counted(cli: Cli) -> None:
    Path("net.py").write_text(BROKEN + STALE)
    lines = cli("check", "--output-format", "concise", ".")
    assert [line.split()[1:3] for line in lines.out.splitlines()] == [["ARC102", "error:"], ["ARC005", "[*]"]]
    assert lines.err.endswith("[*] 1 fixable with --fix (1 unsafe fix available with --unsafe-fixes)\n")
    both = cli("check", "--unsafe-fixes").out
    assert both.startswith("ARC102 [*] error: ")
    assert both.endswith("[*] 2 fixable with --fix --unsafe-fixes\n")


def test_the_fix_is_shown_below_the_help(cli: Cli) -> None:
    Path("net.py").write_text(BROKEN)
    assert (
        "fix (unsafe):\n"
        " 8 -         self.conv2 = nn.Conv2d(64, 32, 3)\n"
        " 8 +         self.conv2 = nn.Conv2d(16, 32, 3)\n"
    ) in cli("check", "net.py").out  # fmt: skip


def test_a_difference_is_printed_and_nothing_is_written(cli: Cli) -> None:
    Path("net.py").write_text(BROKEN)
    outcome = cli("check", "--diff", "--unsafe-fixes", "net.py")
    assert (outcome.code, Path("net.py").read_text()) == (1, BROKEN)
    assert outcome.out.startswith("--- net.py\n+++ net.py\n@@ ")
    assert "-        self.conv2 = nn.Conv2d(64, 32, 3)\n+        self.conv2 = nn.Conv2d(16, 32, 3)\n" in outcome.out
    assert outcome.err == "1 finding would be fixed in 1 file\n"
    assert cli("check", "--diff", "net.py").code == 0


def test_fix_only_reports_nothing_else(cli: Cli) -> None:
    Path("net.py").write_text(BROKEN)
    outcome = cli("check", "--fix-only", "--unsafe-fixes", "--show-fixes", "net.py")
    assert (outcome.code, Path("net.py").read_text()) == (0, CLEAN)
    assert outcome.out == "net.py:\n    1 x ARC102 (channel-mismatch)\n1 finding fixed in 1 file\n"


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-8-sig"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_encoding_line_ends_and_rights_stay(cli: Cli, encoding: str, newline: str) -> None:
    cookie = "# coding: latin-1\n" if encoding == "latin-1" else ""
    before = (cookie + "# größer\n" + BROKEN).replace("\n", newline).encode(encoding)
    path = Path("net.py")
    path.write_bytes(before)
    path.chmod(0o750)
    assert cli("check", "--fix", "--unsafe-fixes", "net.py").code == 0
    assert path.read_bytes() == before.replace(b"Conv2d(64, 32", b"Conv2d(16, 32")
    assert path.read_bytes().startswith(codecs.BOM_UTF8) == (encoding == "utf-8-sig")
    assert stat.S_IMODE(path.stat().st_mode) == 0o750
    assert os.listdir() == ["net.py"]


def test_a_link_stays_a_link(cli: Cli) -> None:
    Path("real").mkdir()
    Path("real/net.py").write_text(BROKEN)
    Path("net.py").symlink_to("real/net.py")
    assert cli("check", "--fix", "--unsafe-fixes", "net.py").code == 0
    assert Path("net.py").is_symlink()
    assert Path("real/net.py").read_text() == CLEAN


def test_a_read_only_file_is_left_and_named(cli: Cli) -> None:
    Path("net.py").write_text(BROKEN)
    Path("net.py").chmod(0o444)
    outcome = cli("check", "--fix", "--unsafe-fixes", "net.py")
    assert (outcome.code, Path("net.py").read_text()) == (1, BROKEN)
    assert outcome.err == "archlint: net.py is read-only; nothing in it was fixed\n"


def test_only_files_that_are_checked_are_changed(cli: Cli) -> None:
    Path("layers.py").write_text(BROKEN)
    Path("net.py").write_text("from layers import Net\n\nnet = Net()\n")
    cli("check", "--fix", "--unsafe-fixes", "net.py")
    assert Path("layers.py").read_text() == BROKEN
    cli("check", "--fix", "--unsafe-fixes")
    assert Path("layers.py").read_text() == CLEAN


def test_standard_input_is_fixed_to_standard_output(process: Process) -> None:
    done = process("check", "--fix", "--unsafe-fixes", "-", stdin=BROKEN)
    assert (done.returncode, done.stdout) == (0, CLEAN)
    assert "1 finding fixed" in done.stderr


def test_fixing_and_running_are_two_runs(cli: Cli) -> None:
    Path("net.py").write_text(BROKEN)
    assert cli("check", "--fix", "--verify", "net.py").code == 2
