"""One child process that has a framework loaded: how it is started, asked and ended."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from typing import IO, Any

from archlint.run.archlint_child import sweeping

LARGEST_LINE = 1 << 20
LARGEST_ANSWER = 65 << 20
LAST_OUTPUT = 20_000
_CHUNK = 1 << 16

# Only the package's own folder is looked up beside the program; `sys.path` is then as the interpreter made it.
LAUNCH = """\
import sys
if sys.version_info < (3, 6): sys.exit("Python %d.%d is too old: models run on 3.6 and later" % sys.version_info[:2])
sys.path[0] = {folder!r}
import archlint_child
del sys.path[0]
from archlint_child import worker
worker.main()
"""

# What an interpreter may need to start; all else stays here: keys, tokens, proxies, PYTHON* of the user.
KEPT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LANG", "LC_ALL", "KERAS_BACKEND")
GIVEN = {
    "HOME": "/nonexistent",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONIOENCODING": "utf-8",
    "CUDA_VISIBLE_DEVICES": "",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "HF_HUB_OFFLINE": "1",
    "WANDB_MODE": "disabled",
    "MPLBACKEND": "Agg",
    "SDL_VIDEODRIVER": "dummy",
}


class Ended(Exception):
    """There is no answer, and the process has to be ended: the text says why in a few words."""


@dataclass(slots=True)
class Zygote:
    """A running child process, in a session and a temporary directory of its own.

    target: process group of the forked child that is running now, 0 for none.
    """

    process: subprocess.Popen[bytes]
    answers: int
    folder: str
    target: int = 0
    unread: bytearray = field(default_factory=bytearray)
    stderr: bytearray = field(default_factory=bytearray)


def start(python: str) -> Zygote:
    """Start an interpreter.  Raises OSError when there is none."""
    folder = tempfile.mkdtemp(prefix="archlint-")
    answers, writing = os.pipe()
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    environment |= GIVEN | {"TMPDIR": folder, "ARCHLINT_FD": str(writing)}
    launch = LAUNCH.format(folder=os.path.dirname(os.path.abspath(__file__)))
    try:
        process = subprocess.Popen(
            [python, "-s", "-B", "-c", launch],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            pass_fds=(writing,),
            env=environment,
            cwd=folder,
            start_new_session=True,
        )
    except OSError:
        os.close(answers)
        os.rmdir(folder)
        raise
    finally:
        os.close(writing)
    return Zygote(process, answers, folder)


def ask(zygote: Zygote, message: dict[str, Any], seconds: float) -> tuple[dict[str, Any], bytes]:
    """Send one line; the event that answers it, and its body.  Raises Ended."""
    until = time.monotonic() + seconds
    unsent = memoryview(json.dumps(message).encode("ascii") + b"\n")
    while True:
        unsent = exchange(zygote, unsent, until)
        while (found := taken(zygote)) is not None:
            event, body = found
            if event.get("ev") != "started":
                zygote.target = 0
                return event, body
            pid = event.get("pid")
            zygote.target = pid if isinstance(pid, int) else 0


def exchange(zygote: Zygote, unsent: memoryview, until: float) -> memoryview:
    """Wait until something can be written or read, and do it; what is left to send.  Raises Ended."""
    if time.monotonic() >= until:
        raise Ended("no answer in time")
    stdin, stderr = pipe(zygote.process.stdin), pipe(zygote.process.stderr)
    with selectors.DefaultSelector() as selector:
        selector.register(zygote.answers, selectors.EVENT_READ)
        selector.register(stderr, selectors.EVENT_READ)
        if unsent:
            os.set_blocking(stdin.fileno(), False)
            selector.register(stdin, selectors.EVENT_WRITE)
        ready = {key.fd for key, _ in selector.select(max(0.0, until - time.monotonic()))}
    if stdin.fileno() in ready and unsent:
        try:
            unsent = unsent[os.write(stdin.fileno(), unsent[:_CHUNK]) :]
        except BlockingIOError:
            pass
        except BrokenPipeError:
            unsent = unsent[:0]  # its last words are still to be read
    if stderr.fileno() in ready:
        data = os.read(stderr.fileno(), _CHUNK)
        zygote.stderr[:] = (zygote.stderr + data)[-LAST_OUTPUT:]
    if zygote.answers in ready:
        data = os.read(zygote.answers, _CHUNK)
        if not data:
            raise Ended(why_it_ended(zygote))
        zygote.unread += data
        if len(zygote.unread) > LARGEST_ANSWER + LARGEST_LINE:
            raise Ended("its answer is too long")
    return unsent


def taken(zygote: Zygote) -> tuple[dict[str, Any], bytes] | None:
    """The next complete event of what was read, with its body.  Raises Ended."""
    end = zygote.unread.find(b"\n")
    if end < 0:
        if len(zygote.unread) > LARGEST_LINE:
            raise Ended("garbled answer")
        return None
    try:
        event = json.loads(zygote.unread[:end])
    except (ValueError, RecursionError):
        raise Ended("garbled answer") from None
    size = event.get("bytes", 0) if isinstance(event, dict) else -1
    if not (isinstance(size, int) and 0 <= size <= LARGEST_ANSWER):
        raise Ended("garbled answer")
    if len(zygote.unread) < end + 1 + size:
        return None
    body = bytes(zygote.unread[end + 1 : end + 1 + size])
    del zygote.unread[: end + 1 + size]
    return event, body


def why_it_ended(zygote: Zygote) -> str:
    """How a process that closed its answers ended."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        zygote.process.wait(2)
    code = zygote.process.returncode
    if code is None:
        return "closed its answers"
    return f"signal {-code} ({signal.strsignal(-code)})" if code < 0 else f"exited with code {code}"


def last_line(zygote: Zygote) -> str:
    """The last line it wrote to its standard error."""
    with contextlib.suppress(OSError):
        stderr = pipe(zygote.process.stderr)
        os.set_blocking(stderr.fileno(), False)
        while data := os.read(stderr.fileno(), _CHUNK):
            zygote.stderr[:] = (zygote.stderr + data)[-LAST_OUTPUT:]
    lines = [line.strip() for line in zygote.stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    return lines[-1] if lines else ""


def end(zygote: Zygote) -> None:
    """End it and all it started, and remove its directory."""
    for group in (zygote.target, zygote.process.pid):
        if group > 1:
            with contextlib.suppress(OSError):
                os.killpg(group, signal.SIGKILL)
    for stream in (zygote.process.stdin, zygote.process.stderr):
        with contextlib.suppress(OSError):
            pipe(stream).close()
    zygote.process.wait()
    os.close(zygote.answers)
    sweeping.remove(zygote.folder)


def pipe(stream: IO[bytes] | None) -> IO[bytes]:
    """A pipe that was asked for."""
    assert stream is not None
    return stream
