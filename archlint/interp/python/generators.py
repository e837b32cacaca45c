"""What a generator function gives: its values in order, those of undecided arms perhaps, of open loops nothing."""

from __future__ import annotations

from typing import Any

from archlint.interp.evaluator import Evaluator
from archlint.interp.python import among
from archlint.interp.python.frame import Frame
from archlint.values import ListValue, Reason, Unknown


def give(ev: Evaluator, frame: Frame, values: list[Any]) -> None:
    """`yield nn.Linear(8, 8)`."""
    arms = ev.branches[frame.entered :]
    if any(test in ev.loops for test, _ in arms):
        frame.yields_open = True
    frame.yields += [(value, not arms) for value in values]


def give_all(ev: Evaluator, frame: Frame, values: list[Any] | Unknown) -> None:
    """`yield from layers`."""
    if isinstance(values, Unknown):
        frame.yields_open = True
    else:
        give(ev, frame, values)


def made(frame: Frame) -> ListValue:
    """What a call of the function gives, as a list."""
    if frame.yields_open:
        return ListValue(None, Unknown(Reason.LOOP, "what a loop of unknown length yields"))
    return among.listed(among.UNDECIDED, frame.yields)
