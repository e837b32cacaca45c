"""Runs targets in child processes, one that holds the framework and a forked one for each target.

A child runs a stranger's code.  It is let run only where the kernel keeps all three promises: it reaches no network,
starts no process, and writes nowhere but in a private directory that is gone afterwards (`archlint_child.lockdown`
has what keeps them: Linux with seccomp; Landlock, where there is one, gives it that directory, else it writes
nowhere).  Elsewhere (macOS, Windows, old or restricted kernels) nothing is run unless `Settings.unsafe` says so.
It may read what the user may read, but has no way to hand it on: an answer holds shapes, numbers and messages, its
size is limited, and what the program prints is thrown away.  The framework itself is trusted: it is imported before
anything is locked, from the interpreter's own packages, never from the user's folders.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Protocol

from archlint.run import wire, zygote
from archlint.run.records import Outcome, Settings, Target
from archlint.run.zygote import Zygote

START = 300.0
"""Seconds for importing a framework."""
GRACE = 10.0
"""Seconds that the zygote has for ending a child by itself."""


class Rewritten(Protocol):
    """An instrumented file."""

    @property
    def text(self) -> str:
        """What the child runs."""
        ...


@dataclass(slots=True)
class Held:
    """A zygote and what it has been sent; a reason instead of one where it cannot start."""

    zygote: Zygote | None = None
    sent: set[str] = field(default_factory=set)
    missing: str = ""


@dataclass(slots=True)
class Children:
    """The child processes of a session, one per framework, started when first asked for.

    frameworks: version of each, or why it is missing.  isolation: one line on what the system enforces.
    without: mechanisms treated as absent (`landlock`, `seccomp`), to test what happens where they are.
    """

    settings: Settings
    without: tuple[str, ...] = ()
    frameworks: dict[str, str] = field(default_factory=dict)
    python: str = ""
    isolation: str = ""
    held: dict[str, Held] = field(default_factory=dict)

    def __enter__(self) -> Children:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End every process and remove every directory."""
        for held in self.held.values():
            stop(held)

    def run(self, target: Target, files: Mapping[str, Rewritten]) -> Outcome:
        """Build and call one target, whose instrumented files have the child's absolute paths.  Never raises."""
        held = self.held.setdefault(target.framework, Held())
        if held.zygote is not None and held.zygote.process.poll() is not None:
            stop(held)  # it ended since the last target, which is not the fault of this one
        if held.zygote is None and not held.missing:
            begin(self, target.framework, held)
        if held.zygote is None:
            return Outcome(target.id, "missing", held.missing)
        fresh = {path: file.text for path, file in files.items() if path not in held.sent}
        try:
            message = wire.request(target, fresh)
        except TypeError as exc:
            return Outcome(target.id, "missing", str(exc))
        try:
            event, body = zygote.ask(held.zygote, message, self.settings.timeout + GRACE)
            held.sent |= set(fresh)
            return answered(target, event, body)
        except zygote.Ended as exc:
            reason = f"the process that ran it ended: {exc}"
            stop(held)
            return Outcome(target.id, "died", reason)
        except BaseException:  # Ctrl-C
            stop(held)
            raise


def begin(children: Children, framework: str, held: Held) -> None:
    """Start a zygote and let it import its framework; else say in `missing` why there is none."""
    settings = children.settings
    if not hasattr(os, "fork"):
        held.missing = "models can only be run on systems that can fork a process (Linux, macOS)"
        return
    try:
        made = held.zygote = zygote.start(settings.python)
    except OSError as exc:
        held.missing = f"cannot start the interpreter {settings.python}: {exc.strerror or exc}"
        return
    try:
        ready, _ = zygote.ask(made, wire.header(framework, settings, children.without), START)
        learn(children, framework, held, ready)
    except (zygote.Ended, wire.Garbled) as exc:
        said = wire.text(zygote.last_line(made))
        name = "" if framework == "none" else f" while importing {framework}"
        held.missing = f"{settings.python} ended{name}: {exc}" + (f" ({said})" if said else "")
    except BaseException:
        stop(held)
        raise
    if held.missing:
        children.frameworks[framework] = held.missing
        stop(held)


