"""Functions of Python's library that configurations and position tables are computed with."""

from __future__ import annotations

import itertools
import keyword
import math
from typing import Any

from archlint.interp import imports, iterate, python_builtins
from archlint.interp.arguments import Arguments
from archlint.interp.budget import MAX_LOOP
from archlint.interp.evaluator import Evaluator
from archlint.interp.frame import Frame
from archlint.interp.python_builtins import Call
from archlint.values import ListValue, Reason, Unknown


def _product(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`itertools.product(range(h), range(w))`: every pair of places."""
    columns = [iterate.items(ev, value) for value in arguments.positional]
    known = [column for column in columns if not isinstance(column, Unknown)]
    times = arguments.keywords.get("repeat", 1)
    if len(known) < len(columns) or not isinstance(times, int) or arguments.open:
        return ListValue(None, Unknown(Reason.LOOP, "product", arguments.span))
    if math.prod(map(len, known)) ** times > MAX_LOOP:
        return ListValue(None, Unknown(Reason.BUDGET, "too many iterations", arguments.span))
    return ListValue(list(itertools.product(*known, repeat=times)))


def _environment(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`os.environ.get("USE_FLEXIBLE", "0")`: what the program does when nothing is set, as for other defaults."""
    return arguments.get(1, "default", Unknown(Reason.DATA, "an environment variable", arguments.span))


HANDLERS: dict[str, Call] = {
    "itertools.product": _product,
    "importlib.import_module": lambda ev, frame, given: imports.by_name(ev, frame, given),
    "keyword.iskeyword": python_builtins.on_constants(keyword.iskeyword, str),
    "os.environ.get": _environment,
    "os.getenv": _environment,
}
