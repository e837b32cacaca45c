"""`archlint check --watch` as a process: what is saved is checked, Ctrl-C ends it."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from shell import BROKEN, CLEAN, ROOT, Cli

PATIENCE = 60
"""Seconds: long enough for any machine; what is awaited comes much sooner."""


class Watcher:
    """A process, and its lines as they come."""

    def __init__(self, folder: Path, *arguments: str, **more: str) -> None:
        path = os.pathsep.join(
            [*([more.pop("PYTHONPATH")] if "PYTHONPATH" in more else []), str(ROOT), str(ROOT / "rules")]
        )
        environment = {**os.environ, "PYTHONPATH": path, "ARCHLINT_RULES": "archlint_rules", "ARCHLINT_NO_CACHE": ""}
        command = [sys.executable, "-m", "archlint", "check", "--watch", "--output-format", "concise", *arguments]
        self.process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a job in the background ignores it
        )  # fmt: skip
        self.lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line)

    def until(self, text: str) -> list[str]:
        """The lines up to the one that holds a text."""
        found: list[str] = []
        while not found or text not in found[-1]:
            found.append(self.lines.get(timeout=PATIENCE))
        return found

    def settled(self) -> list[str]:
        return self.until("watching for changes")


@pytest.fixture(params=["watchfiles", "without"])
def watcher(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Watcher]:
    """Watches two models and the module that one of them imports from outside of what is watched."""
    work, lib = tmp_path / "work", tmp_path / "lib"
    for folder in (work, lib):
        folder.mkdir()
    (tmp_path / "archlint.toml").write_text('src = ["lib"]\n')
    (lib / "sizes.py").write_text("WIDTH = 16\n")
    (work / "a.py").write_text(CLEAN)
    (work / "b.py").write_text("from sizes import WIDTH\n" + CLEAN.replace("(16, 32", "(WIDTH, 32"))
    more = {}
    if request.param == "without":
        (tmp_path / "hidden").mkdir()
        (tmp_path / "hidden/watchfiles.py").write_text("raise ImportError\n")
        more["PYTHONPATH"] = str(tmp_path / "hidden")
    else:
        pytest.importorskip("watchfiles")
    watcher = Watcher(tmp_path, "work", **more)
    yield watcher
    watcher.process.kill()
    watcher.process.wait()


def save(path: Path, text: str) -> None:
    """As editors do: nobody sees half a file."""
    path.with_suffix(".new").write_text(text)
    path.with_suffix(".new").replace(path)


def test_it_checks_again_when_a_file_changes(watcher: Watcher, tmp_path: Path) -> None:
    assert not [line for line in watcher.settled() if "ARC" in line]
    (tmp_path / "work/a.py").write_text(BROKEN)
    lines = watcher.settled()
    assert "archlint: work/a.py changed\n" in lines
    assert [line.partition(" ")[0] for line in lines if "ARC102" in line] == ["work/a.py:8:32:"]

    (tmp_path / "lib/sizes.py").write_text("WIDTH = 20\n")  # imported, and outside of what was named
    assert [line.partition(" ")[0] for line in watcher.settled() if "ARC102" in line] == [
        "work/a.py:8:32:",
        "work/b.py:9:32:",
    ]
    (tmp_path / "work/new.py").write_text(BROKEN)
    assert any("work/new.py:8:32:" in line for line in watcher.settled())

    save(tmp_path / "archlint.toml", 'src = ["lib"]\nignore = ["ARC102"]\n')
    assert not [line for line in watcher.settled() if "ARC102" in line]
    save(tmp_path / "archlint.toml", "nonsense = 1\n")  # half an edit: it is said, and watching goes on
    assert any("nonsense" in line for line in watcher.settled())
    save(tmp_path / "archlint.toml", 'src = ["lib"]\n')
    assert len([line for line in watcher.settled() if "ARC102" in line]) == 3

    watcher.process.send_signal(signal.SIGINT)
    assert watcher.process.wait(PATIENCE) == 0


def test_what_cannot_be_watched_is_refused(cli: Cli) -> None:
    Path("a.py").write_text(BROKEN)
    for option in ("--fix", "--diff", "--verify"):
        outcome = cli("check", "--watch", option)
        assert (outcome.code, "--watch goes neither with" in outcome.err) == (2, True), option
    assert cli("check", "--watch", "-").code == 2
