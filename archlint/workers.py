"""Checks the files of a project in several processes; what comes out is what one process gives, file by file.

Each worker is handed one file after the other and keeps its project, so that what one file made it read and parse
serves the next.  A worker that dies costs the file it was at.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from archlint.options import RunOptions
from archlint.outcome import Outcome
from archlint.plugins import load_rules
from archlint.project import Project

if TYPE_CHECKING:
    from archlint.check import FileResult

FEW = 24
"""So many files are checked faster by one process than others are started."""

MOST = 16
"""Workers that are started unasked: each takes some hundred megabytes."""

Further: TypeAlias = "Callable[[Project, str, FileResult, RunOptions], Any]"
"""Makes more of what a file gave, where that is; what it gives is sent, and so is the function."""

Start: TypeAlias = Literal["fork", "spawn"]
Duplex: TypeAlias = "Connection[Any, Any]"


def default_start() -> Start:
    """Forked workers share what is imported and read; where that is not safe or not there, they start anew."""
    return "fork" if os.name == "posix" and os.uname().sysname == "Linux" else "spawn"


def start_of(name: str) -> Start:
    """A way to start, by its name."""
    return "fork" if name == "fork" else "spawn"


def number_of_workers(paths: Sequence[str], asked: int | None, start: Start) -> int:
    """How many processes are worth it; `asked` is what the user said."""
    if asked is not None:
        return max(1, min(asked, len(paths)))
    if len(paths) <= (FEW if start == "fork" else 2 * FEW):
        return 1
    return min(processors(), len(paths) // 8, MOST)


def processors() -> int:
    """Those that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    pipe: Duplex
    path: str = ""


def check_in_workers(
    project: Project, paths: Sequence[str], options: RunOptions, number: int, start: Start | None = None
) -> Iterator[Outcome]:
    """The outcome of each file, as they come.  The rules are loaded in this process."""
    return (outcome for outcome, _ in work_in_workers(project, paths, options, number, start))


def work_in_workers(
    project: Project,
    paths: Sequence[str],
    options: RunOptions,
    number: int,
    start: Start | None = None,
    further: Further | None = None,
) -> Iterator[tuple[Outcome, Any]]:
    """The outcome of each file, as they come, with what `further` makes of it; None where its worker was lost."""
    pending = sorted(paths, key=lambda path: len(project.read(path) or b""))  # the largest first: they are taken last
    gc.freeze()  # a collection in a worker would copy what it shares with the others
    workers: list[_Worker] = []
    try:
        while pending or any(worker.path for worker in workers):
            while pending and len(workers) < number:
                workers.append(_started(start or default_start(), project, options, further))
            for worker in workers:
                if pending and not worker.path:
                    worker.path = pending.pop()
                    with suppress(OSError):  # it died: that is seen when it should answer
                        worker.pipe.send(worker.path)
            busy = {worker.pipe: worker for worker in workers if worker.path}
            for pipe in wait(list(busy)):
                worker = busy[cast("Duplex", pipe)]
                answer = _answer(worker, options)
                if answer is not None:
                    worker.path = ""
                    yield answer
                if not worker.process.is_alive():
                    workers.remove(worker)
    finally:
        gc.unfreeze()
        for worker in workers:
            worker.process.terminate()
            worker.process.join()


def _started(start: Start, project: Project, options: RunOptions, further: Further | None) -> _Worker:
    context = multiprocessing.get_context("fork") if start == "fork" else multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    anew = start != "fork"
    given = project.fresh() if anew else project
    process = context.Process(target=_work, args=(there, given, None if anew else options, further), daemon=True)
    process.start()
    there.close()  # so that the death of the worker ends what is read from `here`
    return _Worker(process, here)


def _answer(worker: _Worker, options: RunOptions) -> tuple[Outcome, Any] | None:
    """What a worker sent: an outcome, what went wrong, or a question about options, which is answered."""
    try:
        sent = worker.pipe.recv()
    except (EOFError, OSError):
        worker.process.join()
        return _lost(worker), None
    if isinstance(sent, BaseException):
        raise sent
    question, path = sent
    if isinstance(question, Outcome):
        return question, path
    worker.pipe.send(options.of(path) if question == "of" else options.ignored(path))
    return None


def _lost(worker: _Worker) -> Outcome:
    code = worker.process.exitcode or 0
    why = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"
    return Outcome(worker.path, internal_errors=[f"{worker.path}: the process that checked it {why}"], whole=False)


def _work(pipe: Duplex, project: Project, options: RunOptions | None, further: Further | None) -> None:
    """A worker's life: a path comes in, an outcome goes out.  options: None in a process that was started anew."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends its workers
    if options is None:
        load_rules()
        options = RunOptions(of_file=_asking(pipe, "of"), ignored_in=_asking(pipe, "ignored"))
    while True:
        try:
            path = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            pipe.send(_checked(project, path, options, further))
        except Exception as error:
            pipe.send(error)


def _checked(project: Project, path: str, options: RunOptions, further: Further | None) -> tuple[Outcome, Any]:
    from archlint.check import check_one

    if further is None:
        return check_one(project, path, options), None
    made: list[Any] = []
    outcome = check_one(project, path, options, lambda at, result: made.append(further(project, at, result, options)))
    return outcome, made[0] if made else None


def _asking(pipe: Duplex, question: str) -> Callable[[str], Any]:
    """Options by path, as the parent knows them."""

    @cache
    def asked(path: str) -> Any:
        pipe.send((question, path))
        return pipe.recv()

    return asked
