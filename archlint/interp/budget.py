"""Limits of one evaluation.  What runs out becomes unknown and is counted; it is never a finding."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
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
LEAST_SECONDS = 0.5
"""Left to each entry point of a file whose others all take too much time, as dozens of one kind may do."""
LOOKS = 64
"""Steps between two looks at the clock."""
COLLECTED_AFTER = 50_000
"""Objects after which Python looks for rings among them; at its own 700, that is a third of the time."""


class BudgetExceeded(Exception):
    """The entry point took too long; what was understood so far stands."""


class Interrupted(BaseException):
    """Nobody wants the outcome any more.  No failure: what reports those, or makes up for them, lets it pass."""


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
    """Steps and processor seconds that one entry point may take, and seconds for all of a file.

    unwanted: is the outcome no longer wanted?  imports: how many are under way: what others use is not left half done.
    """

    max_steps: int = 2_000_000
    max_seconds: float = 8.0
    max_file_seconds: float = 100.0
    steps: int = 0
    started: float = field(default_factory=time.process_time)
    file_started: float = field(default_factory=time.process_time)
    unwanted: Callable[[], bool] | None = None
    imports: int = 0

    def restart(self) -> None:
        """A fresh allowance for the next entry point: half of it where the one before used up all of its own."""
        if self.spent() > self.max_seconds:
            self.max_seconds = max(self.max_seconds / 2, LEAST_SECONDS)
        self.steps = 0
        self.started = time.process_time()

    def spent(self) -> float:
        """Processor seconds that this entry point has taken."""
        return time.process_time() - self.started

    def step(self) -> None:
        """Count one statement or call; BudgetExceeded when the allowance is used up, Interrupted if it is in vain."""
        self.steps += 1
        if self.steps > self.max_steps:
            raise BudgetExceeded("too many steps")
        if self.steps % LOOKS == 0:
            self.check_time()

    def check_time(self) -> None:
        """BudgetExceeded when the time is up; asked before an import, too, whose parsing counts no steps."""
        now = time.process_time()
        if now - self.started > self.max_seconds or now - self.file_started > self.max_file_seconds:
            raise BudgetExceeded("it takes too much time")
        if self.unwanted is not None and not self.imports and self.unwanted():
            raise Interrupted