def learn(children: Children, framework: str, held: Held, ready: Mapping[str, Any]) -> None:
    """What a zygote says of itself; it must not go on where its children cannot be locked.  Raises Garbled."""
    if ready.get("ev") == "missing":
        held.missing = wire.text(ready.get("reason"))
        return
    if ready.get("ev") != "ready" or not isinstance(ready.get("isolation"), dict):
        raise wire.Garbled("garbled answer")
    children.frameworks[framework] = wire.text(ready.get("framework"))
    children.python = wire.text(ready.get("python"))
    children.isolation = isolation_line(ready["isolation"])
    if open_doors(ready["isolation"]) and not children.settings.unsafe:
        held.missing = f"{children.isolation}; --unsafe-exec runs it all the same"


DOORS = {
    "network": "reach the network",
    "processes": "start processes",
    "writes": "write outside of its own directory",
}


def open_doors(isolation: Mapping[str, Any]) -> list[str]:
    """What a model could do."""
    return [words for door, words in DOORS.items() if isolation.get(door) is not True]


def isolation_line(isolation: Mapping[str, Any]) -> str:
    """What is enforced, in one line: tried by the zygote, not taken from the kernel's version."""
    open_ = open_doors(isolation)
    if not open_:
        where = "only in a private directory" if isolation.get("landlock_on") is True else "nowhere"
        return f"locked: no network, no new processes, writes {where}"
    reasons = [wire.text(isolation.get(name, "")) for name in ("seccomp", "landlock")]
    said = "; ".join(reason for reason in reasons if reason)
    return f"this system cannot lock a model: it could {', '.join(open_)} ({said})"


def answered(target: Target, event: Mapping[str, Any], body: bytes) -> Outcome:
    """The outcome that an event tells."""
    if event.get("id") != target.id:
        raise zygote.Ended("garbled answer")
    seconds, cpu = wire.seconds(event.get("seconds")), wire.seconds(event.get("cpu"))
    try:
        said = last_words(event.get("stderr"))
        if event.get("ev") == "result":
            outcome = wire.outcome(target.id, body)
            if said and outcome.failures and outcome.failures[0].type == "SystemExit":
                outcome.notes += (said,)  # what `argparse` asks for
            return outcome
        reason = wire.text(event.get("reason")) + place(event.get("where"))
    except wire.Garbled:
        return Outcome(target.id, "died", "garbled answer", seconds=seconds, cpu=cpu)
    return Outcome(target.id, "died", reason, notes=(said,) if said else (), seconds=seconds, cpu=cpu)


def place(where: Any) -> str:
    """` in forward, model.py line 9`, where the interpreter could tell."""
    match where:
        case [str(file), int(line), str(function)]:
            return f" in {wire.text(function)}, {os.path.basename(wire.text(file))} line {line}"
    return ""


# What faulthandler writes, and where it writes it.
_TRACE = re.compile(
    r'^(Fatal Python error|Current thread|Thread 0x|Timeout \(|Stack \(|  File "|  \.\.\.|Extension modules:|\s*$)'
)


def last_words(stderr: Any) -> str:
    """The last line the program itself wrote to its standard error, e.g. what a C++ library said when it aborted."""
    lines = [line for line in (stderr if isinstance(stderr, str) else "").splitlines() if not _TRACE.match(line)]
    return f"last output: {wire.text(lines[-1][:200].strip())}" if lines else ""


def stop(held: Held) -> None:
    """End a zygote, if there is one; the next target starts another."""
    made, held.zygote = held.zygote, None
    held.sent.clear()
    if made is not None:
        with contextlib.suppress(OSError):
            zygote.end(made)
