"""What stands for a function of a library: a function of ours, given the call's arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archlint.interp.evaluator import Evaluator
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import Frame
from archlint.values import Reason, Unknown

Call = Callable[[Evaluator, Frame, Arguments], Any]


def on_constants(function: Callable[..., Any], *kinds: type) -> Call:
    """A function on constants; anything else is unknown."""

    def apply(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
        unknown = Unknown(Reason.SYNTAX, getattr(function, "__name__", "call"), arguments.span)
        values = [*arguments.positional, *arguments.keywords.values()]
        for value in values:
            if isinstance(value, Unknown):
                return Unknown(value.why, value.about, value.where)
        if arguments.open or not all(isinstance(v, kinds) for v in values):
            return unknown
        try:
            return function(*arguments.positional, **arguments.keywords)
        except Exception:
            return unknown

    return apply
