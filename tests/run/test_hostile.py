"""Hostile models (`hostile/`): each gives one clear line, harms nothing, leaves nothing; its neighbours still run."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from archlint.run.host import Children
from archlint.run.instrument import Instrumented, instrument
from archlint.run.records import Attempt, Given, Outcome, Settings, Target

HOSTILE = Path(__file__).parent / "hostile"
LINUX = sys.platform.startswith("linux")
pytestmark = pytest.mark.skipif(not LINUX, reason="models can only be locked on Linux")

# name of the file -> what becomes of it (status and what its one line says)
EXPECTED = {
    "good": "ran",
    "prints_protocol": "ran",
    "sys_exit": r"failed: run SystemExit: the program left with code 3 at sys_exit.py:11",
    "os_exit": r"died: exited early with code 0",
    "segfault": r"died: signal 11 \(segmentation fault\) in forward, segfault.py line 11",
    "abort": r"died: signal 6 \(aborted\) in forward, abort.py line 11",
    "endless_loop": r"died: used more than 1 s of processor time in forward, endless_loop.py line (9|10)",
    "sleep": r"died: no answer within 1 s in forward, sleep.py line 11",
    "big_bytes": r"failed: run MemoryError: .* at big_bytes.py:9",
    "big_list": r"failed: run ValueError: \d+ MB at big_list.py:16",
    "recursion": r"failed: run RecursionError: maximum recursion depth exceeded.* at recursion.py:9",
    "asks_input": r"failed: run EOFError: EOF when reading a line at asks_input.py:9",
    "reads_stdin": "ran",
    "kills_group": r"died: signal 9 \(killed\)",
    "kills_parent": r"failed: run PermissionError: .*Operation not permitted at kills_parent.py:12",
    "kills_all": r"failed: run PermissionError: .*Operation not permitted at kills_all.py:12",
    "daemon": r"failed: run PermissionError: .*Operation not permitted at daemon.py:12",
    "catches_everything": r"died: used more than 1 s of processor time in forward, catches_everything.py line 1?\d",
    "ignores_signals": r"died: used more than 1 s of processor time",
    "closes_descriptors": r"died: it closed the pipe of its answer",
    "writes_descriptors": "ran",
    "stray_thread": "ran",
    "exits_on_import": r"failed: import SystemExit: the program left: usage: .* at exits_on_import.py:5",
    "parses_arguments": r"failed: import SystemExit: the program left with code 2 at parses_arguments.py:7",
    "fetches": r"failed: import URLError: .*Operation not permitted.* at fetches.py:5",
    "sends_datagram": r"failed: import PermissionError: .*Operation not permitted at sends_datagram.py:6",
    "unix_socket": r"failed: import PermissionError: .*Operation not permitted at unix_socket.py:5",
    "removes": r"failed: import PermissionError: .*Permission denied.* at removes.py:6",
    "overwrites": r"failed: import PermissionError: .*Permission denied.* at overwrites.py:5",
    "truncates": r"failed: import PermissionError: .*(denied|not permitted).* at truncates.py:9",
    "changes_mode": r"failed: import PermissionError: .*Operation not permitted.* at changes_mode.py:5",
    "starts_shell": r"failed: import OSError: no shell at starts_shell.py:6",
    "starts_program": r"failed: import PermissionError: .*Operation not permitted at starts_program.py:5",
    "fork_bomb": r"failed: run PermissionError: .*Operation not permitted at fork_bomb.py:12",
    "syntax_error": r"failed: import SyntaxError: .* at syntax_error.py:1",
    "missing_package": "ran",
    "huge_output": "ran",
    "many_values": "ran",
    "escape_codes": r"failed: run ValueError: \ufffd\[2J\ufffd\]0;owned\ufffdgone at escape_codes.py:9",
    "bad_error": r"failed: run Unshowable:  at bad_error.py:14",
    "forges_answer": r"died: garbled answer",
    "endless_answer": r"died: its answer is longer than 64 MB",
    "nested_answer": r"died: garbled answer",
    "replaces_recorder": r"failed: run TypeError: 'NoneType' object is not callable at replaces_recorder.py:12",
    "hides_exit": "ran",
    "deep_directories": "ran",
    "temporary_files": "ran",
    "fills_file": r"failed: run OSError: .*File too large at fills_file.py:(10|11)",
}
TORCH = {
    "torch_big_tensor": "ran",
    "torch_big_parameter": "ran",
    "torch_big_array": r"failed: run (MemoryError|\w*ArrayMemoryError): .* at torch_big_array.py:13",
    "torch_cuda": "ran",
    "torch_cuda_by_name": "ran",
    "torch_device": "ran",
    "torch_data_dependent": "ran",
    "torch_item": "ran",
    "torch_numpy": "ran",
    "torch_segfault": r"died: signal 11 \(segmentation fault\) in forward, torch_segfault.py line 14",
    "torch_kills_parent": r"failed: \w+ PermissionError: .*Operation not permitted at torch_kills_parent.py:15",
}
SLOW = ("sleep",)


def shown(outcome: Outcome) -> str:
    """The one line of an outcome."""
    if outcome.status == "failed":
        first = outcome.failures[0]
        file, line, _ = first.frames[-1] if first.frames else ("", 0, "")
        return f"failed: {first.phase} {first.type}: {first.message} at {os.path.basename(file)}:{line}"
    return outcome.status + (f": {outcome.reason}" if outcome.reason else "")


def target(path: Path, framework: str) -> Target:
    """The model of a hostile file, called with one tensor."""
    shape = Attempt((Given("x", (2, 4)),))
    return Target(path.stem, str(path), "Net", "class", framework, attempts=(shape,))  # type: ignore[arg-type]


def files(path: Path) -> dict[str, Instrumented]:
    """The file as the child gets it."""
    text = path.read_text(encoding="utf-8")
    try:
        return {str(path): instrument(text)}
    except SyntaxError:
        return {str(path): Instrumented(text, ())}


class Campaign:
    """All hostile models of a framework, run one after the other, a good one after each."""

    def __init__(self, folder: Path, python: str, framework: str, names: list[str], **limits: Any) -> None:
        self.folder, self.neighbours = folder, dict[str, Outcome]()
        shutil.copytree(HOSTILE, folder, dirs_exist_ok=True)
        (folder / "victim").mkdir()
        (folder / "victim" / "keep.txt").write_text("mine", encoding="utf-8")
        self.victim = state(folder / "victim")
        self.outcomes, self.pids = dict[str, Outcome](), set[int]()
        (folder / "tmp").mkdir()
        before, tempfile.tempdir = tempfile.tempdir, str(folder / "tmp")
        good = folder / ("good.py" if framework == "none" else "torch_device.py")
        with Children(Settings(python, (str(folder),), **limits)) as children:
            for name in names:
                self.outcomes[name] = self.one(children, folder / f"{name}.py", framework)
                self.neighbours[name] = self.one(children, good, framework)
        tempfile.tempdir = before
        self.left = os.listdir(folder / "tmp")

    def one(self, children: Children, path: Path, framework: str) -> Outcome:
        """Run a file and remember the process that held it."""
        outcome = children.run(target(path, framework), files(path))
        self.pids |= {held.zygote.process.pid for held in children.held.values() if held.zygote}
        return outcome


def state(folder: Path) -> list[tuple[str, str, int, int]]:
    """Names, text, modes and times of what is in a directory."""
    return [
        (str(path), path.read_text(encoding="utf-8"), path.stat().st_mode, path.stat().st_mtime_ns)
        for path in sorted(folder.iterdir())
    ]


def sessions() -> dict[int, str]:
    """Process -> name and session of all processes, from /proc."""
    found = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                text = Path("/proc", entry, "stat").read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue
            found[int(entry)] = text.rpartition(")")[2].split()[3]
    return found


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    names = [name for name in EXPECTED if name not in SLOW]
    made = Campaign(tmp_path_factory.mktemp("busy"), sys.executable, "none", names, timeout=20, cpu=1, memory=512)
    slow = Campaign(tmp_path_factory.mktemp("slow"), sys.executable, "none", list(SLOW), timeout=1, cpu=5)
    made.outcomes |= slow.outcomes
    made.neighbours |= slow.neighbours
    made.pids |= slow.pids
    made.left += slow.left
    return made


@pytest.fixture(scope="module")
def torch_campaign(tmp_path_factory: pytest.TempPathFactory, python: str) -> Campaign:
    return Campaign(tmp_path_factory.mktemp("torch"), python, "torch", list(TORCH), timeout=60, cpu=30, memory=12000)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_hostile_model_gives_one_clear_line(campaign: Campaign, name: str) -> None:
    assert re.fullmatch(EXPECTED[name], shown(campaign.outcomes[name]))
    assert campaign.neighbours[name].status == "ran"


def test_every_hostile_file_is_expected() -> None:
    assert {path.stem for path in HOSTILE.glob("*.py")} == EXPECTED.keys() | TORCH.keys()


def test_nothing_of_the_user_is_changed(campaign: Campaign) -> None:
    assert state(campaign.folder / "victim") == campaign.victim


def test_no_process_is_left(campaign: Campaign) -> None:
    assert campaign.pids
    assert not [pid for pid, session in sessions().items() if int(session) in campaign.pids]


def test_no_file_is_left(campaign: Campaign) -> None:
    assert not campaign.left


def test_values_beyond_the_cap_are_said_to_be_missing(campaign: Campaign) -> None:
    outcome = campaign.outcomes["many_values"]
    assert len(outcome.runs[0].visits) == 200_000
    assert outcome.notes == ("more than 200000 values: the later ones were not recorded",)


def test_what_the_command_line_parser_said_is_kept(campaign: Campaign) -> None:
    assert campaign.outcomes["parses_arguments"].notes == (
        "last output: model.py: error: the following arguments are required: --data",
    )


def test_packages_that_are_stood_in_for_are_named(campaign: Campaign) -> None:
    assert campaign.outcomes["missing_package"].mocked == ("not_installed_package",)


def test_a_neighbour_has_its_values(campaign: Campaign) -> None:
    values = {tuple(str(v.value) for v in outcome.runs[0].visits) for outcome in campaign.neighbours.values()}
    assert values == {("2", "Executed(shape=(2, 4), dtype='float32')")}


@pytest.mark.torch
@pytest.mark.parametrize("name", TORCH)
def test_a_hostile_torch_model_gives_one_clear_line(torch_campaign: Campaign, name: str) -> None:
    assert re.fullmatch(TORCH[name], shown(torch_campaign.outcomes[name]))
    assert torch_campaign.neighbours[name].status == "ran"


@pytest.mark.torch
def test_torch_leaves_nothing(torch_campaign: Campaign) -> None:
    assert not torch_campaign.left
    assert not [pid for pid, session in sessions().items() if int(session) in torch_campaign.pids]
