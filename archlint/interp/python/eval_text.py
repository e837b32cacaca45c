"""`eval("ReLU")`: a name that is written as text."""

from __future__ import annotations

import re
from typing import Any

from archlint.interp.evaluator import Evaluator
from archlint.interp.python import attribute, call, functions
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import Frame
from archlint.values import Reason, Unknown

_DOTTED = re.compile(r"\s*([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*(\(\s*\))?\s*")


def evaluate(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """A dotted name, or a call of it with nothing; any other text is not followed."""
    text = arguments.get(0, "source")
    found = _DOTTED.fullmatch(text) if isinstance(text, str) else None
    if found is None or len(arguments.positional) > 1:
        return Unknown(Reason.SYNTAX, "eval", arguments.span)
    head, *rest = found[1].split(".")
    value = functions.look_up(ev, frame, head)
    for name in rest:
        value = attribute.get(ev, frame, value, name, arguments.span)
    return call.call(ev, frame, value, Arguments([], {}, arguments.span)) if found[2] else value
