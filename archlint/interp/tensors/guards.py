"""Tests by which a model refuses sizes, written down where the evaluation meets them.

    if h % 8 or w % 8: raise ValueError("…")        torch._assert(H % self.patch_size == 0, "…")

A guard is a place only, so that it needs no replay: equal blocks have the same.
"""

from __future__ import annotations

from archlint.interp.evaluator import Evaluator
from archlint.interp.python.frame import Frame
from archlint.source import ir
from archlint.source.walk import below


def refused(ev: Evaluator, frame: Frame, node: ir.If) -> None:
    """An `if` that is not decided: does one of its arms raise for what cannot be divided?"""
    if any(isinstance(arm[-1], ir.Raise) for arm in (node.body, node.orelse) if arm):
        asserted(ev, frame, node.test)


def asserted(ev: Evaluator, frame: Frame, test: ir.Expr) -> None:
    """`assert h % 32 == 0`, not decided."""
    divides = ev.memory.divides.get(id(test))
    if divides is None:
        divides = any(isinstance(part, ir.BinOp) and part.op in ("%", "//") for part in below(test))
        ev.memory.divides[id(test)] = divides
    if divides:
        ev.guards[frame.span(test)] = None


def called(ev: Evaluator, frame: Frame, node: ir.Expr) -> None:
    """A call whose value nobody takes: `torch._assert(…)`, `check(x.shape[-1] % 32 == 0, …)`."""
    if not isinstance(node, ir.Call):
        return
    compares = ev.memory.compares.get(id(node))
    if compares is None:
        compares = any(isinstance(part, ir.Compare) for arg in node.args for part in below(arg))
        ev.memory.compares[id(node)] = compares
    for arg in node.args if compares else ():
        asserted(ev, frame, arg.value)
