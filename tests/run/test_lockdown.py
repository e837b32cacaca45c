"""The filter of system calls, evaluated as the kernel does, for both machines; sweeping of what a program leaves."""

from __future__ import annotations

import errno
import os
import platform
import sys
from pathlib import Path

import pytest

from archlint.run.archlint_child import landlock, seccomp, sweeping, syscalls

PID = 4242
ALLOWED, DENIED, UNKNOWN = 0, errno.EPERM, errno.ENOSYS


@pytest.fixture(params=["x86_64", "aarch64"])
def machine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(platform, "machine", lambda: request.param)
    monkeypatch.setattr(sys, "platform", "linux")
    return str(request.param)


def answer(number: int, *arguments: int, abi: int = 7, arch: int | None = None) -> int:
    """What the filter says to a call: 0 or the error."""
    arch = syscalls.AUDIT_ARCH[syscalls.machine() or ""] if arch is None else arch
    seen = {seccomp.NUMBER: number, seccomp.ARCH: arch}
    seen |= {16 + 8 * i: (arguments[i] if i < len(arguments) else 0) & 0xFFFFFFFF for i in range(6)}
    program, at, held = seccomp.filter_of(PID, abi), 0, 0
    while True:
        code, if_true, if_false, operand = program[at]
        at += 1
        match code:
            case seccomp.LOAD:
                held = seen[operand]
            case seccomp.EQUALS:
                at += if_true if held == operand else if_false
            case seccomp.AT_LEAST:
                at += if_true if held >= operand else if_false
            case seccomp.HAS_BIT:
                at += if_true if held & operand else if_false
            case seccomp.RETURN:
                return 0 if operand == seccomp.ALLOW else operand & 0xFFFF


def number(name: str) -> int:
    """The number of a call."""
    found = {**syscalls.WITH_ARGUMENTS, **syscalls.NETWORK, **syscalls.PROCESSES}[name]
    one = found[0 if syscalls.machine() == "x86_64" else 1]
    return -1 if one is None else one


def test_usual_calls_pass(machine: str) -> None:
    usual = {"x86_64": (0, 1, 9, 12, 202, 231), "aarch64": (63, 64, 222, 214, 98, 94)}[machine]
    assert [answer(n) for n in usual] == [ALLOWED] * 6  # read, write, mmap, brk, futex, exit_group


def test_no_network_and_no_program(machine: str) -> None:
    assert [answer(number(name)) for name in ("socket", "io_uring_setup", "execve", "execveat", "setsid")] == [
        DENIED
    ] * 5


def test_threads_but_no_processes(machine: str) -> None:
    assert answer(number("clone"), seccomp.CLONE_THREAD | 0x100) == ALLOWED
    assert answer(number("clone"), 17) == DENIED
    assert answer(number("clone3")) == UNKNOWN
    if machine == "x86_64":
        assert answer(number("fork")) == answer(number("vfork")) == DENIED


@pytest.mark.parametrize("pid", [PID, 0, -PID])
def test_own_signals(machine: str, pid: int) -> None:
    assert answer(number("kill"), pid, 9) == ALLOWED


@pytest.mark.parametrize("pid", [1, PID - 1, -1, -PID - 1])
def test_no_signals_to_others(machine: str, pid: int) -> None:
    assert answer(number("kill"), pid, 9) == DENIED
    assert answer(number("tgkill"), pid, pid, 9) == answer(number("tkill"), pid, 9) == DENIED


def test_limits_of_itself_only(machine: str) -> None:
    assert answer(number("prlimit64"), 0) == answer(number("prlimit64"), PID) == ALLOWED
    assert answer(number("prlimit64"), 1) == DENIED


def test_no_typing_into_terminals(machine: str) -> None:
    assert answer(number("ioctl"), 0, 0x5401) == ALLOWED
    assert answer(number("ioctl"), 0, seccomp.TIOCSTI) == answer(number("ioctl"), 0, seccomp.TIOCLINUX) == DENIED


def test_calls_of_another_machine_are_denied(machine: str) -> None:
    """32-bit calls have other numbers: what is `read` to one is `fork` to the other."""
    assert answer(3, arch=0x40000003) == DENIED
    assert answer(0x40000000 | 41) == DENIED


@pytest.mark.parametrize(
    ("abi", "flags", "expected"),
    [
        (7, os.O_WRONLY, ALLOWED),  # Landlock decides
        (2, os.O_WRONLY | os.O_TRUNC, ALLOWED),
        (2, os.O_RDONLY | os.O_TRUNC, DENIED),
        (0, os.O_RDONLY, ALLOWED),
        (0, os.O_RDONLY | os.O_CLOEXEC, ALLOWED),
        (0, os.O_WRONLY, DENIED),
        (0, os.O_RDWR, DENIED),
        (0, os.O_RDONLY | os.O_CREAT, DENIED),
        (0, os.O_RDONLY | os.O_TRUNC, DENIED),
    ],
)
def test_opening(machine: str, abi: int, flags: int, expected: int) -> None:
    assert answer(number("openat"), 0, 0, flags, abi=abi) == expected
    assert answer(number("openat2"), abi=abi) == (ALLOWED if abi >= 3 else UNKNOWN)
    assert answer(number("truncate"), abi=abi) == (ALLOWED if abi >= 3 else DENIED)


def test_the_request_to_landlock_fits_its_version() -> None:
    assert [len(landlock.asked(abi)[1]) for abi in range(1, 8)] == [8, 8, 8, 16, 16, 24, 24]
    assert [hex(landlock.asked(abi)[0]) for abi in (1, 2, 3, 5)] == ["0x1ff2", "0x3ff2", "0x7ff2", "0xfff2"]


def test_other_machines_have_no_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    assert seccomp.lock(7) == "no seccomp filter for this machine"
    assert landlock.lock([]) == (0, "no Landlock on this machine")


def test_a_deep_tree_with_links_and_closed_doors_is_removed(tmp_path: Path) -> None:
    keep = tmp_path / "keep"
    keep.mkdir()
    (keep / "file").write_text("mine", encoding="utf-8")
    folder = tmp_path / "folder"
    deep = folder
    for _ in range(40):
        deep = deep / ("d" * 50)
    deep.mkdir(parents=True)
    (deep / "link").symlink_to(keep)
    (folder / "link").symlink_to(keep)
    (folder / "closed").mkdir(mode=0)
    (folder / "closed in closed").mkdir()
    (folder / "closed in closed" / "closed").mkdir(mode=0)
    sweeping.remove(str(folder))
    assert [path.name for path in tmp_path.iterdir()] == ["keep"]
    assert (keep / "file").read_text(encoding="utf-8") == "mine"
