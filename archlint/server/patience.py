"""How much there is time for in a first answer: what takes longer is done behind it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

FIRST_ANSWER = 0.11
"""Processor seconds from the beginning of an analysis, after which further models are left for later."""

ALONE = 0.18
"""The same for the first model that is evaluated: better one that is up to date than none."""


@dataclass(slots=True)
class Patience:
    """What one page's analyses took.

    beside: seconds of rules for each second of evaluation.  behind: seconds of what comes after in any case.
    """

    beside: float = 0.6
    behind: float = 0.01
    _most: float = FIRST_ANSWER
    _begun: float = field(default_factory=time.thread_time)
    _asked: float | None = None
    _granted: int = 0

    def begin(self, most: float = FIRST_ANSWER) -> None:
        """An analysis begins, which is to take so many seconds."""
        self._most, self._begun, self._asked, self._granted = most, time.thread_time(), None, 0

    def in_time(self, seconds: float) -> bool:
        """Is there time to evaluate something that takes so many seconds?"""
        now = time.thread_time()
        self._asked = self._asked or now
        rules = (now - self._asked + seconds) * self.beside
        if self._granted or self._most <= FIRST_ANSWER:
            most = self._most if self._granted else ALONE
            granted = now - self._begun + seconds + rules + self.behind < most
        else:
            granted = True  # behind the first answer, each round gets on
        self._granted += granted
        return granted

    def learn(self, evaluation: float, rules: float) -> None:
        """It is over; these seconds went into models that were evaluated, and into rules on them."""
        if self._asked is not None:
            self.behind = max(time.thread_time() - self._asked - evaluation - rules, 0.0)
        if evaluation > 0.01:
            self.beside = (self.beside + rules / evaluation) / 2
