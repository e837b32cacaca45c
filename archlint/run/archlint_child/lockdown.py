"""What a child can no longer do once it is locked, and the trial that shows it.

Three promises: no network, no new processes, no writing outside of one directory.  seccomp keeps the first two, and
the third together with Landlock; without Landlock it denies all writing.  Locking cannot be undone by the child.
"""

import ctypes
import json
import os
import signal
import socket
import sys
import tempfile
from typing import Any, Callable, Dict, List, Sequence

from . import landlock, limits, seccomp, sweeping

PR_SET_PDEATHSIG = 1


class Held(object):
    """landlock: its version, 0 for none; seccomp: is the filter there; reasons: why what is missing is missing."""

    def __init__(self, landlock: int, seccomp: bool, reasons: Dict[str, str]) -> None:
        self.landlock, self.seccomp, self.reasons = landlock, seccomp, reasons

    def safe(self) -> bool:
        """Are all three promises kept?  Landlock alone leaves datagrams and new processes."""
        return self.seccomp


def lock(writable: Sequence[str], without: Sequence[str]) -> Held:
    """Lock this process.  without: mechanisms to go without (`landlock`, `seccomp`), for tests."""
    reasons: Dict[str, str] = {}
    abi = 0
    if "landlock" in without:
        reasons["landlock"] = "no Landlock: switched off"
    else:
        abi, reasons["landlock"] = landlock.lock(writable)
    if "seccomp" in without:
        reasons["seccomp"] = "no seccomp: switched off"
    else:
        reasons["seccomp"] = seccomp.lock(abi)
    return Held(abi, not reasons["seccomp"], reasons)


def die_with(parent: int) -> None:
    """The kernel ends this process when its parent ends."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:  # it ended in between
        os._exit(0)


def trial(without: List[str]) -> Dict[str, Any]:
    """What a locked child really cannot do, tried in one: `network`, `processes`, `writes` are True where it is kept
    from it; `landlock`, `seccomp` and `rlimits` tell what did it or why it is missing."""
    folder = tempfile.mkdtemp(prefix="trial-")
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            found = tried(folder, without)
            os.write(writing, json.dumps(found).encode("ascii"))
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    os.waitpid(pid, 0)
    sweeping.remove(folder)
    found = json.loads(said.decode("ascii")) if said else {"seccomp": "the trial gave no answer"}
    found["rlimits"] = limits.known()
    return dict(found)


def tried(folder: str, without: List[str]) -> Dict[str, Any]:
    """In the child of the trial."""
    outside = os.path.join(os.path.dirname(folder), "outside")
    held = lock([folder, os.devnull], without)
    found = {
        "network": not possible(socket.socket)
        and not possible(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM)),
        "processes": not possible(fork) and not possible(lambda: os.execv("/nonexistent", ["x"])),
        "writes": not possible(lambda: open(outside, "w").close()),
        "landlock_on": held.landlock > 0 and possible(lambda: open(os.path.join(folder, "inside"), "w").close()),
        "landlock": held.reasons["landlock"] or "abi %d" % held.landlock,
        "seccomp": held.reasons["seccomp"] or "filter",
    }
    if os.path.exists(outside):
        os.unlink(outside)
    return found


def possible(action: Callable[[], Any]) -> bool:
    """Is it let through?  A file that is not there is no refusal."""
    try:
        action()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def fork() -> None:
    """A process that ends at once."""
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
