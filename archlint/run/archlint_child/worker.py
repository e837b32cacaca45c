"""The zygote: imports a framework once, then forks a locked child for every target that the host sends.

Reads JSON lines on its standard input, answers JSON lines on the descriptor named by ARCHLINT_FD.  The body of a
result follows its line as so many bytes, exactly as the child wrote them: nothing of a child is parsed here.
"""

import importlib
import json
import os
import platform
import sys
import tempfile
import time
import warnings
from typing import Any, BinaryIO, Dict

from . import limits, lockdown, program, sweeping, watching

PACKAGE = __name__.rpartition(".")[0]


def main() -> None:
    """Serve until the host closes the requests, or is gone; then what was written is removed."""
    answers = os.fdopen(int(os.environ.pop("ARCHLINT_FD")), "wb")
    requests = os.fdopen(os.dup(0), "rb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.close(nothing)
    limits.of_zygote()
    warnings.simplefilter("ignore", DeprecationWarning)  # fork with threads, from Python 3.12 on
    folder = os.environ["TMPDIR"]
    try:
        header = json.loads(requests.readline().decode("utf-8"))
        side = begin(header, answers)
        if side is not None:
            serve(side, header, requests, answers)
    finally:
        sweeping.remove(folder)


def begin(header: Dict[str, Any], answers: BinaryIO) -> Any:
    """Import the framework and say so; the side that knows it, or None and why not."""
    sys.argv[:] = ["model.py"]
    limits.own_packages()
    try:
        side = side_of(header["framework"])
        name = str(side.setup(header))
    except Exception as exc:
        kind = "" if isinstance(exc, ImportError) else type(exc).__name__ + ": "
        tell(answers, {"ev": "missing", "reason": kind + (str(exc) or type(exc).__name__)})
        return None
    tell(answers, {
        "ev": "ready", "python": platform.python_version(), "framework": name,
        "isolation": lockdown.trial(header["without"]),
    })  # fmt: skip
    return side


def serve(side: Any, header: Dict[str, Any], requests: BinaryIO, answers: BinaryIO) -> None:
    """One request, one forked child, one answer."""
    files: Dict[str, str] = {}
    for line in iter(requests.readline, b""):
        target = json.loads(line.decode("utf-8"))
        files.update(target.pop("files", {}))
        folder = tempfile.mkdtemp(prefix="target-")
        begun = time.time()
        child = watching.Child(header["limits"])
        parent = os.getpid()
        child.pid = os.fork()
        if child.pid == 0:
            requests.close()
            answers.close()
            program.run(side, header, target, files, child, folder, parent)
        tell(answers, {"ev": "started", "id": target["id"], "pid": child.pid})
        ended = watching.wait(child, requests.fileno(), begun)
        sweeping.remove(folder)
        if ended is None:  # the host is gone
            return
        spent = {"seconds": round(time.time() - begun, 3), "cpu": round(ended.cpu, 3)}
        event = dict(spent, id=target["id"], stderr=ended.stderr)
        if ended.reason:
            tell(answers, dict(event, ev="died", reason=ended.reason, where=ended.where(files)))
        else:
            tell(answers, dict(event, ev="result", bytes=len(ended.body)), ended.body)


def side_of(framework: str) -> Any:
    """The module that knows a framework."""
    names = {"torch": "torch_side", "keras": "keras_side", "tf1": "tf1_side", "none": "plain_side"}
    return importlib.import_module("." + names[framework], PACKAGE)


def tell(answers: BinaryIO, event: Dict[str, Any], body: bytes = b"") -> None:
    """Write one event, and the body that belongs to it."""
    answers.write(json.dumps(event).encode("ascii") + b"\n" + body)
    answers.flush()
