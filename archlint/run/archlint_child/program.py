"""The forked child: locks itself, runs one target, writes one answer and leaves."""

import builtins
import json
import os
import resource
import tempfile
import time
import traceback
from typing import Any, Dict, Sequence

from . import limits, lockdown, watching
from .job import Job

BROKEN, UNLOCKED, MUTE = 70, 71, 72
"""Exit codes: an error of ours; nothing could be locked; the program closed the pipe of its answer."""
SHOWN = 500
leave = os._exit  # by its own name: a program may replace the other


def run(
    side: Any, header: Dict[str, Any], target: Dict[str, Any], files: Dict[str, str], child: watching.Child,
    folder: str, parent: int,
) -> None:  # fmt: skip
    """Never returns.  folder: the one directory that may be written.  parent: whose end ends the child."""
    try:
        lockdown.die_with(parent)
        watching.enter(child)
        os.environ["TMPDIR"] = tempfile.tempdir = folder
        if not header["unsafe"]:
            show_files([os.path.dirname(target["path"]), header["cwd"]], folder)
        os.chdir(folder)
        limits.of_target(child.limits)
        held = lockdown.lock([folder, os.devnull], header["without"])
        if not (held.safe() or header["unsafe"]):
            leave(UNLOCKED)
        watching.explain(child)
        body = answer(side, header, target, files, float(child.limits["timeout"]))
        try:
            watching.write(child, json.dumps(body).encode("ascii"))
        except OSError:
            leave(MUTE)
    except BaseException:
        traceback.print_exc()
        leave(BROKEN)
    leave(0)


def show_files(places: Sequence[str], folder: str) -> None:
    """Links to the user's files: `open("config.yaml")` finds its file, `os.mkdir("checkpoints")` works all the same."""
    for place in places:
        try:
            for name in os.listdir(place)[:SHOWN]:
                if not os.path.lexists(os.path.join(folder, name)):
                    os.symlink(os.path.join(place, name), os.path.join(folder, name))
        except OSError:
            pass  # it cannot be read


def answer(
    side: Any, header: Dict[str, Any], target: Dict[str, Any], files: Dict[str, str], timeout: float
) -> Dict[str, Any]:
    """The body of the result."""
    begun = time.time()
    job = Job(header, target, files, getattr(side, "tensor", None), timeout)
    builtins._AL_ = job.recorder  # type: ignore[attr-defined]
    try:
        body: Dict[str, Any] = side.run(target, job)
    except BaseException as exc:
        body = {"failures": [job.failure(exc, "run")]}
    usage = resource.getrusage(resource.RUSAGE_SELF)
    body.setdefault("status", "ran" if body.get("runs") else "failed")
    body["mocked"] = sorted(set(body.get("mocked", [])) | set(job.mocked))
    body["notes"] = list(body.get("notes", [])) + job.notes
    if job.recorder.full:
        body["notes"].append("more than %d values: the later ones were not recorded" % job.recorder.mark())
    body["seconds"] = round(time.time() - begun, 3)
    body["cpu"] = round(usage.ru_utime + usage.ru_stime, 3)
    return body
