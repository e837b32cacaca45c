"""Limits of one evaluation.  What runs out becomes unknown and is counted; it is never a finding."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

MAX_LOOP = 4096
MAX_NESTED = 10_000
"""Turns of all the loops inside one loop: for every point, for every point."""
MAX_DEPTH = 64
MAX_NODES = 20_000
MAX_ELEMENTS = 100_000
MAX_BITS = 4096
MAX_TEXT = 1_000_000
MAX_OPTIONS = 4
COLLECTED_AFTER = 50_000
"""Objects after which Python looks for rings among them; at its own 700, that is a third of the time."""


class BudgetExceeded(Exception):
    """The entry point took too long; what was understood so far stands."""


@contextmanager
def collecting_seldom() -> Iterator[None]:
    """Look for rings of objects that nobody holds less often: an evaluation makes many objects and few such rings."""
    before = gc.get_threshold()
    if 0 < before[0] < COLLECTED_AFTER:
        gc.set_threshold(COLLECTED_AFTER, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


@dataclass(slots=True)
class Budget:
    """Steps and processor seconds that one entry point may take, and seconds for all of a file."""

    max_steps: int = 2_000_000
    max_seconds: float = 8.0
    max_file_seconds: float = 100.0
    steps: int = 0
    started: float = field(default_factory=time.process_time)
    file_started: float = field(default_factory=time.process_time)

    def restart(self) -> None:
        """A fresh allowance for the next entry point."""
        self.steps = 0
        self.started = time.process_time()

    def spent(self) -> float:
        """Processor seconds that this entry point has taken."""
        return time.process_time() - self.started

    def step(self) -> None:
        """Count one statement or call; BudgetExceeded when the allowance is used up."""
        self.steps += 1
        if self.steps > self.max_steps:
            raise BudgetExceeded("too many steps")
        if self.steps & 63 == 0:
            self.check_time()

    def check_time(self) -> None:
        """BudgetExceeded when the time is up; asked before an import, too, whose parsing counts no steps."""
        now = time.process_time()
        if now - self.started > self.max_seconds or now - self.file_started > self.max_file_seconds:
            raise BudgetExceeded("it takes too much time")
