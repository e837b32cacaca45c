"""One task per file: a slow or broken one costs itself only."""

from __future__ import annotations

import os
import time

from benchmarks.pool import run


def work(task: str) -> str:
    if task == "slow":
        time.sleep(60)
    if task == "dies":
        os._exit(3)
    if task == "raises":
        raise ValueError("no")
    return task.upper()


def test_every_task_has_one_outcome() -> None:
    outcomes = {o.task: o for o in run(work, ["a", "slow", "raises", "dies", "b", "c"], workers=2, seconds=4)}
    assert {task: o.result for task, o in outcomes.items() if not o.failure} == {"a": "A", "b": "B", "c": "C"}
    assert outcomes["slow"].failure == "took too long"
    assert outcomes["raises"].failure == "ValueError: no"
    assert outcomes["dies"].failure == "the worker died"


def test_without_workers_the_tasks_run_here() -> None:
    outcomes = list(run(work, ["a", "raises"], workers=0, seconds=1))
    assert [(o.result, o.failure) for o in outcomes] == [("A", ""), (None, "ValueError: no")]
