"""Evaluation in a wide frame, with the collector asked less often: nothing of it is left behind."""

from __future__ import annotations

import gc

import pytest

from archlint.interp.reuse.memory import Memory, Slot, forget
from archlint.interp.room import with_room


def test_gives_what_it_runs_and_leaves_the_collector_as_it_was() -> None:
    before = gc.get_threshold()
    assert with_room(gc.get_threshold)[0] >= before[0]
    assert gc.get_threshold() == before


def test_an_error_comes_through_and_leaves_the_collector_as_it_was() -> None:
    before = gc.get_threshold()
    with pytest.raises(ZeroDivisionError):
        with_room(lambda: 1 // 0)
    assert gc.get_threshold() == before


def test_a_collector_that_is_switched_off_stays_so() -> None:
    before = gc.get_threshold()
    gc.set_threshold(0)
    try:
        assert with_room(gc.get_threshold)[0] == 0
    finally:
        gc.set_threshold(*before)


def test_calls_that_no_late_entry_point_made_again_are_dropped() -> None:
    memory = Memory(slots={"old": Slot(), "used": Slot()})
    for _ in range(40):
        memory.slots["used"].last = memory.entry_points
        forget(memory)
    assert list(memory.slots) == ["used"]
