"""Run one task per file in worker processes; a task that takes too long costs itself, not the run."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any


@dataclass(slots=True)
class Outcome:
    """What one task gave: `result`, or `failure` in words."""

    task: Any
    result: Any = None
    failure: str = ""


@dataclass(slots=True)
class _Worker:
    process: Any
    pipe: Connection
    task: Any = None
    deadline: float = 0.0
    done: int = 0


LIVES = 12
"""A worker is replaced after so many tasks, to give memory back."""


def run(work: Callable[[Any], Any], tasks: Sequence[Any], workers: int, seconds: float) -> Iterator[Outcome]:
    """Outcomes in the order in which they come in; without workers the tasks run here, one after another."""
    if workers < 1:
        yield from (_here(work, task) for task in tasks)
        return
    context = multiprocessing.get_context("spawn")
    left = list(reversed(tasks))
    crew: list[_Worker] = []
    try:
        while left or any(w.deadline for w in crew):
            while left and len(crew) < workers:
                crew.append(_hire(context, work))
            for worker in crew:
                if left and not worker.deadline:
                    worker.task = left.pop()
                    worker.deadline = time.monotonic() + seconds
                    worker.pipe.send(worker.task)
            yield from _collect(crew)
    finally:
        for worker in crew:
            _dismiss(worker)


def _here(work: Callable[[Any], Any], task: Any) -> Outcome:
    try:
        return Outcome(task, work(task))
    except Exception as error:
        return Outcome(task, failure=f"{type(error).__name__}: {error}")


def _hire(context: Any, work: Callable[[Any], Any]) -> _Worker:
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, work), daemon=True)
    process.start()
    theirs.close()
    return _Worker(process, ours)


def _serve(pipe: Connection, work: Callable[[Any], Any]) -> None:
    while True:
        try:
            task = pipe.recv()
        except EOFError:
            return
        outcome = _here(work, task)
        pipe.send((outcome.result, outcome.failure))


def _collect(crew: list[_Worker]) -> Iterator[Outcome]:
    """Take what is ready, end what is overdue; workers that are spent leave the crew."""
    busy = [w for w in crew if w.deadline]
    pause = max(0.0, min(w.deadline for w in busy) - time.monotonic()) if busy else 0.0
    ready = wait([w.pipe for w in busy], pause)
    for worker in busy:
        if worker.pipe in ready:
            try:
                result, failure = worker.pipe.recv()
            except (EOFError, OSError):
                result, failure, worker.done = None, "the worker died", LIVES
        elif time.monotonic() >= worker.deadline:
            result, failure, worker.done = None, "took too long", LIVES
        else:
            continue
        task, worker.deadline = worker.task, 0.0
        worker.done += 1
        if worker.done >= LIVES:
            crew.remove(worker)
            _dismiss(worker)
        yield Outcome(task, result, failure)


def _dismiss(worker: _Worker) -> None:
    worker.pipe.close()
    worker.process.terminate()
    worker.process.join()
