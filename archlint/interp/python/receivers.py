"""What of a method its receiver takes: `@staticmethod def forward(x)` has no `self`."""

from __future__ import annotations

from typing import Any

from archlint.interp.evaluator import Evaluator
from archlint.interp.python import functions
from archlint.interp.python.arguments import Arguments
from archlint.source import ir
from archlint.values import Function


def invoke(ev: Evaluator, function: Function, arguments: Arguments, receiver: Any) -> Any:
    """Call a function that was found in the class of `receiver`."""
    if _is_static(function):
        return functions.invoke(ev, function, arguments)
    return functions.invoke(ev, function, arguments.behind(receiver), receiver)


def params(function: Function) -> list[ir.Param]:
    """The parameters that a call of the method gives."""
    return function.node.params if _is_static(function) else function.node.params[1:]


def _is_static(function: Function) -> bool:
    return function.attrs.get("__kind__") == "staticmethod"
